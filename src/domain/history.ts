import type { RevisionLocation } from './revision.js'

/** One deployment as the rollback screen shows it. */
export interface HistoryRow {
  deploymentId: string
  /** Undefined for what this action did not store: GitHub revisions, keys of others. */
  commit?: string
  subject?: string
  /** CodeDeploy's own word. */
  status: string
  who?: string
  startedAt: Date
  /** From the start until the last new instance took traffic. */
  timeToTrafficMs?: number
  /** From the start until the deployment ended, the lifetime of the old instances included. */
  durationMs?: number
  live: boolean
  /** Whether all traffic was on it at some time. */
  served: boolean
  /** The deployment that this one undoes. */
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
