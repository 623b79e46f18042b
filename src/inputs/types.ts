import type { IdentityInputs } from '../domain/identity.js'
import type { Commit } from '../domain/commit.js'

/** Where to deploy, and how to start, follow and end a deployment. */
export interface DeploymentInputs {
  identity: IdentityInputs
  application: string
  group: string
  bucket: string
  prefix: string
  description?: string | undefined
  deploymentConfig?: string | undefined
  fileExistsBehavior: 'DISALLOW' | 'OVERWRITE' | 'RETAIN'
  ignoreApplicationStopFailures: boolean
  /** Undefined: the group's own setting; empty: no automatic rollback. */
  autoRollbackEvents?: string[] | undefined
  waitFor: 'traffic' | 'complete' | 'none'
  waitForMinutes?: number | undefined
  pollSeconds: number
  onConflict: 'wait' | 'fail' | 'supersede'
  endTerminationWait: boolean
  onCancel: 'rollback' | 'stop' | 'leave'
  expectedBucketOwner?: string | undefined
}

export interface DeployInputs extends DeploymentInputs {
  command: 'deploy'
  source: string
  exclude: string[]
  commit: Commit
  skipOrderCheck: boolean
  kmsKeyId?: string | undefined
  objectTags: Record<string, string>
  compressionLevel: number
}

export interface RollbackInputs extends DeploymentInputs {
  command: 'rollback'
  /** A full or short SHA, `previous`, `d-…`, or empty to list what is available. */
  commit: string
  /** Tries a target again that never served and failed. */
  evenIfFailed: boolean
  limit: number
}

export interface HistoryInputs {
  command: 'history'
  identity: IdentityInputs
  application: string
  group: string
  limit: number
}

export interface PreviewInputs {
  command: 'preview'
  source: string
  exclude: string[]
}

/** What a run does: a closed union, so a rollback cannot carry a source folder. */
export type Inputs = DeployInputs | RollbackInputs | HistoryInputs | PreviewInputs

/** What the event and the environment say about the commit, for when the input `commit` is empty. */
export interface Defaults {
  /** The pull request's head, else GITHUB_SHA. */
  commit: string
}
