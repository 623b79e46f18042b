import type { HistoryRow } from './history.js'
import { sameRevision } from './revision.js'
import { isForOneInstance } from './serving.js'
import { undoneDeployment } from './undone.js'

/** What `previous` means in a history. */
export interface Previous {
  /** The deployment that `previous` means; undefined when there is none among the rows. */
  row?: HistoryRow | undefined
  /** What `previous` counts from: what is live, or what served last if that is unknown. */
  from?: HistoryRow | undefined
  /** Newer revisions that it would have meant if they could still be deployed. */
  skipped: readonly HistoryRow[]
  /** Whether older deployments than these rows may change the answer, which then must not be used. */
  isOpen: boolean
}

/**
 * The newest revision that served before what is live now and was not undone. Where several revisions are live, the newest
 * counts; where none is known to be, the one that served last. A revision that a rollback brought back keeps its place in the
 * order, where it was deployed, so that `previous` again goes one further back and never forward. `rows` are newest first.
 */
export const previousOf = (rows: readonly HistoryRow[]): Previous => {
  const turns = rows.filter((row) => row.revision !== undefined && !isForOneInstance(row))
  const from = turns.find(({ live }) => live) ?? turns.find(({ served }) => served)
  if (from === undefined) return { skipped: [], isOpen: true }
  const { place, isOpen } = placeOf(from, turns)
  const skipped: HistoryRow[] = []
  for (const row of turns.slice(place + 1)) {
    const { served, revision } = row
    if (!served || [from, ...skipped].some((one) => sameRevision(one.revision, revision))) continue
    if (undoneDeployment(revision, turns) !== undefined) continue
    if (isRestorable(row)) return { from, row, skipped, isOpen }
    skipped.push(row)
  }
  return { from, skipped, isOpen: true }
}

/**
 * Where a revision last became live other than by going back to it: deploying or restarting what is live already changes
 * nothing. If there is no such deployment among these, the oldest that went back to it.
 */
const placeOf = (from: HistoryRow, turns: readonly HistoryRow[]): { place: number; isOpen: boolean } => {
  const isSame = ({ revision }: HistoryRow): boolean => sameRevision(revision, from.revision)
  const places = [...turns.keys()].filter((at) => {
    const row = turns[at]
    return row !== undefined && at >= turns.indexOf(from) && (row === from || (row.served && isSame(row)))
  })
  const place = places.find((at) => {
    const former = turns.slice(at + 1).find(({ served }) => served)
    return turns[at]?.rollbackOf === undefined && (former === undefined || !isSame(former))
  })
  return { place: place ?? places.at(-1) ?? 0, isOpen: place === undefined }
}

const isRestorable = ({ available, revision }: HistoryRow): boolean =>
  available !== false && revision?.kind === 's3'
