import { ArchiveError } from './defects.js'
import { readHeader, readPax } from './tar-header.js'

/** One entry of a tar with its long names resolved. */
export interface TarEntry {
  name: string
  link: string
  type: string
  mode: number
  size: number
  /** Where the content starts in the unpacked tar. */
  start: number
}

/** Called for each entry; returns what to call with each piece of its content, or undefined to skip it. */
export type Visit = (entry: TarEntry) => Promise<((piece: Buffer) => void) | undefined>

const BLOCK = 512
/** Long names and extended headers are small; a larger one means damage. */
const MAX_EXTENSION = 1_048_576

/**
 * Reads a tar (ustar, pax, GNU) as GNU tar does: up to the first block of zeros, or to the end of the file between two
 * entries. Throws ArchiveError for what makes tar fail.
 */
export const walkTar = async (pieces: AsyncIterable<Buffer>, visit: Visit): Promise<void> => {
  const stream = openBlocks(pieces)
  await walkEntries(stream, visit)
  // Read to the very end, where a compressed file has its checksum.
  while ((await stream.take(DRAIN)).length > 0);
}

const DRAIN = 65_536

const walkEntries = async (stream: Blocks, visit: Visit): Promise<void> => {
  let pending: Extension = {}
  let defaults: Extension = {}
  for (;;) {
    const block = await stream.take(BLOCK)
    if (block.length === 0) return
    if (block.length < BLOCK) throw new ArchiveError('it ends in the middle of a header, so it was truncated')
    const header = readHeader(block)
    if (header === undefined) return
    const extension = EXTENSIONS[header.type]
    if (extension !== undefined) {
      if (header.size > MAX_EXTENSION) throw new ArchiveError('an extended header in it is damaged')
      const read = extension(await takeContent(stream, header.size))
      if (header.type === 'g') defaults = { ...defaults, ...read }
      else pending = { ...pending, ...read }
      continue
    }
    const { name, link, size } = { ...header, ...defaults, ...pending }
    pending = {}
    if (!Number.isSafeInteger(size) || size < 0) throw new ArchiveError('an entry in it has an invalid size')
    const entry = { name: name.toString(), link: link.toString(), type: header.type, mode: header.mode, size }
    const content = BODILESS.includes(header.type) ? 0 : size
    if (header.type === 'S' && block[SPARSE_MORE] !== 0) await passSparseMap(stream)
    const use = await visit({ ...entry, size: content, start: stream.position() })
    await stream.pass(content, use)
    await stream.pass((BLOCK - (content % BLOCK)) % BLOCK)
  }
}

interface Extension {
  name?: Buffer
  link?: Buffer
  size?: number
}

const CUT_IN_ENTRY = 'it ends in the middle of an entry, so it was truncated'

const BODILESS = ['1', '2', '3', '4', '5', '6']

// Old GNU sparse files: a full map of holes continues in more blocks, each of which says whether another follows.
const SPARSE_MORE = 482
const SPARSE_NEXT = 504

const passSparseMap = async (stream: Blocks): Promise<void> => {
  for (let more = true; more;) {
    const block = await stream.take(BLOCK)
    if (block.length < BLOCK) throw new ArchiveError(CUT_IN_ENTRY)
    more = block[SPARSE_NEXT] !== 0
  }
}

const untilNul = (bytes: Buffer): Buffer => {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

const fromPax = (bytes: Buffer): Extension => {
  const records = readPax(bytes)
  const [path, link, size] = ['path', 'linkpath', 'size'].map((key) => records.get(key))
  const name = records.get('GNU.sparse.name') ?? path
  return {
    ...(name === undefined ? {} : { name }),
    ...(link === undefined ? {} : { link }),
    ...(size === undefined ? {} : { size: Number(size.toString()) })
  }
}

const EXTENSIONS: Record<string, (bytes: Buffer) => Extension> = {
  x: fromPax,
  g: fromPax,
  L: (bytes) => ({ name: untilNul(bytes) }),
  K: (bytes) => ({ link: untilNul(bytes) })
}

const takeContent = async (stream: Blocks, size: number): Promise<Buffer> => {
  const bytes = await stream.take(size)
  if (bytes.length < size) throw new ArchiveError(CUT_IN_ENTRY)
  await stream.pass((BLOCK - (size % BLOCK)) % BLOCK)
  return bytes
}

/** A stream of bytes that is read in exact lengths. */
export interface Blocks {
  position(): number
  take(length: number): Promise<Buffer>
  /** Skips this many bytes, and gives them to `use` in pieces. */
  pass(length: number, use?: (piece: Buffer) => void): Promise<void>
}

export const openBlocks = (pieces: AsyncIterable<Buffer>): Blocks => {
  const iterator = pieces[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let position = 0
  const next = async (length: number): Promise<Buffer> => {
    while (rest.length === 0) {
      const step = await iterator.next()
      if (step.done === true) return Buffer.alloc(0)
      rest = step.value
    }
    const piece = rest.subarray(0, length)
    rest = rest.subarray(piece.length)
    position += piece.length
    return piece
  }
  const pass = async (length: number, use?: (piece: Buffer) => void): Promise<void> => {
    for (let left = length; left > 0;) {
      const piece = await next(left)
      if (piece.length === 0) throw new ArchiveError(CUT_IN_ENTRY)
      use?.(piece)
      left -= piece.length
    }
  }
  const take = async (length: number): Promise<Buffer> => {
    const kept: Buffer[] = []
    for (let left = length; left > 0;) {
      const piece = await next(left)
      if (piece.length === 0) break
      kept.push(piece)
      left -= piece.length
    }
    return Buffer.concat(kept)
  }
  return { position: () => position, take, pass }
}
