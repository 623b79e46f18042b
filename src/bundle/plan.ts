import type { FolderEntry } from './walk.js'
import { LOCAL_HEADER } from './zip.js'

/** Space for the output of one job; jobs are sized so that even incompressible data fits. */
export const BUFFER_BYTES = 2_359_296

/** Files above this size are packed in blocks, so one large file keeps all cores busy. */
export const WHOLE_FILE = 512 * 1024
export const BLOCK = 2 * 1024 * 1024

const BATCH_BYTES = BUFFER_BYTES - 65_536
const BATCH_ENTRIES = 512

/** A run of entries that are packed by one job, or one block of a larger file. */
export type PackUnit = Batch | Block

export interface Batch {
  kind: 'batch'
  /** Index of the first entry, and of the first entry after the batch. */
  from: number
  to: number
}

export interface Block {
  kind: 'block'
  /** Index of the file. */
  entry: number
  start: number
  length: number
  isFirst: boolean
  isLast: boolean
}

/** The entry with this index. Throws if there is none, since a plan is valid only for the entries it was made from. */
export const entryAt = (entries: readonly FolderEntry[], index: number): FolderEntry => {
  const entry = entries[index]
  if (entry === undefined) throw new Error(`The plan names entry ${index} of ${entries.length}.`)
  return entry
}

export const isLarge = (entry: FolderEntry): boolean => entry.kind === 'file' && entry.size > WHOLE_FILE

/**
 * Splits the sorted entries into jobs. The split depends only on the tree, never on the number of cores, since it affects
 * the bytes of the archive.
 */
export function* packUnits(entries: readonly FolderEntry[]): Generator<PackUnit> {
  const cut = cutter()
  yield* cut.next(entries)
  yield* cut.end()
}

/** Splits entries that are still being found in the same way: each time as far as possible, and the rest at the end. */
export const cutter = (): {
  next: (entries: readonly FolderEntry[]) => Generator<PackUnit>
  end: () => PackUnit[]
} => {
  let [from, to, room] = [0, 0, BATCH_BYTES]
  const batch = (): PackUnit[] => (from < to ? [{ kind: 'batch', from, to }] : [])
  function* next(entries: readonly FolderEntry[]): Generator<PackUnit> {
    for (let entry = entries[to]; entry !== undefined; entry = entries[to]) {
      const cost = LOCAL_HEADER + entry.size + 4 * (entry.path.length + (entry.target ?? '').length)
      const large = isLarge(entry)
      if (large || cost > room || to - from >= BATCH_ENTRIES) {
        yield* batch()
        from = to
        room = BATCH_BYTES
      }
      if (large) {
        yield* blocks(to, entry.size)
        from = to + 1
      } else room -= cost
      to++
    }
  }
  return { next, end: batch }
}

function* blocks(entry: number, size: number): Generator<Block> {
  for (let start = 0; start < size; start += BLOCK)
    yield {
      kind: 'block',
      entry,
      start,
      length: Math.min(BLOCK, size - start),
      isFirst: start === 0,
      isLast: start + BLOCK >= size
    }
}
