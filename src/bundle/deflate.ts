import { constants, deflateRawSync } from 'node:zlib'

/** How far back deflate looks, and so what a block must be primed with to be packed as if it were not cut. */
export const WINDOW = 32 * 1024

/** deflate keeps this much of its window free; a window of length + MARGIN gives the same bytes as the largest one, sooner. */
const MARGIN = 262

const windowBits = (length: number): number => Math.min(15, Math.max(9, 32 - Math.clz32(length + MARGIN - 1)))

/** Packs one small file. A fresh stream for each: one that is reset and used again does not always give the same bytes. */
export const deflateWhole = (data: Uint8Array, level: number): Buffer =>
  deflateRawSync(data, { level, windowBits: windowBits(data.length), chunkSize: data.length + 64 })

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
