import type { GroupRecord } from './record.js'
import { type RevisionLocation, sameRevision } from './revision.js'

/** One deployment as the rollback screen shows it. */
export interface HistoryRow {
  deploymentId: string
  /** Undefined for revisions that this action did not store: GitHub revisions, other tools' keys. */
  commit?: string | undefined
  subject?: string | undefined
  /** CodeDeploy's own status. */
  status: string
  who?: string | undefined
  /** Why somebody rolled back. */
  reason?: string | undefined
  /** GITHUB_RUN_ID of the run that started it, if its description proves it. */
  runId?: string | undefined
  startedAt: Date
  /** When the deployment ended, including the termination wait. */
  completedAt?: Date | undefined
  /** From the start until the last new instance took traffic. */
  timeToTrafficMs?: number | undefined
  /** From the start until the deployment ended, including the termination wait. */
  durationMs?: number | undefined
  live: boolean
  /** Whether it had all the traffic at some time. */
  served: boolean
  /** The deployment that this one undoes, or was to undo. */
  rollbackOf?: string | undefined
  /** The deployment that undoes this one. */
  rolledBackBy?: string | undefined
  creator: string
  /** Whether its bundle still exists as it was deployed. */
  available: boolean | 'unknown'
  /** Whether `rollback` can name it by commit. */
  addressable: boolean
  /** `s3://bucket/key` or what the service calls it. */
  revisionText: string
  revision?: RevisionLocation | undefined
  /** It only restarted what was installed (docs/service.md, reference 4.7). */
  restart?: boolean | undefined
}

/**
 * What to give a rollback as `commit` to bring a row's revision back, by deployment ID; rows that are missing can't be gone back
 * to: what is live already, what never served, and what is not stored. A commit stands for its newest usable bundle, so a row
 * with another bundle of that commit is named by its deployment. `rows` are newest first.
 */
export const waysBack = (rows: readonly HistoryRow[]): Map<string, string> => {
  const live = rows.filter((row) => row.live)
  const usable = rows.filter(
    ({ revision, available, served }) => revision?.kind === 's3' && available !== false && served
  )
  const newest = new Map([...usable].reverse().map(({ commit = '', revision }) => [commit, revision]))
  return new Map(
    usable
      .filter(({ revision }) => !live.some((one) => sameRevision(one.revision, revision)))
      .map(({ deploymentId, commit, revision }) => [
        deploymentId,
        commit !== undefined && sameRevision(newest.get(commit), revision) ? commit : deploymentId
      ])
  )
}

/** The rows with what the group's record knows: the service's own rollback names no person and no reason. */
export const withRecord = (rows: readonly HistoryRow[], { undone }: GroupRecord): HistoryRow[] =>
  rows.map((row) => {
    const noted = undone.find(({ deployment }) => deployment === row.rollbackOf)
    return noted === undefined
      ? row
      : {
          ...row,
          who: row.who ?? noted.by,
          runId: row.runId ?? noted.run,
          reason: noted.reason ?? row.reason
        }
  })
