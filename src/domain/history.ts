import type { RevisionLocation } from './revision.js'

/** One deployment as the rollback screen shows it. */
export interface HistoryRow {
  deploymentId: string
  /** Undefined for revisions that this action did not store: GitHub revisions, other tools' keys. */
  commit?: string
  subject?: string
  /** CodeDeploy's own status. */
  status: string
  who?: string
  startedAt: Date
  /** From the start until the last new instance took traffic. */
  timeToTrafficMs?: number
  /** From the start until the deployment ended, including the termination wait. */
  durationMs?: number
  live: boolean
  /** Whether it had all the traffic at some time. */
  served: boolean
  /** The deployment that this one undoes, or was to undo. */
  rollbackOf?: string
  /** The deployment that undoes this one. */
  rolledBackBy?: string
  creator: string
  /** Whether its bundle still exists as it was deployed. */
  available: boolean | 'unknown'
  /** Whether `rollback` can name it by commit. */
  addressable: boolean
  /** `s3://bucket/key` or what the service calls it. */
  revisionText: string
  revision?: RevisionLocation
}
