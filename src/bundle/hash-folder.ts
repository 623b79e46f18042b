import { sortedTreeHash, type HashedEntry } from '../domain/content-hash.js'
import { joinNames, type FileColumns } from './columns.js'
import type { Folder } from './folder.js'
import { inOrder } from './in-order.js'
import { isLarge, packUnits, WHOLE_FILE } from './plan.js'
import type { Pool } from './pool.js'
import type { FolderEntry } from './walk.js'

/** A folder with the hash of every file, taken before anything is packed. */
export interface HashedFolder {
  folder: Folder
  /** SHA-256 (hex) over the tree (domain/content-hash.ts). */
  contentHash: string
  /** SHA-256 (hex) of each file, by the index of its entry; undefined for folders and links. */
  sha256: readonly (string | undefined)[]
  /** Indexes of large files that packing does not help. */
  incompressible: ReadonlySet<number>
  /** Bytes of the smallest files by the first index of the batch they belong to; they are not read twice. */
  kept: Map<number, Uint8Array<ArrayBuffer>>
}

/** How far hashing has come. */
export interface HashProgress {
  files: number
  bytes: number
}

/** Files up to this size are remembered between hashing and packing: opening them costs more than holding them. */
export const KEEP_UP_TO = 1024
const KEEP_AT_MOST = 24 * 1024 * 1024

/** So many times more jobs wait at the threads than while packing, since this one judges the AppSpec and asks AWS meanwhile. */
const AHEAD = 8

/** Entries `from` up to `to`, of which the files are read by one job. */
interface Span {
  from: number
  to: number
}

/** Reads every file once. Throws a UserError that names a file which changed, vanished or cannot be read. */
export const hashFolder = async (
  folder: Folder,
  options: {
    pool: Pool
    progress?: ((state: HashProgress) => void) | undefined
    signal?: AbortSignal | undefined
  }
): Promise<HashedFolder> => {
  const { entries, root } = folder
  const sha256: (string | undefined)[] = new Array<undefined>(entries.length).fill(undefined)
  const incompressible = new Set<number>()
  const kept: HashedFolder['kept'] = new Map()
  const done = { files: 0, bytes: 0 }
  const tree = treeAsHashed(entries, sha256)
  let room = KEEP_AT_MOST
  const hash = ({ from, to }: Span) => {
    const files = filesOf(entries, { from, to })
    const keepUpTo = room > 0 ? KEEP_UP_TO : 0
    for (const { entry } of files) if (entry.size <= keepUpTo) room -= entry.size
    const columns = columnsOf(root, files)
    return options.pool.run('hash', { files: columns, keepUpTo, sampleAbove: WHOLE_FILE })
  }
  for await (const { job, answer } of inOrder(spans(entries), hash, AHEAD * options.pool.ahead)) {
    options.signal?.throwIfAborted()
    if (answer.kept.length > 0) kept.set(job.from, answer.kept)
    for (const [position, { index, entry }] of filesOf(entries, job).entries()) {
      sha256[index] = answer.digests.slice(64 * position, 64 * position + 64)
      if (answer.incompressible[position] === 1) incompressible.add(index)
      done.files++
      done.bytes += entry.size
    }
    tree.advance()
    options.progress?.(done)
  }
  return { folder, contentHash: tree.digest(), sha256, incompressible, kept }
}

/** The hash of the tree grows with the hashes of its files, so that little is left to do after the last of them. */
const treeAsHashed = (entries: readonly FolderEntry[], sha256: readonly (string | undefined)[]) => {
  const hash = sortedTreeHash()
  let next = 0
  const advance = (): void => {
    const ready: HashedEntry[] = []
    for (let entry = entries[next]; entry !== undefined; entry = entries[next]) {
      const own = sha256[next]
      if (entry.kind === 'file' && own === undefined) break
      const { kind, mode, path, size, target } = entry
      ready.push({
        kind,
        mode,
        path,
        size,
        ...(target === undefined ? {} : { target }),
        ...(own === undefined ? {} : { sha256: own })
      })
      next++
    }
    hash.add(ready)
  }
  return {
    advance,
    digest: () => {
      advance()
      return hash.digest()
    }
  }
}

/** The largest files first, since nothing else can fill the time in which one core hashes the last of them. */
const spans = (entries: readonly FolderEntry[]): Span[] => {
  const large = entries.flatMap((entry, index) => (isLarge(entry) ? [{ index, size: entry.size }] : []))
  large.sort((one, other) => other.size - one.size || one.index - other.index)
  const batches = [...packUnits(entries)].filter((unit) => unit.kind === 'batch')
  return [...large.map(({ index }) => ({ from: index, to: index + 1 })), ...batches]
}

interface IndexedFile {
  index: number
  entry: FolderEntry
}

const filesOf = (entries: readonly FolderEntry[], { from, to }: Span): IndexedFile[] => {
  const files: IndexedFile[] = []
  for (let index = from; index < to; index++) {
    const entry = entries[index]
    if (entry?.kind === 'file') files.push({ index, entry })
  }
  return files
}

const columnsOf = (root: string, files: readonly IndexedFile[]): FileColumns => ({
  root,
  names: joinNames(files.map(({ entry }) => entry.path)),
  sizes: Float64Array.from(files, ({ entry }) => entry.size),
  changes: Float64Array.from(files, ({ entry }) => entry.changedAt)
})
