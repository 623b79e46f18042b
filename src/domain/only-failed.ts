import { isOver } from './deployment.js'
import type { HistoryRow } from './history.js'
import { type RevisionLocation, sameRevision } from './revision.js'

/** The deployments of a revision that never served, of which at least one failed. */
export interface OnlyFailed {
  /** The newest one that failed. */
  last: HistoryRow
  /** How many there were. */
  count: number
}

/**
 * Whether a revision is known to be bad before it is tried again: it never served, and one of its deployments failed.
 * Undefined if it served, if it was never deployed or only stopped, or while one of its deployments is still running.
 */
export const onlyFailed = (
  revision: RevisionLocation,
  rows: readonly HistoryRow[]
): OnlyFailed | undefined => {
  const own = rows.filter((row) => sameRevision(row.revision, revision))
  const last = own.find(({ status }) => status === 'Failed')
  if (last === undefined || own.some(({ served, status }) => served || !isOver(status))) return undefined
  return { last, count: own.length }
}
