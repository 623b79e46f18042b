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
  const place = placeOf(from, turns)
  const skipped: HistoryRow[] = []
  for (const row of turns.slice(turns.indexOf(place) + 1)) {
    const { served, revision } = row
    if (!served || [from, ...skipped].some((one) => sameRevision(one.revision, revision))) continue
    if (undoneDeployment(revision, turns) !== undefined) continue
    if (isRestorable(row)) return { from, row, skipped, isOpen: place.rollbackOf !== undefined }
    skipped.push(row)
  }
  return { from, skipped, isOpen: true }
}

/** The last deployment of this revision that did not go back to it; if there is none, the oldest one that did. */
const placeOf = (from: HistoryRow, turns: readonly HistoryRow[]): HistoryRow => {
  const places = turns
    .slice(turns.indexOf(from))
    .filter((row) => row === from || (row.served && sameRevision(row.revision, from.revision)))
  return places.find(({ rollbackOf }) => rollbackOf === undefined) ?? places.at(-1) ?? from
}

const isRestorable = ({ available, revision }: HistoryRow): boolean =>
  available !== false && revision?.kind === 's3'
