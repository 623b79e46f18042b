import { constants, createDeflateRaw, deflateRawSync } from 'node:zlib'

/** How far back deflate looks, and so what a block must be primed with to be packed as if it were not cut. */
export const WINDOW = 32 * 1024

/** Packs a small file; the result holds until the next one is packed. Undefined when it would not become smaller. */
export type Deflater = (data: Uint8Array) => Uint8Array | undefined

/** What is inside of Node's streams, and what npm's tar uses too: not documented, but in every version. */
interface Inside {
  _handle?: {
    reset(): void
    writeSync(
      flush: number,
      from: Uint8Array,
      start: number,
      length: number,
      to: Uint8Array,
      at: number,
      room: number
    ): void
  }
  /** After a write: room that is left in the output, bytes that are left of the input. */
  _writeState?: Uint32Array
}

/**
 * A deflater with one stream for many files: making a stream takes longer than packing the median file. What a stream packed
 * before can be seen, in rare cases, in what it packs next, so one of these must begin anew wherever the same bytes are to
 * come out again: for each batch, whose files are always the same. A Node without these insides packs all the same, slower.
 */
export const deflater = (level: number, longest: number): Deflater => {
  const { _handle: handle, _writeState: state } = createDeflateRaw({ level }) as unknown as Inside
  if (typeof handle?.writeSync !== 'function' || state === undefined)
    return (data) => shorter(deflateRawSync(data, { level }), data)
  const room = Buffer.allocUnsafe(longest)
  return (data) => {
    handle.reset()
    handle.writeSync(constants.Z_FINISH, data, 0, data.length, room, 0, data.length)
    const left = state[0] ?? 0
    // No room left: the packed form is as long as the file, or longer.
    return left === 0 ? undefined : room.subarray(0, data.length - left)
  }
}

const shorter = (packed: Uint8Array, data: Uint8Array): Uint8Array | undefined =>
  packed.length < data.length ? packed : undefined

/**
 * Packs one block of a larger file so that the blocks, put one after the other, are one deflate stream. `before` is what
 * precedes it in the file, at most WINDOW bytes.
 */
export const deflateBlock = (
  data: Uint8Array,
  options: { level: number; before: Uint8Array; isLast: boolean }
): Buffer =>
  deflateRawSync(data, {
    level: options.level,
    chunkSize: data.length + 1024,
    // The larger tables are a tenth faster on a block, and not worth making for a small file.
    memLevel: 9,
    finishFlush: options.isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    ...(options.before.length === 0 ? {} : { dictionary: options.before })
  })

/** Most bytes that deflate's own form for unpacked data can hold in one piece, and what each piece costs. */
export const PIECE = 0xffff
export const PIECE_HEADER = 5

/** The header of one piece of a deflate stream that is not packed. */
export const writePieceHeader = (
  out: Buffer,
  at: number,
  piece: { length: number; isFinal: boolean }
): void => {
  out.writeUInt8(piece.isFinal ? 1 : 0, at)
  out.writeUInt16LE(piece.length, at + 1)
  out.writeUInt16LE(~piece.length & 0xffff, at + 3)
}

/** A sample that does not shrink below this share is of data that packing does not help (images, archives, media). */
const WORTH_IT = 0.97

/** True when the samples, packed in the fastest way, hardly shrink. */
export const isIncompressible = (samples: readonly Uint8Array[]): boolean => {
  const size = samples.reduce((sum, sample) => sum + sample.length, 0)
  const packed = samples.reduce(
    (sum, sample) => sum + deflateRawSync(sample, { level: 1, chunkSize: sample.length + 64 }).length,
    0
  )
  return packed > size * WORTH_IT
}
