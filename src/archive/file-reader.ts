import { open } from 'node:fs/promises'

/** A file read at any place. */
export interface FileReader {
  size: number
  /** The bytes there; fewer where the file ends before. */
  at(position: number, length: number): Promise<Buffer>
  /** The bytes from `start` up to `end`, in pieces. */
  pieces(start: number, end: number): AsyncGenerator<Buffer>
  close(): Promise<void>
}

const PIECE = 262_144

/** Opens a file for reading. Throws what the file system throws. */
export const openFile = async (path: string): Promise<FileReader> => {
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  const at = async (position: number, length: number): Promise<Buffer> => {
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
