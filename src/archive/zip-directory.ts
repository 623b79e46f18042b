import { counter } from './bounds.js'
import { ArchiveError } from './defects.js'
import type { FileReader } from './file-reader.js'
import { readSizes } from './zip-sizes.js'

/** One line of a zip's central directory. */
export interface ZipRecord {
  rawName: Buffer
  /** System that wrote the entry: 0 DOS, 3 Unix. */
  host: number
  flags: number
  method: number
  crc: number
  packed: number
  size: number
  attributes: number
  /** Where the entry's local header starts. */
  offset: number
}

const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const RECORD = 0x02014b50
const END_LENGTH = 22
const RECORD_LENGTH = 46
const MAX_COMMENT = 65_535

/** The directory of a zip. `shift`: the number of bytes before the archive itself. */
export interface ZipDirectory {
  records: ZipRecord[]
  shift: number
}

/** Reads the central directory, including zip64. Throws ArchiveError for what both unzip and rubyzip refuse. */
export const readDirectory = async (file: FileReader): Promise<ZipDirectory> => {
  const end = await findEnd(file)
  const start = end.position - end.length
  if (start < end.start || start < 0)
    throw new ArchiveError(
      'its directory points outside the file, so it was truncated or written incorrectly'
    )
  const shift = start - end.start
  const records = await splitRecords(file, { start, end: end.position }, end.count)
  return { records: records.map((record) => ({ ...record, offset: record.offset + shift })), shift }
}

/** Whether the file has the end record of a zip, wherever the zip may start. */
export const hasDirectory = async (file: FileReader): Promise<boolean> => {
  try {
    await findEnd(file)
    return true
  } catch (error) {
    if (error instanceof ArchiveError) return false
    throw error
  }
}

interface DirectoryEnd {
  /** The position where the directory must end. */
  position: number
  start: number
  length: number
  count: number
}

const findEnd = async (file: FileReader): Promise<DirectoryEnd> => {
  const tail = await file.at(Math.max(0, file.size - END_LENGTH - MAX_COMMENT), END_LENGTH + MAX_COMMENT)
  for (let at = tail.length - END_LENGTH; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END) continue
    const position = file.size - tail.length + at
    if (tail.readUInt16LE(at + 4) !== 0) throw new ArchiveError('it is one part of a split archive')
    const end = {
      position,
      count: tail.readUInt16LE(at + 10),
      length: tail.readUInt32LE(at + 12),
      start: tail.readUInt32LE(at + 16)
    }
    return (await readEnd64(file, position)) ?? end
  }
  throw new ArchiveError('it has no end record, so it was truncated or is not a zip archive')
}

const readEnd64 = async (file: FileReader, position: number): Promise<DirectoryEnd | undefined> => {
  if (position < 20) return undefined
  const locator = await file.at(position - 20, 20)
  if (locator.readUInt32LE(0) !== LOCATOR_64) return undefined
  const at = Number(locator.readBigUInt64LE(8))
  const record = await file.at(at, 56)
  if (record.length < 56 || record.readUInt32LE(0) !== END_64)
    throw new ArchiveError('its zip64 end record is not where its locator says')
  return {
    position: at,
    count: Number(record.readBigUInt64LE(32)),
    length: Number(record.readBigUInt64LE(40)),
    start: Number(record.readBigUInt64LE(48))
  }
}

/** Reads record by record, so a directory of any size takes no more memory than what is kept of it. */
const splitRecords = async (
  file: FileReader,
  { start, end }: { start: number; end: number },
  count: number
): Promise<ZipRecord[]> => {
  const records: ZipRecord[] = []
  const more = counter()
  for (let at = start; at < end;) {
    const head = await file.at(at, Math.min(RECORD_LENGTH, end - at))
    if (head.length < RECORD_LENGTH || head.readUInt32LE(0) !== RECORD)
      throw new ArchiveError('its directory is damaged')
    const lengths = [28, 30, 32].map((field) => head.readUInt16LE(field))
    const [name = 0, extra = 0, comment = 0] = lengths
    const next = at + RECORD_LENGTH + name + extra + comment
    if (next > end) throw new ArchiveError('its directory is damaged')
    more()
    records.push(readRecord(await file.at(at, next - at), name, extra))
    at = next
  }
  if (records.length % 65_536 !== count % 65_536)
    throw new ArchiveError(`its directory lists ${records.length} entries, but its end record says ${count}`)
  return records
}

const readRecord = (bytes: Buffer, name: number, extra: number): ZipRecord => {
  const fields = bytes.subarray(RECORD_LENGTH + name, RECORD_LENGTH + name + extra)
  const [size, packed, offset] = readSizes(bytes, fields)
  return {
    // A copy, because a slice would keep the whole buffer in memory.
    rawName: Buffer.from(bytes.subarray(RECORD_LENGTH, RECORD_LENGTH + name)),
    host: bytes.readUInt8(5),
    flags: bytes.readUInt16LE(8),
    method: bytes.readUInt16LE(10),
    crc: bytes.readUInt32LE(16),
    packed,
    size,
    attributes: bytes.readUInt32LE(38),
    offset
  }
}
