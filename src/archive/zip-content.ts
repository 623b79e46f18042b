import { Readable } from 'node:stream'
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { fileHash } from '../domain/file-hash.js'
import type { FileReader } from './file-reader.js'
import type { ZipRecord } from './zip-directory.js'

const STORED = 0
const DEFLATED = 8
/** Methods that unzip supports besides these two: shrink, reduce, implode, deflate64, bzip2. */
const OTHER_METHODS = [1, 2, 3, 4, 5, 6, 9, 12]

const LOCAL = 0x04034b50

/** Why an entry's content cannot be read. */
export class EntryError extends Error {
  override readonly name = 'EntryError'
}

/** Whether this action can unpack the entry. */
export const isReadable = ({ method, flags }: ZipRecord): boolean =>
  (method === STORED || method === DEFLATED) && (flags & 1) === 0

/** Whether the server's unzip can unpack the entry although this action cannot. */
export const isUnzipMethod = ({ method }: ZipRecord): boolean => OTHER_METHODS.includes(method)

/** Entries up to this size are unpacked in one call, which is many times faster for small ones. */
const SMALL = 1_048_576
/** Room for fields of a local header beyond those in the directory. */
const EXTRA = 64

/** The unpacked bytes of an entry, in pieces. Throws EntryError for damage found while unpacking. */
export async function* unpack(file: FileReader, record: ZipRecord): AsyncGenerator<Buffer> {
  const small = record.packed <= SMALL && record.size <= SMALL
  const guess = 30 + record.rawName.length + EXTRA + (small ? record.packed : 0)
  const first = await file.at(record.offset, guess)
  if (first.length < 30 || first.readUInt32LE(0) !== LOCAL)
    throw new EntryError('is not where the directory says it is')
  const skip = 30 + first.readUInt16LE(26) + first.readUInt16LE(28)
  const start = record.offset + skip
  if (start + record.packed > file.size) throw new EntryError('is truncated')
  if (small) {
    const fits = skip + record.packed <= first.length
    const packed = fits ? first.subarray(skip, skip + record.packed) : await file.at(start, record.packed)
    yield record.method === STORED ? packed : inflateSmall(packed, record.size)
    return
  }
  const packed = file.pieces(start, start + record.packed)
  if (record.method === STORED) yield* packed
  else yield* inflate(packed)
}

const inflateSmall = (packed: Buffer, size: number): Buffer => {
  try {
    return inflateRawSync(packed, { maxOutputLength: size + 1 })
  } catch (error) {
    throw damaged(error)
  }
}

const damaged = (error: unknown): EntryError =>
  new EntryError(`is damaged (${error instanceof Error ? error.message : String(error)})`)

async function* inflate(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = Readable.from(packed).pipe(createInflateRaw())
  try {
    for await (const piece of stream) yield piece as Buffer
  } catch (error) {
    throw damaged(error)
  }
}

/** Unpacks an entry, checks its size and CRC-32, and returns its content's hash (domain/file-hash.ts). Throws EntryError. */
export const digest = async (file: FileReader, record: ZipRecord): Promise<string> => {
  const hash = fileHash()
  let crc = 0
  let size = 0
  for await (const piece of unpack(file, record)) {
    hash.update(piece)
    crc = crc32(piece, crc)
    size += piece.length
    if (size > record.size) break
  }
  if (size !== record.size)
    throw new EntryError(
      size > record.size
        ? `has more than the ${record.size} bytes that the directory states`
        : `has ${size} bytes, but the directory states ${record.size}`
    )
  if (crc !== record.crc) throw new EntryError('has the wrong checksum (CRC-32), so its content is damaged')
  return hash.digest()
}
