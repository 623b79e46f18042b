/**
 * The parts of the ZIP format (PKWARE APPNOTE 6.3) that a bundle needs: UTF-8 names, Unix modes, zip64 where the old fields
 * are too small, and data descriptors for files that are written before their sizes are known.
 */

export const STORED = 0
export const DEFLATED = 8

/** Values from these on need zip64. */
const LIMIT_32 = 0xffffffff
const LIMIT_16 = 0xffff

const UTF8_NAMES = 0x0800
const SIZES_FOLLOW = 0x0008
const MADE_ON_UNIX = 0x0300

/** Midnight of 1980-01-01, the earliest ZIP time. */
export const BEGINNING = 0x00210000

const FILE = 0o100000
const FOLDER = 0o040000
const LINK = 0o120000

export const LOCAL_HEADER = 30

/** The sizes of a member when they are known before its data is written. */
export interface Sizes {
  method: number
  crc: number
  compressed: number
  size: number
}

/** Deflated data may be slightly larger than the file, so the limit leaves a margin. */
export const isHuge = (size: number): boolean => size >= LIMIT_32 - 0x1000000

const needs = (zip64: boolean): number => (zip64 ? 45 : 20)

/** Writes the header of a member whose sizes are known into `out`, where its name already is. */
export const writeLocalHeader = (
  out: Buffer,
  at: number,
  member: Sizes & { nameLength: number; time: number }
): void => {
  writeFixed(out, at, { needs: needs(false), flags: UTF8_NAMES, method: member.method, time: member.time })
  out.writeUInt32LE(member.crc, at + 14)
  out.writeUInt32LE(member.compressed, at + 18)
  out.writeUInt32LE(member.size, at + 22)
  out.writeUInt32LE(member.nameLength, at + 26)
}

const writeFixed = (
  out: Buffer,
  at: number,
  fixed: { needs: number; flags: number; method: number; time: number }
): void => {
  out.writeUInt32LE(0x04034b50, at)
  out.writeUInt16LE(fixed.needs, at + 4)
  out.writeUInt16LE(fixed.flags, at + 6)
  out.writeUInt16LE(fixed.method, at + 8)
  out.writeUInt32LE(fixed.time, at + 10)
}

/** The header of a deflated member whose sizes follow its data. */
export const openHeader = (member: { name: string; time: number; size: number }): Buffer => {
  const name = Buffer.from(member.name)
  const zip64 = isHuge(member.size)
  const header = Buffer.alloc(LOCAL_HEADER + name.length + (zip64 ? 20 : 0))
  writeFixed(header, 0, {
    needs: needs(zip64),
    flags: UTF8_NAMES | SIZES_FOLLOW,
    method: DEFLATED,
    time: member.time
  })
  header.writeUInt16LE(name.length, 26)
  name.copy(header, LOCAL_HEADER)
  if (zip64) {
    header.writeUInt32LE(LIMIT_32, 18)
    header.writeUInt32LE(LIMIT_32, 22)
    header.writeUInt16LE(20, 28)
    header.writeUInt32LE(0x00100001, LOCAL_HEADER + name.length)
  }
  return header
}

/** What follows the data of a member that started with `openHeader`. */
export const dataDescriptor = (sizes: Omit<Sizes, 'method'>): Buffer => {
  const zip64 = isHuge(sizes.size)
  const out = Buffer.alloc(zip64 ? 24 : 16)
  out.writeUInt32LE(0x08074b50, 0)
  out.writeUInt32LE(sizes.crc, 4)
  if (zip64) {
    out.writeBigUInt64LE(BigInt(sizes.compressed), 8)
    out.writeBigUInt64LE(BigInt(sizes.size), 16)
  } else {
    out.writeUInt32LE(sizes.compressed, 8)
    out.writeUInt32LE(sizes.size, 12)
  }
  return out
}

/** What the central directory at the end of the archive records about a member. */
export interface Member extends Sizes {
  name: string
  kind: 'file' | 'directory' | 'symlink'
  /** Permission bits. */
  mode: number
  time: number
  /** Where its local header starts. */
  offset: number
  /** True when its sizes follow its data. */
  streamed: boolean
}

const KINDS = { file: FILE, directory: FOLDER, symlink: LINK }

/** The central directory's record of one member. */
export const directoryRecord = (member: Member): Buffer => {
  const zip64 = member.streamed && isHuge(member.size)
  const wide = [
    ...(zip64 ? [member.size, member.compressed] : []),
    ...(member.offset >= LIMIT_32 ? [member.offset] : [])
  ]
  const nameLength = Buffer.byteLength(member.name)
  const out = Buffer.allocUnsafe(46 + nameLength + (wide.length === 0 ? 0 : 4 + 8 * wide.length))
  const version = needs(wide.length > 0)
  out.writeUInt32LE(0x02014b50, 0)
  out.writeUInt16LE(MADE_ON_UNIX | version, 4)
  out.writeUInt16LE(version, 6)
  out.writeUInt16LE(UTF8_NAMES | (member.streamed ? SIZES_FOLLOW : 0), 8)
  out.writeUInt16LE(member.method, 10)
  out.writeUInt32LE(member.time, 12)
  out.writeUInt32LE(member.crc, 16)
  out.writeUInt32LE(zip64 ? LIMIT_32 : member.compressed, 20)
  out.writeUInt32LE(zip64 ? LIMIT_32 : member.size, 24)
  out.writeUInt16LE(nameLength, 28)
  out.writeUInt16LE(out.length - 46 - nameLength, 30)
  // No comment, first disk, no internal attributes.
  out.fill(0, 32, 38)
  // The upper half is the Unix mode; in the lower, MS-DOS marks a folder.
  const mode = (KINDS[member.kind] | member.mode) * 0x10000
  out.writeUInt32LE(mode + (member.kind === 'directory' ? 0x10 : 0), 38)
  out.writeUInt32LE(Math.min(member.offset, LIMIT_32), 42)
  out.write(member.name, 46)
  wide.forEach((value, index) => {
    out.writeBigUInt64LE(BigInt(value), 50 + nameLength + 8 * index)
  })
  if (wide.length > 0) out.writeUInt32LE(0x0001 | ((8 * wide.length) << 16), 46 + nameLength)
  return out
}

/** The end of an archive: the end record, preceded by the zip64 one when a number does not fit. */
export const endRecords = (directory: { members: number; offset: number; length: number }): Buffer => {
  const { members, offset, length } = directory
  const wide = members >= LIMIT_16 || offset >= LIMIT_32 || length >= LIMIT_32
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Math.min(members, LIMIT_16), 8)
  end.writeUInt16LE(Math.min(members, LIMIT_16), 10)
  end.writeUInt32LE(Math.min(length, LIMIT_32), 12)
  end.writeUInt32LE(Math.min(offset, LIMIT_32), 16)
  return wide ? Buffer.concat([zip64End(directory), end]) : end
}

const zip64End = (directory: { members: number; offset: number; length: number }): Buffer => {
  const out = Buffer.alloc(56 + 20)
  out.writeUInt32LE(0x06064b50, 0)
  out.writeBigUInt64LE(44n, 4)
  out.writeUInt16LE(MADE_ON_UNIX | 45, 12)
  out.writeUInt16LE(45, 14)
  out.writeBigUInt64LE(BigInt(directory.members), 24)
  out.writeBigUInt64LE(BigInt(directory.members), 32)
  out.writeBigUInt64LE(BigInt(directory.length), 40)
  out.writeBigUInt64LE(BigInt(directory.offset), 48)
  out.writeUInt32LE(0x07064b50, 56)
  out.writeBigUInt64LE(BigInt(directory.offset + directory.length), 64)
  out.writeUInt32LE(1, 72)
  return out
}

/**
 * The modification time of a file in the archive: derived from its content, in the years 1980 to 2007. The agent keeps it on
 * the server (install_instruction.rb copies with `preserve`), where many programs trust "same size, same time, same
 * content": web servers for ETags, Python for compiled modules, rsync. The build time would make every archive different;
 * one fixed time would make these programs serve and run what was deployed before.
 */
export const zipTime = (sha256: string | undefined): number => {
  if (sha256 === undefined) return BEGINNING
  let rest = Number.parseInt(sha256.slice(0, 8), 16)
  const take = (choices: number): number => {
    const taken = rest % choices
    rest = Math.floor(rest / choices)
    return taken
  }
  const [twoSeconds, minute, hour] = [take(30), take(60), take(24)]
  const [day, month, year] = [1 + take(28), 1 + take(12), take(28)]
  const date = (year << 9) | (month << 5) | day
  return ((date << 16) | (hour << 11) | (minute << 5) | twoSeconds) >>> 0
}
