import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { openArchive } from '../../src/archive/open.js'
import { contentHash } from '../../src/domain/content-hash.js'
import { HASH_PIECE } from '../../src/domain/file-hash.js'
import { bytesOf, hashTree, plant, withTemporary } from '../bundle/scene.js'
import { tar, withArchive, zip } from './make.js'

const hashOf = (name: string, bytes: Buffer): Promise<string> =>
  withArchive(name, bytes, (archive) => Promise.resolve(archive.contentHash))

test('a folder and the archive packed from it have the same hash', async () => {
  await withTemporary(async (folder) => {
    const root = join(folder, 'tree')
    plant(root, [
      { path: 'appspec.yml', content: 'version: 0.0\nos: linux\n', mode: 0o644 },
      { path: 'scripts/run.sh', content: '#!/bin/sh\n', mode: 0o755 },
      { path: 'empty', mode: 0o750 },
      { path: 'link', link: 'scripts/run.sh' },
      { path: 'é/ü', content: 'x'.repeat(300_000) },
      { path: 'in pieces', content: 'y'.repeat(2 * HASH_PIECE + 1) }
    ])
    const hashed = await hashTree(root)
    const file = join(folder, 'bundle.zip')
    writeFileSync(file, await bytesOf(hashed))
    const archive = await openArchive(file)
    expect(archive.contentHash).toBe(hashed.contentHash)
    expect(archive.findings).toEqual([])
    await archive.close()
  })
})

test('the hash does not depend on how the archive is packed', async () => {
  const entries = [
    { name: 'b', text: 'y', mode: 0o100644 },
    { name: 'a/x', text: 'x', mode: 0o100755 }
  ]
  const hashes = await Promise.all([
    hashOf('b.zip', zip(entries)),
    hashOf('b.zip', zip([...entries].reverse(), { stream: true })),
    hashOf('b.zip', zip([{ name: 'a/', mode: 0o40755 }, ...entries], { zip64: true })),
    hashOf('b.tar', tar(entries)),
    hashOf('b.tgz', gzipSync(tar(entries)))
  ])
  expect(new Set(hashes).size).toBe(1)
})

const file = { path: 'a', kind: 'file', mode: 0o644, size: 1, sha256: 'ff' } as const
const CHANGES = [
  { ...file, path: 'b' },
  { ...file, mode: 0o755 },
  { ...file, size: 2 },
  { ...file, sha256: 'fe' },
  { path: 'a', kind: 'directory', mode: 0o644, size: 0 } as const,
  { path: 'a', kind: 'symlink', mode: 0o644, size: 0, target: 'b' } as const
]

test('the hash depends on every part of an entry', () => {
  const hashes = [file, ...CHANGES].map((entry) => contentHash([entry]))
  expect(new Set(hashes).size).toBe(hashes.length)
})

test('the hash depends neither on the order nor on the permissions of a link', () => {
  const other = { ...file, path: 'é' }
  expect(contentHash([file, other])).toBe(contentHash([other, file]))
  const link = { path: 'l', kind: 'symlink', mode: 0o777, size: 0, target: 'a' } as const
  expect(contentHash([link])).toBe(contentHash([{ ...link, mode: 0o755 }]))
})

test('the hash stays the same from version to version', () => {
  expect(contentHash([])).toBe('cf993340330872e8b6aa685baad93dd77ca9699378174546773ef25015ea776b')
  expect(contentHash([file])).toBe('2eae0f1ef10e229aae653fd8f1e82400033adf1e75e9ebb13c7ba41f6c1c5d6e')
})
