import { open } from 'node:fs/promises'

/** A file that can be read at any position. */
export interface FileReader {
  size: number
  /** The bytes at a position: fewer if the file ends first, none at a negative one, which a damaged archive may contain. */
  at(position: number, length: number): Promise<Buffer>
  /** The bytes from `start` up to `end`, in pieces. */
  pieces(start: number, end: number): AsyncGenerator<Buffer>
  close(): Promise<void>
}

const PIECE = 262_144
/** How much is read at once: what follows is usually needed next, and one large read is cheaper than many small ones. */
const AHEAD = 1_048_576

/** Opens a file for reading. Throws what the file system throws. */
export const openFile = async (path: string): Promise<FileReader> => {
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  const readAt = async (position: number, length: number): Promise<Buffer> => {
    const wanted = Math.max(0, Math.min(length, size - position))
    const buffer = Buffer.allocUnsafe(wanted)
    let filled = 0
    while (filled < wanted) {
      const { bytesRead } = await handle.read(buffer, filled, wanted - filled, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }
  let ahead: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) }
  const at = async (position: number, length: number): Promise<Buffer> => {
    if (position < 0) return Buffer.alloc(0)
    if (length > AHEAD) return readAt(position, length)
    const end = Math.min(position + length, size)
    if (position < ahead.start || end > ahead.start + ahead.bytes.length)
      ahead = { start: position, bytes: await readAt(position, AHEAD) }
    return ahead.bytes.subarray(position - ahead.start, position - ahead.start + length)
  }
  return {
    size,
    at,
    async *pieces(start, end) {
      for (let position = start; position < end; position += PIECE)
        yield await at(position, Math.min(PIECE, end - position))
    },
    close: () => handle.close()
  }
}

/** The first bytes of a stream of pieces; the rest is not read. */
export const head = async (pieces: AsyncIterable<Buffer>, limit: number): Promise<Buffer> => {
  const kept: Buffer[] = []
  let size = 0
  for await (const piece of pieces) {
    kept.push(piece.subarray(0, limit - size))
    size += piece.length
    if (size >= limit) break
  }
  return Buffer.concat(kept)
}
