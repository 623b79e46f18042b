import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeEntries } from './archive.js'
import type { ArchiveEntry } from './archive.js'
import { tar, zip } from './fixture.js'
import type { Tree } from './fixture.js'
import { readTar } from './untar.js'
import { readZip } from './unzip.js'

let scratch: string
beforeEach(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'archive-'))
})
afterEach(() => rmSync(scratch, { recursive: true, force: true }))

const longName = `${'deep/'.repeat(30)}한글 이름.txt`
const tree: Tree = {
  'appspec.yml': 'version: 0.0\n',
  'scripts/': { mode: 0o755 },
  'scripts/run.sh': { mode: 0o755, text: '#!/bin/sh\necho hello hello hello hello\n' },
  'secret.txt': { mode: 0o600, text: 'x' },
  'empty/': { mode: 0o700 },
  'locked/': { mode: 0o555 },
  'locked/inside.txt': 'in a folder that refuses',
  current: { symlink: 'scripts/run.sh' },
  [longName]: '긴 이름',
  'blank.txt': ''
}

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let here = 0; here < bytes.length; here += 700) {
    await Promise.resolve()
    yield bytes.subarray(here, here + 700)
  }
}

const readers = {
  zip: (given: Tree): AsyncIterable<ArchiveEntry> => {
    writeFileSync(path.join(scratch, 'a.zip'), zip(given))
    return readZip(path.join(scratch, 'a.zip'))
  },
  tar: (given: Tree): AsyncIterable<ArchiveEntry> => readTar(chunks(tar(given)))
}

describe.each(['zip', 'tar'] as const)('a %s', (kind) => {
  const out = () => path.join(scratch, 'out')
  const unpack = (given: Tree) => writeEntries(readers[kind](given), out())
  const mode = (name: string) => statSync(path.join(out(), name)).mode & 0o777

  test('keeps contents, modes, links, empty folders and long names', async () => {
    await unpack(tree)
    expect(readFileSync(path.join(out(), 'scripts/run.sh'), 'utf8')).toContain('hello')
    expect(readFileSync(path.join(out(), longName), 'utf8')).toBe('긴 이름')
    expect(readFileSync(path.join(out(), 'locked/inside.txt'), 'utf8')).toBe('in a folder that refuses')
    expect(readFileSync(path.join(out(), 'blank.txt'), 'utf8')).toBe('')
    expect(readlinkSync(path.join(out(), 'current'))).toBe('scripts/run.sh')
    expect(readdirSync(path.join(out(), 'empty'))).toEqual([])
    expect(['scripts/run.sh', 'secret.txt', 'empty', 'locked'].map(mode)).toEqual([
      0o755, 0o600, 0o700, 0o555
    ])
  })

  test.each(['../outside.txt', 'a/../../outside.txt'])('refuses the name %s', async (name) => {
    await expect(unpack({ [name]: 'x' })).rejects.toThrow('names a file outside')
    expect(readdirSync(scratch)).not.toContain('outside.txt')
  })

  test('never writes through a link', async () => {
    const written = unpack({ way: { symlink: scratch }, 'way/out.txt': 'x' })
    await written.catch(() => undefined)
    expect(readdirSync(scratch)).not.toContain('out.txt')
  })

  test('reads an absolute name as one below its folder', async () => {
    await unpack({ '/etc/app.conf': 'here' })
    expect(readFileSync(path.join(out(), 'etc/app.conf'), 'utf8')).toBe('here')
  })
})

test('a damaged zip is refused: a wrong checksum, a truncated one, not a zip at all', async () => {
  const file = path.join(scratch, 'bad.zip')
  const unpack = () => writeEntries(readZip(file), path.join(scratch, 'bad'))
  const good = zip({ 'a.txt': 'short' })
  const damaged = Buffer.from(good)
  damaged[35] = 0
  writeFileSync(file, damaged)
  await expect(unpack()).rejects.toThrow('bad CRC of a.txt')
  writeFileSync(file, good.subarray(0, good.length - 30))
  await expect(unpack()).rejects.toThrow('not found')
  writeFileSync(file, 'I am no archive, but long enough to look at')
  await expect(unpack()).rejects.toThrow('not found')
})

test('a damaged tar is refused: a truncated one, not a tar at all', async () => {
  const unpack = (bytes: Buffer) => writeEntries(readTar(chunks(bytes)), path.join(scratch, 'bad'))
  await expect(unpack(tar({ 'a.txt': 'x'.repeat(5000) }).subarray(0, 2000))).rejects.toThrow('unexpected end')
  await expect(unpack(Buffer.alloc(600, 'no tar'))).rejects.toThrow('does not look like a tar')
})

test('a hard link in a tar is the same file', async () => {
  async function* entries(): AsyncGenerator<ArchiveEntry> {
    yield* readTar(chunks(tar({ 'one.txt': 'same' })))
    yield {
      name: 'two.txt',
      kind: 'hardlink',
      mode: undefined,
      target: 'one.txt',
      content: () => chunks(Buffer.alloc(0))
    }
  }
  await writeEntries(entries(), scratch)
  expect(lstatSync(path.join(scratch, 'two.txt')).ino).toBe(lstatSync(path.join(scratch, 'one.txt')).ino)
})
