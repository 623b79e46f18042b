import { contentHash, type HashedEntry } from '../domain/content-hash.js'
import { fileHash } from '../domain/file-hash.js'
import { mayBePointer, MOST_POINTERS_READ } from '../domain/lfs.js'
import { isShort, isShortTarget } from './bounds.js'
import type { Defects } from './defects.js'
import { checkLink, type Listing, openListing, tidyPath, type Unpacked } from './listing.js'
import { type TarEntry, walkTar } from './tar-stream.js'

/** The unpacked tar from its start; may be called more than once. */
export type Pieces = () => AsyncIterable<Buffer>

/** Reads a tar as the agent unpacks it, with `tar -xpsf` (linux_util.rb of the agent); GNU tar's complaints are errors. */
export const readTar = async (pieces: Pieces, defects: Defects): Promise<Unpacked> => {
  const listing = openListing(defects, true)
  const kept = openKept()
  await walkTar(pieces(), (entry) => Promise.resolve(visit(entry, { listing, defects, kept })))
  return {
    view: {
      entries: listing.entries(),
      read: async (path, limit) =>
        kept.read(path, limit) ?? (await readAgain(pieces, [path], limit)).get(path) ?? Buffer.alloc(0),
      prepare: async (paths, limit) => {
        const missing = paths.filter((path) => kept.read(path, limit) === undefined)
        if (missing.length === 0) return
        for (const [path, bytes] of await readAgain(pieces, missing, limit)) kept.put(path, bytes)
      }
    },
    entries: listing.entries(),
    contentHash: contentHash(listing.entries())
  }
}

interface Context {
  listing: Listing
  defects: Defects
  kept: Kept
}

const visit = (entry: TarEntry, context: Context): ((piece: Buffer) => void) | undefined => {
  if (!isShort(Buffer.byteLength(entry.name), entry.name, context.defects)) return undefined
  const path = checkName(entry, context.defects)
  if (path === undefined || path === '') return undefined
  const { listing } = context
  switch (kindOf(entry)) {
    case 'directory':
      listing.add({ path, kind: 'directory', mode: entry.mode, size: 0 })
      return undefined
    case 'symlink':
      if (!isShortTarget(Buffer.byteLength(entry.link), path, context.defects)) return undefined
      checkLink(context.defects, path, entry.link)
      listing.add({ path, kind: 'symlink', mode: 0o777, size: 0, target: entry.link })
      return undefined
    case 'link':
      addHardLink(path, entry, context)
      return undefined
    case 'special':
      context.defects.warning(path, 'This entry is a device or pipe; it does not belong in a bundle.')
      return undefined
    case 'file':
      return addFile(path, entry, context)
  }
}

const addFile = (path: string, entry: TarEntry, { listing, kept }: Context): ((piece: Buffer) => void) => {
  const hash = fileHash()
  const file: HashedEntry = { path, kind: 'file', mode: entry.mode, size: entry.size }
  listing.add(file)
  const keep = kept.open(path, entry.size)
  let left = entry.size
  if (left === 0) file.sha256 = hash.digest()
  return (piece) => {
    hash.update(piece)
    keep?.(piece)
    left -= piece.length
    if (left === 0) file.sha256 = hash.digest()
  }
}

const addHardLink = (path: string, entry: TarEntry, { listing, defects, kept }: Context): void => {
  const target = tidyPath(entry.link.replace(/^(?:\.\.\/)+/, ''))
  const found = listing.at(target)
  if (found === undefined || found.kind === 'directory') {
    defects.error(
      path,
      `This entry is a hard link to ${entry.link}, which is not in the archive before it, so tar fails.`
    )
    return
  }
  listing.add({ ...found, path })
  const content = kept.read(target, KEPT_OF_EACH)
  if (content !== undefined) kept.open(path, found.size)?.(content)
}

const checkName = (entry: TarEntry, defects: Defects): string | undefined => {
  const { name } = entry
  if (name.split('/').includes('..')) {
    defects.error(
      name,
      'This name contains “..”, which tar refuses. Create the archive from within its folder.'
    )
    return undefined
  }
  if (name.startsWith('/')) defects.warning(name, 'This name starts with a slash, which tar removes.')
  return tidyPath(name)
}

const kindOf = ({ type, name }: TarEntry): 'file' | 'directory' | 'symlink' | 'link' | 'special' => {
  if (type === '5' || type === 'D') return 'directory'
  if (type === '2') return 'symlink'
  if (type === '1') return 'link'
  if (['3', '4', '6'].includes(type)) return 'special'
  return (type === '0' || type === '\0') && name.endsWith('/') ? 'directory' : 'file'
}

/** The starts of files that were not kept, all in one pass: a compressed tar can only be read from its beginning. */
const readAgain = async (
  pieces: Pieces,
  paths: readonly string[],
  limit: number
): Promise<Map<string, Buffer>> => {
  const wanted = new Set(paths)
  const found = new Map<string, Buffer[]>()
  await walkTar(pieces(), (entry) => {
    const path = tidyPath(entry.name)
    if (!wanted.has(path)) return Promise.resolve(undefined)
    const start: Buffer[] = []
    found.set(path, start)
    let size = 0
    return Promise.resolve((piece: Buffer) => {
      if (size < limit) start.push(Buffer.from(piece.subarray(0, limit - size)))
      size += piece.length
    })
  })
  return new Map([...found].map(([path, start]) => [path, Buffer.concat(start)]))
}

/** Files near the root may be scripts, which are checked later, so the small ones are kept, up to a total of `sum` bytes; and so are some that may be pointers of Git LFS. */
const KEEP = { depth: 3, each: 65_536, sum: 33_554_432 }

/** Most bytes of a file that are kept. */
export const KEPT_OF_EACH = KEEP.each

/** The starts of files that may be read again. */
export interface Kept {
  open(path: string, size: number): ((piece: Buffer) => void) | undefined
  read(path: string, limit: number): Buffer | undefined
  /** Keeps the start of a file that was too large, or too deep in the tree, to be kept at first. */
  put(path: string, start: Buffer): void
}

export const openKept = (): Kept => {
  const files = new Map<string, Buffer[]>()
  let sum = 0
  let pointers = 0
  const isDeepPointer = (path: string, size: number): boolean =>
    mayBePointer(path, size) && ++pointers <= MOST_POINTERS_READ
  return {
    open: (path, size) => {
      files.delete(path)
      if (size > KEEP.each || sum + size > KEEP.sum) return undefined
      if (path.split('/').length > KEEP.depth && !isDeepPointer(path, size)) return undefined
      sum += size
      const pieces: Buffer[] = []
      files.set(path, pieces)
      return (piece) => pieces.push(Buffer.from(piece))
    },
    read: (path, limit) => {
      const pieces = files.get(path)
      return pieces === undefined ? undefined : Buffer.concat(pieces).subarray(0, limit)
    },
    put: (path, start) => files.set(path, [start])
  }
}
