import type { Deployment } from './deployment.js'
import { readDescription } from './description.js'
import type { Target } from './event.js'
import { allHaveMoved } from './phase.js'
import {
  type GroupRecord,
  type Hold,
  type LastRollback,
  type Undone,
  withRollback,
  withUndone
} from './record.js'
import { parseRevisionKey, type RevisionLocation } from './revision.js'
import { undoneBy } from './undone.js'

/** The run that wants to deploy. */
export interface Applicant {
  /** GITHUB_RUN_ID; empty outside of a workflow. */
  runId: string
  /** When the run was created, in epoch milliseconds. */
  began: number
  /** False with `skip-order-check`. */
  checkOrder: boolean
  /** True with `redeploy-undone`. */
  redeployUndone: boolean
  /** First 12 digits of its tree's content hash; undefined before the tree is known. */
  tree: string | undefined
}

/** Why a run may not deploy. */
export type Refusal =
  /** `until` says when it ends, and why. */
  | { kind: 'frozen'; until: string }
  | { kind: 'hold'; hold: Hold }
  | { kind: 'order'; applicant: Applicant; rollback: LastRollback }
  | { kind: 'undone'; undone: Undone }

/**
 * Whether a run may deploy to a group; undefined when it may. One rule for every way of going back: what was undone does not
 * come back by itself. A newer run with another tree may deploy.
 */
export const refusalOf = (
  applicant: Applicant,
  { hold, rollback, undone }: GroupRecord
): Refusal | undefined => {
  if (hold !== undefined) return { kind: 'hold', hold }
  if (applicant.checkOrder && rollback !== undefined && isOlder(applicant, rollback))
    return { kind: 'order', applicant, rollback }
  const { tree, redeployUndone } = applicant
  const bad = redeployUndone ? undefined : undone.find((one) => one.tree === tree)
  return bad === undefined ? undefined : { kind: 'undone', undone: bad }
}

/**
 * Run ids only grow, and a rerun keeps its id (docs.github.com, "Workflow runs"). A rollback that names no run was made outside
 * of a workflow, so the times decide.
 */
const isOlder = ({ runId, began }: Applicant, { run, at }: LastRollback): boolean => {
  if (run === undefined) return began < Date.parse(at)
  return isNumber(runId) && isNumber(run) && BigInt(runId) < BigInt(run)
}

const isNumber = (text: string): boolean => /^\d+$/.test(text)

/** The tree of a revision that this action stored, as its key names it. */
export const treeOf = (revision: RevisionLocation | undefined): string | undefined =>
  revision?.kind === 's3' ? parseRevisionKey(revision.key)?.hash : undefined

/** Stands for a person who used the console or another tool. */
export const SOMEBODY = 'somebody outside of GitHub'

/** The deployment that `last` undid, if the record does not know of that. */
export const unrecorded = (last: Deployment, { undone }: GroupRecord): string | undefined => {
  const { undoes } = readDescription(last)
  const id = undoneBy({ rollback: last.rollback, served: last.status === 'Succeeded', undoes })
  return undone.some(({ deployment }) => deployment === id) ? undefined : id
}

/**
 * The record with the rollback `last`, which undid `undone`. By the service itself, it counts if somebody stopped `undone` after
 * all traffic had moved to it. A deployment that failed and was rolled back automatically may be tried again, and one that was
 * stopped before never served alone.
 */
export const withUnrecorded = (
  last: Deployment,
  undone: { deployment: Deployment; targets: readonly Target[] },
  record: GroupRecord
): GroupRecord => {
  const { deployment, targets } = undone
  const counts = last.rollback?.of === undefined || (deployment.status === 'Stopped' && allHaveMoved(targets))
  if (!counts) return record
  const rollback = signatureOf(last, deployment, record)
  const noted = withRollback(rollback, false)(record)
  const { at, by, run, reason } = rollback
  return withUndone(deployment, { at, by, run, reason })(noted)
}

/** The record without trees that were brought back since then, by whoever: `last` is the group's last deployment. */
export const withoutReturned = (last: Deployment, record: GroupRecord): GroupRecord => {
  const isReturned = ({ tree, at }: Undone): boolean =>
    last.creator === 'user' &&
    last.status === 'Succeeded' &&
    treeOf(last.revision) === tree &&
    last.createdAt.getTime() > Date.parse(at)
  return record.undone.some(isReturned)
    ? { ...record, undone: record.undone.filter((one) => !isReturned(one)) }
    : record
}

/** A run that was killed after its fast rollback had noted what it was about to do. */
const signatureOf = (last: Deployment, undone: Deployment, { rollback }: GroupRecord): LastRollback => {
  if (rollback?.undoes === undone.id) return rollback
  const { actor, runId } = readDescription(last)
  return {
    at: last.createdAt.toISOString(),
    by: actor ?? SOMEBODY,
    run: runId,
    undoes: undone.id
  }
}
