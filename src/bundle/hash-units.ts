import { HASH_PIECE } from '../domain/file-hash.js'
import { cutter, entryAt, type Batch, type PackUnit } from './plan.js'
import type { FolderEntry } from './walk.js'

/** What one job reads to hash it: the files of a batch, or a piece of a larger file. */
export type HashUnit = Batch | Piece

export interface Piece {
  kind: 'piece'
  /** Index of the file. */
  entry: number
  /** Which of its pieces, from 0 on, and how many there are. */
  number: number
  count: number
  start: number
  length: number
}

/** Cuts entries that are still being found; the batches are those that are packed later. */
export const hashUnits = () => {
  const cut = cutter()
  const waiting: HashUnit[] = []
  const add = (units: Iterable<PackUnit>, entries: readonly FolderEntry[]): void => {
    for (const unit of units)
      if (unit.kind === 'batch') waiting.push(unit)
      else if (unit.isFirst)
        for (const piece of pieces(unit.entry, entryAt(entries, unit.entry).size)) waiting.push(piece)
  }
  return {
    add: (entries: readonly FolderEntry[]) => {
      add(cut.next(entries), entries)
    },
    end: (entries: readonly FolderEntry[]) => {
      add(cut.end(), entries)
    },
    take: (): HashUnit | undefined => waiting.shift()
  }
}

const pieces = (entry: number, size: number): Piece[] => {
  const count = Math.ceil(size / HASH_PIECE)
  return Array.from({ length: count }, (_, number) => {
    const start = number * HASH_PIECE
    return { kind: 'piece', entry, number, count, start, length: Math.min(HASH_PIECE, size - start) }
  })
}
