import { ArchiveError } from './defects.js'
import { isTarHeader } from './format.js'

/** The header of one tar entry. */
export interface TarHeader {
  name: Buffer
  link: Buffer
  type: string
  mode: number
  size: number
}

/** Reads a 512-byte header; undefined for a block of zeros, which ends the archive. Throws ArchiveError. */
export const readHeader = (block: Buffer): TarHeader | undefined => {
  if (block.every((byte) => byte === 0)) return undefined
  if (!isTarHeader(block)) throw new ArchiveError('a header in it is damaged, so tar fails')
  const prefix =
    block.toString('latin1', 257, 262) === 'ustar' && block[262] === 0
      ? text(block, 345, 155)
      : Buffer.alloc(0)
  const name = text(block, 0, 100)
  return {
    name: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]),
    link: text(block, 157, 100),
    type: block.toString('latin1', 156, 157),
    mode: number(block, 100, 8) & 0o7777,
    size: number(block, 124, 12)
  }
}

const text = (block: Buffer, at: number, length: number): Buffer => {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return end < 0 ? field : field.subarray(0, end)
}

// Octal digits, or big-endian binary with the top bit set if octal is too short.
const number = (block: Buffer, at: number, length: number): number => {
  if (((block[at] ?? 0) & 0x80) === 0) {
    const digits = block.toString('latin1', at, at + length).replace(/[\0 ]/g, '')
    return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : 0
  }
  let value = (block[at] ?? 0) & 0x7f
  for (const byte of block.subarray(at + 1, at + length)) value = value * 256 + byte
  return value
}

/** Reads the records of a pax header: `length key=value\n`. Throws ArchiveError. */
export const readPax = (bytes: Buffer): Map<string, Buffer> => {
  const records = new Map<string, Buffer>()
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(0x20, at)
    const length = blank < 0 ? NaN : Number(bytes.toString('latin1', at, blank))
    const record = bytes.subarray(blank + 1, at + length - 1)
    const equals = record.indexOf(0x3d)
    if (!Number.isInteger(length) || length < 5 || at + length > bytes.length || equals < 0)
      throw new ArchiveError('an extended header in it is damaged')
    records.set(record.toString('latin1', 0, equals), record.subarray(equals + 1))
    at += length
  }
  return records
}
