import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { judge } from '../../src/appspec/judge.js'
import { type Archive, openArchive } from '../../src/archive/open.js'
import type { Finding } from '../../src/domain/bundle.js'

/** One entry of a test archive; the optional fields can make it wrong on purpose. */
export interface Made {
  name: string | Buffer
  text?: string
  /** With the file type, e.g. 0o120777 for a symlink. */
  mode?: number
  /** zip: system (3 Unix, 0 DOS), compression method, and fields to falsify. tar: the type letter. */
  host?: number
  method?: number
  flags?: number
  crc?: number
  size?: number
  type?: string
  link?: string
}

const words = (...numbers: number[]): Buffer => {
  const buffer = Buffer.alloc(numbers.length * 2)
  for (const [index, number] of numbers.entries()) buffer.writeUInt16LE(number & 0xffff, index * 2)
  return buffer
}
const long = (number: number): number[] => [number & 0xffff, Math.floor(number / 65_536)]

/** A zip; with `stream`, sizes and checksums follow the content (data descriptors); with `zip64`, numbers have 64 bits. */
export const zip = (entries: readonly Made[], { stream = false, zip64 = false } = {}): Buffer => {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const text = Buffer.from(entry.text ?? '')
    const method = entry.method ?? 8
    const data = method === 8 ? deflateRawSync(text) : text
    const name = Buffer.isBuffer(entry.name) ? entry.name : Buffer.from(entry.name)
    const flags = (entry.flags ?? 0x0800) | (stream ? 8 : 0)
    const crc = entry.crc ?? crc32(text)
    const sizes = [crc, data.length, entry.size ?? text.length]
    const known = stream ? [0, 0, 0] : sizes
    const header = words(20, flags, method, 0, 0, ...known.flatMap(long), name.length, 0)
    const tail = stream ? [Buffer.from('PK\x07\x08'), words(...sizes.flatMap(long))] : []
    const piece = Buffer.concat([Buffer.from('PK\x03\x04'), header, name, data, ...tail])
    const extra = zip64 ? field64(entry.size ?? text.length, data.length, offset) : Buffer.alloc(0)
    const shown = zip64 ? [crc, 0xffffffff, 0xffffffff] : sizes
    const attributes = ((entry.mode ?? 0o100644) << 16) >>> 0
    central.push(
      Buffer.from('PK\x01\x02'),
      words(20 | ((entry.host ?? 3) << 8), 20, flags, method, 0, 0, ...shown.flatMap(long), name.length),
      words(extra.length, 0, 0, 0, ...long(attributes), ...long(zip64 ? 0xffffffff : offset)),
      name,
      extra
    )
    local.push(piece)
    offset += piece.length
  }
  const directory = Buffer.concat(central)
  const end = zip64 ? end64(entries.length, directory.length, offset) : Buffer.alloc(0)
  const place = zip64 ? [0xffffffff, 0xffffffff] : [directory.length, offset]
  const count = zip64 ? 0xffff : entries.length
  const last = words(0, 0, count, count, ...place.flatMap(long), 0)
  return Buffer.concat([...local, directory, end, Buffer.from('PK\x05\x06'), last])
}

const field64 = (size: number, packed: number, offset: number): Buffer => {
  const field = Buffer.alloc(28)
  field.writeUInt16LE(1, 0)
  field.writeUInt16LE(24, 2)
  for (const [index, number] of [size, packed, offset].entries())
    field.writeBigUInt64LE(BigInt(number), 4 + 8 * index)
  return field
}

const end64 = (count: number, length: number, start: number): Buffer => {
  const record = Buffer.alloc(76)
  record.write('PK\x06\x06', 0, 'latin1')
  record.writeBigUInt64LE(44n, 4)
  record.writeBigUInt64LE(BigInt(count), 24)
  record.writeBigUInt64LE(BigInt(count), 32)
  record.writeBigUInt64LE(BigInt(length), 40)
  record.writeBigUInt64LE(BigInt(start), 48)
  record.write('PK\x06\x07', 56, 'latin1')
  record.writeBigUInt64LE(BigInt(start + length), 64)
  record.writeUInt32LE(1, 72)
  return record
}

const block = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])

/** A tar with correct header checksums and two blocks of zeros at the end. */
export const tar = (entries: readonly Made[]): Buffer =>
  Buffer.concat([
    ...entries.flatMap((entry) => [header(entry), block(Buffer.from(entry.text ?? ''))]),
    Buffer.alloc(1024)
  ])

const header = (entry: Made): Buffer => {
  const bytes = Buffer.alloc(512)
  Buffer.from(entry.name).copy(bytes, 0)
  bytes.write(`${((entry.mode ?? 0o644) & 0o7777).toString(8).padStart(7, '0')}\0`, 100)
  bytes.write(`${(entry.size ?? Buffer.byteLength(entry.text ?? '')).toString(8).padStart(11, '0')}\0`, 124)
  bytes.write(entry.type ?? '0', 156)
  bytes.write(entry.link ?? '', 157)
  bytes.write('ustar\0' + '00', 257)
  bytes.fill(' ', 148, 156)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

/** A record of a pax header. */
export const pax = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`
  const guess = Buffer.byteLength(rest) + 2
  const length = String(guess).length === 2 ? guess : guess + String(guess).length - 2
  return `${length}${rest}`
}

/** Writes an archive to a file and opens it while `use` runs. */
export const withArchive = async <T>(
  name: string,
  bytes: Uint8Array,
  use: (archive: Archive) => Promise<T>
): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-test-'))
  try {
    writeFileSync(join(folder, name), bytes)
    const archive = await openArchive(join(folder, name))
    try {
      return await use(archive)
    } finally {
      await archive.close()
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The findings about an archive and the bundle in it. */
export const judgeArchive = (name: string, bytes: Uint8Array): Promise<Finding[]> =>
  withArchive(name, bytes, async ({ findings, readable, view }) => [
    ...findings,
    ...(readable ? await judge(view) : [])
  ])

export const APPSPEC: Made = {
  name: 'appspec.yml',
  text: 'version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: run.sh\n'
}
export const SCRIPT: Made = { name: 'run.sh', text: '#!/bin/sh\nexit 0\n', mode: 0o100755 }
