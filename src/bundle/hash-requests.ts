import { columnsOf } from './columns.js'
import type { Found } from './folder.js'
import type { HashJob } from './hash-job.js'
import { entryAt, type Batch } from './plan.js'
import type { FilePart } from './read.js'

/** Files up to this size are remembered between hashing and packing: opening them costs more than holding them. */
export const KEEP_UP_TO = 4096
const KEEP_AT_MOST = 40 * 1024 * 1024

/** What a thread must know to hash the files of a batch; decides which of them are remembered. */
export const batchRequests = () => {
  let room = KEEP_AT_MOST
  return ({ from, to }: Batch, { root, entries }: Found): HashJob => {
    const files = entries.slice(from, to).filter(({ kind }) => kind === 'file')
    const keepUpTo = room > 0 ? KEEP_UP_TO : 0
    for (const { size } of files) if (size <= keepUpTo) room -= size
    return { keepUpTo, files: columnsOf(root, files, ({ path }) => path) }
  }
}

/** A part of a large file, as a thread is told of it. */
export const filePart = (
  { entry, start, length }: { entry: number; start: number; length: number },
  { root, entries }: Found
): FilePart => {
  const { path, size, changedAt } = entryAt(entries, entry)
  return { root, path, size, changedAt, start, length }
}
