import { describe, expect, test } from '@jest/globals'
import { tell, verdictOf } from '../appspec/bundle.js'
import { APPSPEC, judgeArchive, SCRIPT, withArchive, zip } from './make.js'
import type { Made } from './make.js'

const good = [APPSPEC, SCRIPT]
const withEntry = (entry: Made): Buffer => zip([...good, entry])
const cut = (bytes: Buffer, end: number): Buffer => bytes.subarray(0, bytes.length + end)
const name = (text: string, host = 3): Buffer => withEntry({ name: text, text: 'x', host })

const ZIPS: [string, Buffer, 'take' | 'refuse', RegExp][] = [
  ['a plain one', zip(good), 'take', /^$/],
  ['stored', zip(good.map((entry) => ({ ...entry, method: 0 }))), 'take', /^$/],
  ['with data descriptors', zip(good, { stream: true }), 'take', /^$/],
  ['zip64', zip(good, { zip64: true }), 'take', /^$/],
  ['with folders', zip([{ name: 'x/', mode: 0o40755 }, ...good]), 'take', /^$/],
  [
    'in one folder',
    zip(good.map((entry) => ({ ...entry, name: `app/${String(entry.name)}` }))),
    'take',
    /is in the folder app/
  ],
  ['with __MACOSX', zip([...good, { name: '__MACOSX/._x' }]), 'take', /contains the __MACOSX folder/],
  ['without entries', zip([]), 'refuse', /no appspec.yml/],
  ['truncated at the end', cut(zip(good), -5), 'refuse', /has no end record/],
  ['truncated in the middle', cut(zip(good), -120), 'refuse', /has no end record/],
  [
    'with its start missing',
    Buffer.concat([zip(good).subarray(20)]),
    'refuse',
    /its directory points outside the file/
  ],
  [
    'after other bytes',
    Buffer.concat([Buffer.from('#!/bin/sh\n'), zip(good)]),
    'take',
    /10 bytes precede the archive/
  ],
  ['before other bytes', Buffer.concat([zip(good), Buffer.from('more')]), 'take', /^$/],
  ['a wrong checksum', withEntry({ name: 'x', text: 'y', crc: 1 }), 'refuse', /x has the wrong checksum/],
  [
    'a wrong size',
    withEntry({ name: 'x', text: 'y', size: 7 }),
    'refuse',
    /x has 1 bytes, but the directory states 7/
  ],
  ['an encrypted entry', withEntry({ name: 'x', text: 'y', flags: 1 }), 'refuse', /encrypted/],
  [
    'LZMA',
    withEntry({ name: 'x', text: 'y', method: 14 }),
    'refuse',
    /compressed with method 14, which the agent cannot/
  ],
  [
    'bzip2',
    withEntry({ name: 'x', text: 'y', method: 12 }),
    'take',
    /compressed with method 12, which unzip may support/
  ],
  ['a name with ..', name('../x'), 'take', /contains “..”/],
  ['an absolute name', name('/etc/x'), 'take', /starts with a slash/],
  ['backslashes from Windows', name('a\\b', 0), 'take', /backslashes/],
  ['a backslash from Unix', name('a\\b'), 'take', /^$/],
  ['a non-ASCII name', withEntry({ name: 'é', text: 'x' }), 'take', /^$/],
  [
    'the same without the Unicode flag',
    withEntry({ name: 'é', text: 'x', flags: 0 }),
    'take',
    /not marked as Unicode/
  ],
  ['the same from Windows', withEntry({ name: 'é', text: 'x', host: 0 }), 'take', /garbles them/],
  ['a repeated name', withEntry(SCRIPT), 'take', /more than once/],
  [
    'a file with entries in it',
    zip([...good, { name: 'x', text: 'y' }, { name: 'x/z', text: 'y' }]),
    'refuse',
    /also entries in it/
  ],
  [
    'a path that is both a folder and a file',
    zip([...good, { name: 'x/z', text: 'y' }, { name: 'x', text: 'y' }]),
    'refuse',
    /both as a folder and as a file/
  ],
  ['no permissions', withEntry({ name: 'x', mode: 0o100000 }), 'take', /no permission bits/],
  ['a device', withEntry({ name: 'x', mode: 0o020644 }), 'take', /device, pipe or socket/],
  [
    'a link out of the bundle',
    withEntry({ name: 'x', text: '../../y', mode: 0o120777 }),
    'take',
    /outside the bundle/
  ],
  [
    'a link to a file of the server',
    withEntry({ name: 'x', text: '/etc/passwd', mode: 0o120777 }),
    'take',
    /points to \/etc\/passwd/
  ]
]

describe('zip', () => {
  test.each(ZIPS)('%s', async (_name, bytes, verdict, expected) => {
    const findings = await judgeArchive('bundle.zip', bytes)
    expect(tell(findings)).toMatch(expected)
    expect(verdictOf(findings)).toBe(verdict)
  })
})

test('lists what unzip leaves on the server', async () => {
  const entries = [
    APPSPEC,
    { name: './a//b.txt', text: 'x', mode: 0o100600 },
    { name: 'a/link', text: 'b.txt', mode: 0o120777 },
    { name: 'c;1\n', text: '', host: 0 },
    { name: 'd/', mode: 0o40700 }
  ]
  await withArchive('bundle.zip', zip(entries), async ({ view, bundleType, size }) => {
    expect(bundleType).toBe('zip')
    expect(size).toBe(zip(entries).length)
    expect(
      view.entries.map(({ path, kind, mode, target }) => [path, kind, mode.toString(8), target])
    ).toEqual([
      ['appspec.yml', 'file', '644', undefined],
      ['a', 'directory', '755', undefined],
      ['a/b.txt', 'file', '600', undefined],
      ['a/link', 'symlink', '777', 'b.txt'],
      ['c', 'file', '644', undefined],
      ['d', 'directory', '700', undefined]
    ])
    expect(String(await view.read('appspec.yml', 1_048_576))).toBe(APPSPEC.text)
    expect(String(await view.read('appspec.yml', 7))).toBe('version')
  })
})

test('reports an unreadable AppSpec file once', async () => {
  const findings = await judgeArchive('bundle.zip', zip([{ ...APPSPEC, flags: 1 }, SCRIPT]))
  expect(tell(findings)).toBe(
    'error -: This entry is encrypted, and the agent has no password. Zip without encryption.'
  )
})

test('reports a finding about many entries once', async () => {
  const many = Array.from({ length: 30 }, (_, index) => ({ name: `é${index}`, flags: 0 }))
  const findings = await judgeArchive('bundle.zip', zip([...good, ...many]))
  expect(tell(findings)).toMatch(/^warning -: [^\n]*The same applies to 29 more entries\.\)$/)
})
