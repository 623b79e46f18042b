import { joinNames } from './columns.js'
import type { Found } from './folder.js'
import type { HashJob } from './hash-job.js'
import type { Piece } from './hash-units.js'
import { entryAt, type Batch } from './plan.js'
import type { FilePart } from './read.js'

/** Files up to this size are remembered between hashing and packing: opening them costs more than holding them. */
export const KEEP_UP_TO = 4096
const KEEP_AT_MOST = 40 * 1024 * 1024

/** What a thread must know to hash; decides which files are remembered. */
export const hashRequests = () => {
  let room = KEEP_AT_MOST
  return {
    batch: ({ from, to }: Batch, { root, entries }: Found): HashJob => {
      const files = entries.slice(from, to).filter(({ kind }) => kind === 'file')
      const keepUpTo = room > 0 ? KEEP_UP_TO : 0
      for (const { size } of files) if (size <= keepUpTo) room -= size
      return {
        keepUpTo,
        files: {
          root,
          names: joinNames(files.map(({ path }) => path)),
          sizes: Float64Array.from(files, ({ size }) => size),
          changes: Float64Array.from(files, ({ changedAt }) => changedAt)
        }
      }
    },
    piece: ({ entry, start, length }: Piece, { root, entries }: Found): FilePart => {
      const { path, size, changedAt } = entryAt(entries, entry)
      return { root, path, size, changedAt, start, length }
    }
  }
}
