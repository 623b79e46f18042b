import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { judge } from '../../src/appspec/judge.js'
import { openDefects } from '../../src/archive/defects.js'
import { readTar } from '../../src/archive/tar.js'
import { tell, verdictOf } from '../appspec/bundle.js'
import { APPSPEC, judgeArchive, pax, SCRIPT, tar, withArchive, zip } from './make.js'
import type { Made } from './make.js'

const good = [APPSPEC, SCRIPT]
const withEntry = (...entries: Made[]): Buffer => tar([...good, ...entries])
const flip = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 0xff
  return copy
}

const packed = gzipSync(tar(good))
const TARS: [string, string, Buffer, 'take' | 'refuse', RegExp][] = [
  ['a plain one', 'b.tar', tar(good), 'take', /^$/],
  ['compressed, as .tgz', 'b.tgz', packed, 'take', /^$/],
  ['compressed, as .tar.gz', 'b.tar.gz', packed, 'take', /^$/],
  [
    'in one folder',
    'b.tar',
    tar(good.map((entry) => ({ ...entry, name: `app/${String(entry.name)}` }))),
    'take',
    /is in the folder app/
  ],
  [
    'with ./ before the names',
    'b.tar',
    tar([
      { name: './', type: '5', mode: 0o755 },
      ...good.map((entry) => ({ ...entry, name: `./${String(entry.name)}` }))
    ]),
    'take',
    /^$/
  ],
  [
    'an entry through a link that leads out',
    'b.tar',
    withEntry({ name: 'sl', type: '2', link: '/tmp' }, { name: 'sl/evil', text: 'x' }),
    'refuse',
    /sl as a link that leads out/
  ],
  ['without the blocks at its end', 'b.tar', tar(good).subarray(0, -1024), 'take', /^$/],
  ['truncated in an entry', 'b.tar', tar(good).subarray(0, 700), 'refuse', /ends in the middle of an entry/],
  ['truncated in a header', 'b.tar', tar(good).subarray(0, 1200), 'refuse', /ends in the middle of a header/],
  ['a damaged header', 'b.tar', flip(tar(good), 1030), 'refuse', /a header in it is damaged/],
  ['a truncated gzip', 'b.tgz', packed.subarray(0, -9), 'refuse', /damaged or truncated/],
  ['a wrong gzip checksum', 'b.tgz', flip(packed, packed.length - 6), 'refuse', /damaged or truncated/],
  [
    'bytes after the gzip data',
    'b.tgz',
    Buffer.concat([packed, Buffer.from('more')]),
    'refuse',
    /compressed data is damaged/
  ],
  ['zeros after the gzip data', 'b.tgz', Buffer.concat([packed, Buffer.alloc(700)]), 'take', /^$/],
  ['a name with ..', 'b.tar', withEntry({ name: 'a/../x' }), 'refuse', /contains “..”, which tar refuses/],
  ['an absolute name', 'b.tar', withEntry({ name: '/x' }), 'take', /which tar removes/],
  ['a hard link', 'b.tar', withEntry({ name: 'x', type: '1', link: 'run.sh' }), 'take', /^$/],
  [
    'a hard link to nothing',
    'b.tar',
    withEntry({ name: 'x', type: '1', link: 'nope' }),
    'refuse',
    /hard link to nope/
  ],
  ['a device', 'b.tar', withEntry({ name: 'x', type: '3' }), 'take', /device or pipe/],
  [
    'a link out of the bundle',
    'b.tar',
    withEntry({ name: 'x', type: '2', link: '../y' }),
    'take',
    /outside the bundle/
  ],
  ['a repeated name', 'b.tar', withEntry(SCRIPT), 'take', /more than once/],
  [
    'a folder that becomes a file',
    'b.tar',
    withEntry({ name: 'x', type: '5' }, { name: 'x', text: 'y' }),
    'take',
    /more than once/
  ],
  [
    'a path that is both a nonempty folder and a file',
    'b.tar',
    withEntry({ name: 'x/y' }, { name: 'x', text: 'y' }),
    'refuse',
    /both as a folder and as a file/
  ],
  ['a tar named .zip', 'b.zip', tar(good), 'refuse', /named b.zip, but it is a tar/],
  ['a zip named .tar', 'b.tar', zip(good), 'refuse', /it is a zip/],
  ['an uncompressed tar named .tgz', 'b.tgz', tar(good), 'refuse', /it is a tar/],
  ['a compressed tar named .tar', 'b.tar', packed, 'take', /gzip-compressed tar. Rename it to .tgz/],
  ['not an archive', 'b.zip', Buffer.from('hello'), 'refuse', /neither a zip nor a tar/],
  ['an empty file', 'b.zip', Buffer.alloc(0), 'refuse', /the file is empty/],
  ['xz', 'b.tar', Buffer.from('fd377a585a00', 'hex'), 'refuse', /does not support/],
  ['a name without an extension', 'bundle', zip(good), 'take', /^$/]
]

describe('tar', () => {
  test.each(TARS)('%s', async (_name, file, bytes, verdict, expected) => {
    const findings = await judgeArchive(file, bytes)
    expect(tell(findings)).toMatch(expected)
    expect(verdictOf(findings)).toBe(verdict)
  })
})

const long = `${'a'.repeat(120)}/${'b'.repeat(120)}.txt`
const LONG_NAMES: [string, Made[]][] = [
  [
    'pax',
    [
      { name: 'x', type: 'x', text: pax('path', long) },
      { name: 'short', text: 'z' }
    ]
  ],
  [
    'GNU',
    [
      { name: '././@LongLink', type: 'L', text: `${long}\0` },
      { name: 'short', text: 'z' }
    ]
  ]
]

test.each(LONG_NAMES)('reads long names in %s format', async (_name, entries) => {
  await withArchive('b.tgz', gzipSync(tar(entries)), async ({ view, findings, bundleType }) => {
    expect([bundleType, findings]).toEqual(['tgz', []])
    expect(view.entries.filter(({ kind }) => kind === 'file').map(({ path }) => path)).toEqual([long])
    expect(String(await view.read(long, 1_048_576))).toBe('z')
  })
})

test('reads files that were not kept in a second pass over the archive', async () => {
  const text = 'long '.repeat(40_000)
  await withArchive(
    'b.tgz',
    gzipSync(
      tar([
        { name: 'x', text },
        { name: 'a/b/c/d', text: 'deep' }
      ])
    ),
    async ({ view }) => {
      expect(String(await view.read('x', 1_048_576))).toBe(text)
      expect(String(await view.read('x', 9))).toBe('long long')
      expect(String(await view.read('a/b/c/d', 1_048_576))).toBe('deep')
    }
  )
})

test('keeps small files that may be pointers of Git LFS, however deep, so that a second pass is not needed for them', async () => {
  const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${'7'.repeat(64)}\nsize 9000\n`
  let passes = 0
  const bytes = tar([...good, { name: 'a/b/c/d/e.png', text }])
  const pieces = async function* (): AsyncIterable<Buffer> {
    passes += 1
    await Promise.resolve()
    yield bytes
  }
  const { view } = await readTar(pieces, openDefects())
  expect(await judge(view)).toEqual([
    expect.objectContaining({
      file: 'a/b/c/d/e.png',
      message: expect.stringMatching(/^This is a pointer of Git LFS/)
    })
  ])
  expect(passes).toBe(1)
})
