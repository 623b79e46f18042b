import { ArchiveError } from './defects.js'

/**
 * Size, packed size and offset of an entry. Each one that does not fit into 32 bits is written as all ones, and its value is
 * in the zip64 field, in this order. Throws ArchiveError.
 */
export const readSizes = (bytes: Buffer, fields: Buffer): [number, number, number] => {
  const long = findField(fields, 0x0001)
  let at = 0
  const read = (short: number): number => {
    if (short !== 0xffffffff || long === undefined) return short
    if (at + 8 > long.length) throw new ArchiveError('a zip64 field in its directory is damaged')
    at += 8
    return Number(long.readBigUInt64LE(at - 8))
  }
  return [read(bytes.readUInt32LE(24)), read(bytes.readUInt32LE(20)), read(bytes.readUInt32LE(42))]
}

const findField = (fields: Buffer, id: number): Buffer | undefined => {
  for (let at = 0; at + 4 <= fields.length;) {
    const length = fields.readUInt16LE(at + 2)
    if (fields.readUInt16LE(at) === id) return fields.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
  return undefined
}
