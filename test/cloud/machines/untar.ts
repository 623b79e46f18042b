import type { ArchiveEntry } from './archive.js'

const BLOCK = 512
const KINDS: Record<string, ArchiveEntry['kind']> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'folder'
}

/** The bytes of a stream, read by length. */
type Take = (length: number) => Promise<Buffer | undefined>

/** Reads a tar stream: ustar, pax headers and GNU long names. Throws if it is not a tar or is truncated. */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<ArchiveEntry> {
  const take = taker(stream)
  let extra: Record<string, string> = {}
  for (let header = await take(BLOCK); header !== undefined; header = await take(BLOCK)) {
    if (header.every((byte) => byte === 0)) return
    checkSum(header)
    const type = String.fromCharCode(header[156] ?? 0)
    const size = Number(extra['size'] ?? number(header, 124, 12))
    const told = {
      x: paxFields,
      L: (value: Buffer) => ({ path: cString(value) }),
      K: linkName,
      g: () => ({})
    }[type]
    if (told !== undefined) {
      const value = (await take(size)) ?? Buffer.alloc(0)
      await skip(take, padding(size))
      extra = { ...extra, ...told(value) }
      continue
    }
    const body = bodyOf(take, size)
    const kind = KINDS[type]
    if (kind === undefined) throw new Error(`unsupported tar entry type ${type}`)
    const name = extra['path'] ?? nameOf(header)
    yield {
      name,
      kind: kind === 'file' && name.endsWith('/') ? 'folder' : kind,
      mode: number(header, 100, 8) & 0o777,
      target: extra['linkpath'] ?? cString(header.subarray(157, 257)),
      content: body.read
    }
    await body.finish()
    extra = {}
  }
}

const linkName = (value: Buffer): Record<string, string> => ({ linkpath: cString(value) })

const taker = (stream: AsyncIterable<Buffer>): Take => {
  const source = stream[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  return async (length) => {
    const pieces: Buffer[] = [held]
    let have = held.length
    while (have < length) {
      const next = await source.next()
      if (next.done === true) {
        if (have === 0) return undefined
        throw new Error('unexpected end of archive')
      }
      pieces.push(next.value)
      have += next.value.length
    }
    const all = Buffer.concat(pieces)
    held = all.subarray(length)
    return all.subarray(0, length)
  }
}

/** The bytes of one entry; what its reader leaves unread is skipped before the next header. */
const bodyOf = (take: Take, size: number) => {
  let left = size
  async function* read(): AsyncGenerator<Buffer> {
    while (left > 0) {
      const piece = await take(Math.min(left, 64 * 1024))
      if (piece === undefined) throw new Error('unexpected end of archive')
      left -= piece.length
      yield piece
    }
  }
  const finish = async (): Promise<void> => {
    await skip(take, left)
    await skip(take, padding(size))
  }
  return { read, finish }
}

const skip = async (take: Take, length: number): Promise<void> => {
  for (let left = length; left > 0; left -= Math.min(left, 64 * 1024)) await take(Math.min(left, 64 * 1024))
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK

const cString = (bytes: Buffer): string => {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

const nameOf = (header: Buffer): string => {
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? cString(header.subarray(345, 500)) : ''
  const name = cString(header.subarray(0, 100))
  // GNU's own format has times where ustar has the prefix.
  return prefix === '' || header.toString('latin1', 257, 265) === 'ustar  \0' ? name : `${prefix}/${name}`
}

/** Octal digits, or base 256 if the first bit is set. */
const number = (header: Buffer, start: number, length: number): number => {
  const field = header.subarray(start, start + length)
  if (((field[0] ?? 0) & 0x80) !== 0) {
    return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
  }
  return parseInt(cString(field).trim() || '0', 8)
}

const checkSum = (header: Buffer): void => {
  const blank = header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0)
  if (number(header, 148, 8) !== blank) throw new Error('This does not look like a tar archive')
}

/** Records of the form `LENGTH KEY=VALUE\n`, lengths in bytes. */
const paxFields = (value: Buffer): Record<string, string> => {
  const fields: Record<string, string> = {}
  for (let here = 0; here < value.length;) {
    const space = value.indexOf(32, here)
    const length = parseInt(value.toString('latin1', here, space), 10)
    if (!(length > 0)) break
    const record = value.toString('utf8', space + 1, here + length - 1)
    const equals = record.indexOf('=')
    fields[record.slice(0, equals)] = record.slice(equals + 1)
    here += length
  }
  return fields
}
