import { appendFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { archiveFile } from '../../src/upload/archive-file.js'
import { withTemporary } from '../bundle/scene.js'

const read = async (path: string, known: { size: number; changedAt?: number }): Promise<Buffer> => {
  const pieces: Buffer[] = []
  for await (const { bytes, release } of archiveFile(path, {
    contentHash: '',
    files: 1,
    ...known
  }).chunks()) {
    pieces.push(Buffer.from(bytes))
    release()
  }
  return Buffer.concat(pieces)
}

test('an archive is sent byte for byte', () =>
  withTemporary(async (folder) => {
    const path = join(folder, 'app.tgz')
    const bytes = Buffer.alloc(2_500_000, 'archive ')
    writeFileSync(path, bytes)
    const { ctimeMs } = statSync(path)
    expect((await read(path, { size: bytes.length, changedAt: ctimeMs })).equals(bytes)).toBe(true)
  }))

test.each([
  ['grew', (path: string) => appendFileSync(path, 'more'), /10 bytes became 14/],
  ['shrank', (path: string) => truncateSync(path, 3), /it now ends at byte 3/],
  ['was rewritten', (path: string) => writeFileSync(path, '9876543210'), /it was written to or replaced/]
])('one that %s after it was checked is refused', (_, harm, message) =>
  withTemporary(async (folder) => {
    const path = join(folder, 'app.zip')
    writeFileSync(path, '0123456789')
    const { ctimeMs } = statSync(path)
    harm(path)
    await expect(
      read(path, { size: 10, changedAt: ctimeMs === statSync(path).ctimeMs ? 0 : ctimeMs })
    ).rejects.toThrow(message)
  })
)

test('one that vanished is named', async () => {
  await expect(read('/nowhere/app.zip', { size: 1 })).rejects.toThrow('/nowhere/app.zip vanished')
})
