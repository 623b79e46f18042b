import type { Chunk } from '../bundle/archive.js'
import { crc32Of } from '../bundle/crc32.js'
import type { Body } from '../storage-port.js'

/** The body of one part; `release` returns its memory for reuse. */
export interface OwnedBody extends Body {
  isLast: boolean
  release(): void
}

/** Smaller chunks are copied into one buffer, because their own buffers are mostly empty and needed again. */
const COPIED_BELOW = 640 * 1024

/**
 * Gathers chunks into bodies of at least `size` bytes; the last one has the rest. A body ends with the chunk that fills it, so no
 * large chunk is copied.
 */
export async function* bodies(chunks: AsyncIterable<Chunk>, size: number): AsyncGenerator<OwnedBody> {
  const spare: Buffer[] = []
  const begin = () => gathering(() => spare.pop() ?? Buffer.allocUnsafeSlow(size + COPIED_BELOW), spare)
  let body = begin()
  for await (const chunk of chunks) {
    if (body.length() >= size) {
      yield body.end(false)
      body = begin()
    }
    body.add(chunk)
  }
  yield body.end(true)
}

const gathering = (room: () => Buffer, spare: Buffer[]) => {
  const pieces: Uint8Array[] = []
  const held: Chunk[] = []
  let copies: { buffer: Buffer; used: number } | undefined
  let size = 0
  let crc = 0
  const copy = ({ bytes }: Chunk): Uint8Array => {
    copies ??= { buffer: room(), used: 0 }
    const piece = copies.buffer.subarray(copies.used, copies.used + bytes.length)
    piece.set(bytes)
    copies.used += bytes.length
    return piece
  }
  return {
    length: () => size,
    add: (chunk: Chunk): void => {
      crc = crc32Of(crc, chunk.crc, chunk.bytes.length)
      size += chunk.bytes.length
      if (chunk.bytes.length < COPIED_BELOW) {
        pieces.push(copy(chunk))
        chunk.release()
      } else {
        pieces.push(chunk.bytes)
        held.push(chunk)
      }
    },
    end: (isLast: boolean): OwnedBody => ({
      pieces,
      size,
      crc,
      isLast,
      release: () => {
        for (const chunk of held) chunk.release()
        if (copies !== undefined) spare.push(copies.buffer)
      }
    })
  }
}
