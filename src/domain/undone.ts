import type { HistoryRow } from './history.js'
import { type RevisionLocation, sameRevision } from './revision.js'
import { isForOneInstance } from './serving.js'

// What a rollback undid is asked for two reasons. They share `undoneBy`, and differ in the rest on purpose:
// - `previous` and the history (here) read many deployments, and skip a revision that had any traffic before it was undone. A
//   person who redeploys an older revision in the console counts, too.
// - A deploy (admission.ts) reads only the last deployment, and refuses a tree, in whatever commit it comes. That is harder, so
//   the service's own rollback counts only if somebody stopped what served alone; what failed may be tried again.

/** A deployment, as far as it says what it undoes. */
export interface Undoing {
  /** Whether its revision served: had all the traffic at some time. */
  served: boolean
  /** The deployment that the service's own rollback undoes, or that undoes this one (docs/service.md, reference 1.5). */
  rollback?: { of?: string | undefined; by?: string | undefined } | undefined
  /** The deployment that a rollback of this action undoes, from its description. */
  undoes?: string | undefined
}

/** The deployment that a rollback says it undoes: the service's own at once, one of this action only once it served. */
export const undoneBy = ({ rollback, served, undoes }: Undoing): string | undefined =>
  rollback?.of ?? (served ? undoes : undefined)

/** One deployment, as far as the rule about undoing needs it. */
export interface Turn extends Undoing {
  id: string
  creator: string
  revision: RevisionLocation | undefined
  /** Whether it had any traffic at some time; without that, there was nothing to undo. */
  tookTraffic: boolean
  /** Whether a workflow run started it; otherwise a person did, by hand. */
  hasRun: boolean
}

/**
 * Deployment → the deployment that undid it. Three things undo: the service's own rollback; a rollback of this action, once it
 * served; and a person who redeploys an older revision by hand (in the console, say), which undoes what served until then.
 * A person who redeploys what was undone brings it back on purpose and undoes nothing. `turns` are newest first.
 */
export const undoings = (turns: readonly Turn[]): Map<string, string> => {
  const undone = new Map<string, string>()
  const former: Turn[] = []
  for (const turn of [...turns].reverse()) {
    if (turn.rollback?.by !== undefined) undone.set(turn.id, turn.rollback.by)
    const id = undoneBy(turn) ?? byHand(turn, former, undone)
    const hadTraffic = turn.rollback?.of !== undefined || turns.find((one) => one.id === id)?.tookTraffic
    if (id !== undefined && hadTraffic !== false) undone.set(id, turn.id)
    if (turn.served && !isForOneInstance(turn)) former.push(turn)
  }
  return undone
}

/** What somebody undoes who redeploys an older revision by hand; undefined for every other deployment. */
const byHand = (
  turn: Turn,
  former: readonly Turn[],
  undone: ReadonlyMap<string, string>
): string | undefined => {
  const live = former.at(-1)
  if (!turn.served || turn.creator !== 'user' || turn.hasRun) return undefined
  if (sameRevision(live?.revision, turn.revision)) return undefined
  const last = former.findLast(({ revision }) => sameRevision(revision, turn.revision))
  return last === undefined || undone.has(last.id) ? undefined : live?.id
}

/**
 * The newest deployment of a revision that was undone and has not come back since; undefined for every other revision. A later
 * deployment of it that served clears the mark. `rows` are newest first.
 */
export const undoneDeployment = (
  revision: RevisionLocation | undefined,
  rows: readonly HistoryRow[]
): HistoryRow | undefined => {
  const last = rows.find(
    (row) =>
      sameRevision(row.revision, revision) &&
      !isForOneInstance(row) &&
      (row.served || row.rolledBackBy !== undefined)
  )
  return last?.rolledBackBy === undefined ? undefined : last
}
