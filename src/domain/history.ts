import type { RevisionLocation } from './revision.js'

/** One deployment as the rollback screen shows it. */
export interface HistoryRow {
  deploymentId: string
  /** Undefined for revisions that this action did not store: GitHub revisions, other tools' keys. */
  commit?: string | undefined
  subject?: string | undefined
  /** CodeDeploy's own status. */
  status: string
  who?: string | undefined
  startedAt: Date
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
}
