import { cutter, entryAt, type PackUnit } from './plan.js'
import type { FolderEntry } from './walk.js'

/** Entries `from` up to `to`, of which the files are read by one job. */
export interface Span {
  from: number
  to: number
}

/** The largest files first, since nothing else can fill the time in which one core hashes the last of them. */
export const spanQueue = () => {
  const cut = cutter()
  const large: (Span & { size: number })[] = []
  const batches: Span[] = []
  const add = (units: Iterable<PackUnit>, entries: readonly FolderEntry[]): void => {
    for (const unit of units)
      if (unit.kind === 'batch') batches.push(unit)
      else if (unit.isFirst)
        large.push({ from: unit.entry, to: unit.entry + 1, size: entryAt(entries, unit.entry).size })
    large.sort((one, other) => one.size - other.size || other.from - one.from)
  }
  return {
    add: (entries: readonly FolderEntry[]) => {
      add(cut.next(entries), entries)
    },
    end: (entries: readonly FolderEntry[]) => {
      add(cut.end(), entries)
    },
    take: (): Span | undefined => large.pop() ?? batches.shift()
  }
}
