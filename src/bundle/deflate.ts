import { constants, createDeflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib'

/** How far back deflate looks, and so what a block must be primed with to be packed as if it were not cut. */
export const WINDOW = 32 * 1024

/** What is inside of Node's streams, and what npm's tar uses too: not documented, but in every version. */
interface Inside {
  _handle?: {
    reset(): void
    close(): void
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

/** Where packed bytes go, without a view made for each file. */
interface Place {
  out: Uint8Array
  at: number
  room: number
}

/** One deflate stream that writes where it is told to. Undefined on a Node without these insides. */
const openStream = (options: ZlibOptions) => {
  const { _handle: handle, _writeState: state } = createDeflateRaw(options) as unknown as Inside
  if (typeof handle?.writeSync !== 'function' || state === undefined) return undefined
  return {
    /** Begins a new stream. */
    reset: () => {
      handle.reset()
    },
    /** Gives back its memory, at once and not when it is collected. */
    close: () => {
      handle.close()
    },
    /** Bytes written from `at` on; undefined when they do not fit into `room`. */
    write: (flush: number, data: Uint8Array, { out, at, room }: Place): number | undefined => {
      handle.writeSync(flush, data, 0, data.length, out, at, room)
      const left = state[0] ?? 0
      return left === 0 ? undefined : room - left
    }
  }
}

/** Packs small files one after the other, straight to where they are sent from. */
export interface Deflater {
  /** Bytes written to `out` from `at` on; undefined when the packed form is not shorter. */
  pack(data: Uint8Array, out: Uint8Array, at: number): number | undefined
  close(): void
}

/**
 * A deflater with one stream for many files: making a stream takes longer than packing the median file. What a stream packed
 * before can be seen, in rare cases, in what it packs next, so one of these must begin anew wherever the same bytes are to
 * come out again: for each batch, whose files are always the same. A Node without these insides packs all the same, slower.
 */
export const deflater = (level: number): Deflater => {
  const stream = openStream({ level })
  return {
    pack: (data, out, at) => {
      // As long as the file or longer is not worth it.
      const place = { out, at, room: data.length }
      if (stream === undefined) return put(deflateRawSync(data, { level }), place)
      stream.reset()
      return stream.write(constants.Z_FINISH, data, place)
    },
    close: () => stream?.close()
  }
}

const put = (packed: Uint8Array, { out, at, room }: Place): number | undefined => {
  if (packed.length >= room) return undefined
  out.set(packed, at)
  return packed.length
}

/**
 * Packs one block of a larger file so that the blocks, put one after the other, are one deflate stream. `before` is what
 * precedes it in the file, at most WINDOW bytes. Gives the bytes written to `out`; undefined when they do not fit.
 */
export const deflateBlock = (
  data: Uint8Array,
  out: Uint8Array,
  { level, before, isLast }: { level: number; before: Uint8Array; isLast: boolean }
): number | undefined => {
  // The larger tables are a tenth faster on a block, and not worth making for a small file.
  const options = { level, memLevel: 9, ...(before.length === 0 ? {} : { dictionary: before }) }
  const place = { out, at: 0, room: out.length }
  const flush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH
  const stream = openStream(options)
  if (stream === undefined)
    return put(deflateRawSync(data, { ...options, finishFlush: flush, chunkSize: data.length + 1024 }), place)
  try {
    return stream.write(flush, data, place)
  } finally {
    stream.close()
  }
}

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

/** Every so many bytes are looked at. */
const STRIDE = 7

/** Where nine of ten bytes have seven bits, seven and a half are enough for each: it is worth packing, as nearly all files are. */
const isMostlyAscii = (sample: Uint8Array): boolean => {
  let ascii = 0
  for (let at = 0; at < sample.length; at += STRIDE) if ((sample[at] ?? 0) < 128) ascii++
  return ascii * STRIDE > sample.length * 0.9
}

/** A sample that does not shrink below this share is of data that packing does not help (images, archives, media). */
const WORTH_IT = 0.97

/** True when the samples, packed in the fastest way, hardly shrink. */
export const isIncompressible = (samples: readonly Uint8Array[]): boolean => {
  if (samples.every(isMostlyAscii)) return false
  const size = samples.reduce((sum, sample) => sum + sample.length, 0)
  const packed = samples.reduce(
    (sum, sample) => sum + deflateRawSync(sample, { level: 1, chunkSize: sample.length + 64 }).length,
    0
  )
  return packed > size * WORTH_IT
}
