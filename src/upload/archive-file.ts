import { open } from 'node:fs/promises'
import type { Archive, ArchiveProgress, Chunk } from '../bundle/archive.js'
import { crc32 } from '../bundle/crc32.js'
import { changed, unreadable } from '../bundle/walk.js'

const CHUNK = 1024 * 1024

/**
 * A prebuilt archive, sent byte for byte. Throws a UserError if the file has changed since it was checked (`size`, and
 * `changedAt`: its ctime in epoch milliseconds).
 */
export const archiveFile = (
  path: string,
  known: { contentHash: string; size: number; changedAt?: number | undefined; files: number }
): Archive => ({
  contentHash: known.contentHash,
  atMost: known.size,
  chunks: (progress) => chunks(path, known, progress)
})

async function* chunks(
  path: string,
  known: { size: number; changedAt?: number | undefined; files: number },
  progress?: (state: ArchiveProgress) => void
): AsyncGenerator<Chunk> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  const spare: Buffer[] = []
  try {
    for (let at = 0; at < known.size;) {
      const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK)
      const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK, known.size - at), at)
      if (bytesRead === 0) throw changed(path, `it now ends at byte ${at}`)
      at += bytesRead
      const bytes = buffer.subarray(0, bytesRead)
      yield { bytes, crc: crc32(bytes), release: () => spare.push(buffer) }
      progress?.({ files: at === known.size ? known.files : 0, bytesIn: at, bytesOut: at })
    }
    const now = await file.stat()
    if (now.size !== known.size) throw changed(path, `${known.size} bytes became ${now.size}`)
    if (known.changedAt !== undefined && now.ctimeMs !== known.changedAt)
      throw changed(path, 'it was written to or replaced')
  } finally {
    await file.close()
  }
}
