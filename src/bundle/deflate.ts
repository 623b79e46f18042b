import { constants, createDeflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib'

/** How far back deflate looks, so a block primed with this many bytes compresses as if the file had not been split. */
export const WINDOW = 32 * 1024

/** Internals of Node's streams, which npm's tar uses too: not documented, but in every version. */
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
  /** After a write: bytes left in the output and in the input. */
  _writeState?: Uint32Array
}

/** Where packed bytes go; saves creating a view for each file. */
interface Place {
  out: Uint8Array
  at: number
  room: number
}

/** A deflate stream that writes to a given place. Undefined on a Node without these internals. */
const openStream = (options: ZlibOptions) => {
  const { _handle: handle, _writeState: state } = createDeflateRaw(options) as unknown as Inside
  if (typeof handle?.writeSync !== 'function' || state === undefined) return undefined
  return {
    /** Starts a new stream. */
    reset: () => {
      handle.reset()
    },
    /** Frees its memory now, not when it is garbage-collected. */
    close: () => {
      handle.close()
    },
    /** Returns the number of bytes written at `at`; undefined when they do not fit into `room`. */
    write: (flush: number, data: Uint8Array, { out, at, room }: Place): number | undefined => {
      handle.writeSync(flush, data, 0, data.length, out, at, room)
      const left = state[0] ?? 0
      return left === 0 ? undefined : room - left
    }
  }
}

/** Packs small files one by one, straight into the buffer they are sent from. */
export interface Deflater {
  /** Returns the number of bytes written to `out` at `at`; undefined when the packed form is not shorter. */
  pack(data: Uint8Array, out: Uint8Array, at: number): number | undefined
  close(): void
}

/**
 * A deflater with one stream for many files: creating a stream takes longer than packing the median file. In rare cases,
 * what a stream packed before changes what it packs next, so reproducible bytes need a new deflater for each batch, whose
 * files are always the same. On a Node without these internals, packing works too, only slower.
 */
export const deflater = (level: number): Deflater => {
  const stream = openStream({ level })
  return {
    pack: (data, out, at) => {
      // Packed data that is not shorter than the file is useless.
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
 * Packs one block of a larger file so that the concatenated blocks are one deflate stream. `before` is what precedes the
 * block in the file, at most WINDOW bytes. Returns the number of bytes written to `out`; undefined when they do not fit.
 */
export const deflateBlock = (
  data: Uint8Array,
  out: Uint8Array,
  { level, before, isLast }: { level: number; before: Uint8Array; isLast: boolean }
): number | undefined => {
  // The larger tables are 10 % faster on a block, but not worth creating for a small file.
  const options = { level, memLevel: 9, dictionary: before.length === 0 ? undefined : before }
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

/** Most bytes in one stored block of a deflate stream, and the size of its header. */
export const PIECE = 0xffff
export const PIECE_HEADER = 5

/** Writes the header of one stored block of a deflate stream. */
export const writePieceHeader = (
  out: Buffer,
  at: number,
  piece: { length: number; isFinal: boolean }
): void => {
  out.writeUInt8(piece.isFinal ? 1 : 0, at)
  out.writeUInt16LE(piece.length, at + 1)
  out.writeUInt16LE(~piece.length & 0xffff, at + 3)
}

/** Every how many bytes one is checked. */
const STRIDE = 7

/** If nine of ten bytes have seven bits, each needs at most seven and a half: worth packing, as nearly all files are. */
const isMostlyAscii = (sample: Uint8Array): boolean => {
  let ascii = 0
  for (let at = 0; at < sample.length; at += STRIDE) if ((sample[at] ?? 0) < 128) ascii++
  return ascii * STRIDE > sample.length * 0.9
}

/** Packing does not help data whose sample does not shrink below this share (images, archives, media). */
const WORTH_IT = 0.97

/** Whether the samples hardly shrink at the fastest level. */
export const isIncompressible = (samples: readonly Uint8Array[]): boolean => {
  if (samples.every(isMostlyAscii)) return false
  const size = samples.reduce((sum, sample) => sum + sample.length, 0)
  const packed = samples.reduce(
    (sum, sample) => sum + deflateRawSync(sample, { level: 1, chunkSize: sample.length + 64 }).length,
    0
  )
  return packed > size * WORTH_IT
}
