import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { refuseBomb } from './bounds.js'
import { ArchiveError } from './defects.js'
import type { FileReader } from './file-reader.js'

/** The unpacked content of a gzip file. Throws ArchiveError for damage, and for anything but zeros after its end. */
export async function* gunzip(file: FileReader): AsyncGenerator<Buffer> {
  const stream = createGunzip()
  const source = Readable.from(file.pieces(0, file.size))
  source.on('error', (error) => stream.destroy(error))
  try {
    let unpacked = 0
    for await (const piece of source.pipe(stream) as AsyncIterable<Buffer>) {
      unpacked += piece.length
      refuseBomb(unpacked, file.size)
      yield piece
    }
  } catch (error) {
    if (error instanceof ArchiveError) throw error
    throw new ArchiveError(
      `its compressed data is damaged or truncated (${error instanceof Error ? error.message : String(error)})`
    )
  }
  await checkTail(file, stream.bytesWritten)
}

// gzip accepts zeros after the last member and fails on anything else, which makes tar fail.
const checkTail = async (file: FileReader, end: number): Promise<void> => {
  for await (const piece of file.pieces(end, file.size))
    if (piece.some((byte) => byte !== 0))
      throw new ArchiveError('other bytes follow its compressed data, so gzip reports an error and tar fails')
}
