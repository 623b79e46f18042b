import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import type { ArchiveEntry } from './archive.js'

const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const CENTRAL = 0x02014b50
const LOCAL_HEADER = 30
const UNIX = 3
const FULL = 0xffffffff

interface Listed {
  name: string
  mode: number
  method: number
  crc: number
  packed: number
  size: number
  offset: number
}

/** Reads a .zip by its central directory, including ZIP64. Throws if it is not a zip, or if a file's checksum is wrong. */
export async function* readZip(file: string): AsyncGenerator<ArchiveEntry> {
  const handle = await open(file)
  try {
    for (const listed of await readDirectory(handle)) yield await toEntry(listed, handle, file)
  } finally {
    await handle.close()
  }
}

const at = async (handle: FileHandle, position: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  if (bytesRead < length) throw new Error('unexpected end of archive')
  return buffer
}

const readDirectory = async (handle: FileHandle): Promise<Listed[]> => {
  const { size } = await handle.stat()
  const length = Math.min(size, 22 + 0xffff)
  const tail = await at(handle, size - length, length)
  let end = tail.length - 22
  while (end >= 0 && tail.readUInt32LE(end) !== END) end -= 1
  if (end < 0) throw new Error('End-of-central-directory signature not found')
  let [bytes, start] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
  if (end >= 20 && tail.readUInt32LE(end - 20) === LOCATOR_64) {
    const record = await at(handle, Number(tail.readBigUInt64LE(end - 20 + 8)), 56)
    if (record.readUInt32LE(0) !== END_64) throw new Error('ZIP64 end of central directory not found')
    ;[bytes, start] = [Number(record.readBigUInt64LE(40)), Number(record.readBigUInt64LE(48))]
  }
  return list(await at(handle, start, bytes))
}

const list = (directory: Buffer): Listed[] => {
  const found: Listed[] = []
  for (let here = 0; here + 46 <= directory.length;) {
    if (directory.readUInt32LE(here) !== CENTRAL) throw new Error('bad central directory entry')
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((by) =>
      directory.readUInt16LE(here + by)
    ) as [number, number, number]
    const next = here + 46 + nameLength + extraLength
    const extra = directory.subarray(here + 46 + nameLength, next)
    const name = directory.toString('utf8', here + 46, here + 46 + nameLength)
    const isUnix = directory.readUInt8(here + 5) === UNIX
    found.push({
      name,
      mode: isUnix ? directory.readUInt16LE(here + 40) : 0,
      method: directory.readUInt16LE(here + 10),
      crc: directory.readUInt32LE(here + 16),
      ...sizes(directory, here, extra)
    })
    here = next + commentLength
  }
  return found
}

/** Sizes above 4 GiB are in an extra field, each only if the plain field is full. */
const sizes = (
  directory: Buffer,
  here: number,
  extra: Buffer
): Pick<Listed, 'packed' | 'size' | 'offset'> => {
  const plain = { size: 24, packed: 20, offset: 42 }
  const values = Object.entries(plain).map(([key, by]) => [key, directory.readUInt32LE(here + by)] as const)
  const wide = extraField(extra, 1)
  let position = 0
  const read = values.map(([key, value]) => {
    if (value !== FULL || wide === undefined) return [key, value] as const
    position += 8
    return [key, Number(wide.readBigUInt64LE(position - 8))] as const
  })
  return Object.fromEntries(read) as Pick<Listed, 'packed' | 'size' | 'offset'>
}

const extraField = (extra: Buffer, wanted: number): Buffer | undefined => {
  for (let here = 0; here + 4 <= extra.length;) {
    const [id, length] = [extra.readUInt16LE(here), extra.readUInt16LE(here + 2)]
    if (id === wanted) return extra.subarray(here + 4, here + 4 + length)
    here += 4 + length
  }
  return undefined
}

const toEntry = async (listed: Listed, handle: FileHandle, file: string): Promise<ArchiveEntry> => {
  const content = () => unpack(listed, handle, file)
  const type = listed.mode & 0o170000
  const isLink = type === 0o120000
  const isFolder = listed.name.endsWith('/') || type === 0o040000
  const mode = listed.mode === 0 ? undefined : listed.mode & 0o777
  const target = isLink ? (await gather(content())).toString('utf8') : ''
  return { name: listed.name, kind: isLink ? 'symlink' : isFolder ? 'folder' : 'file', mode, target, content }
}

const gather = async (chunks: AsyncIterable<Buffer>): Promise<Buffer> => {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

async function* unpack(listed: Listed, handle: FileHandle, file: string): AsyncGenerator<Buffer> {
  const header = await at(handle, listed.offset, LOCAL_HEADER)
  const start = listed.offset + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28)
  if (listed.method !== 0 && listed.method !== 8)
    throw new Error(`unsupported compression method ${listed.method}`)
  let crc = 0
  if (listed.packed > 0) {
    const packed = createReadStream(file, { start, end: start + listed.packed - 1 })
    const plain = listed.method === 0 ? packed : packed.pipe(createInflateRaw())
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      crc = crc32(chunk, crc)
      yield chunk
    }
  }
  if (crc !== listed.crc) throw new Error(`bad CRC of ${listed.name}`)
}
