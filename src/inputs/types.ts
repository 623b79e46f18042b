import type { FreezeWindow } from '../domain/freeze.js'
import type { FixedFleet } from '../domain/fixed-fleet.js'
import type { IdentityInputs } from '../domain/identity.js'
import type { LogSource } from '../domain/instance-log.js'
import type { Commit } from '../domain/commit.js'
import type { PreviewOwner } from '../domain/preview/environment.js'

/** A group, and where its bundles and its record are stored. */
export interface GroupInputs {
  identity: IdentityInputs
  application: string
  group: string
  bucket: string
  prefix: string
  expectedBucketOwner?: string | undefined
  /** IANA name of the zone in which times are shown to people. */
  timeZone: string
}

/** Where to deploy, and how to start, follow and end a deployment. */
export interface DeploymentInputs extends GroupInputs {
  description?: string | undefined
  deploymentConfig?: string | undefined
  /** The existing fleets that the deployment may go to: none, one, or the two that take turns. */
  greenFleets: readonly FixedFleet[]
  fileExistsBehavior: 'DISALLOW' | 'OVERWRITE' | 'RETAIN'
  ignoreApplicationStopFailures: boolean
  /** Undefined: the group's own setting; empty: no automatic rollback. */
  autoRollbackEvents?: string[] | undefined
  waitFor: 'traffic' | 'complete' | 'none'
  waitForMinutes?: number | undefined
  pollSeconds: number
  onConflict: 'wait' | 'fail' | 'supersede'
  /** Minutes that a holder must have served before its termination wait is ended; undefined if nobody ends it. */
  endTerminationWait: number | undefined
  onCancel: 'rollback' | 'stop' | 'leave'
  /** Minutes without one healthy instance of the new fleet after which a deployment is stopped; undefined if it never is. */
  stopWhenUnhealthyMinutes?: number | undefined
  /** Who is asked for the logs of instances that failed. */
  instanceLogs: readonly LogSource[]
  /** The SSM document that `ssm` runs. */
  instanceLogsDocument: string
}

export interface DeployInputs extends DeploymentInputs {
  command: 'deploy'
  source: string
  exclude: string[]
  commit: Commit
  skipOrderCheck: boolean
  redeployUndone: boolean
  /** Whether the fleet that a failed deployment leaves behind is deleted at the end of the run. */
  deleteLeftOver: boolean
  releaseHold: boolean
  /** When nothing is deployed. */
  freeze: readonly FreezeWindow[]
  overrideFreeze: boolean
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
  hold: boolean
  reason?: string | undefined
  /** File name of the workflow that rolls back. */
  rollbackWorkflow?: string | undefined
  /** Whether the group's alarms may stop a deployment that brings the old revision back. */
  alarms: 'ignore' | 'keep'
}

export interface ReleaseInputs extends GroupInputs {
  command: 'release'
  reason?: string | undefined
}

export interface HistoryInputs {
  command: 'history'
  identity: IdentityInputs
  application: string
  group: string
  /** Where the group's record is, with reasons and a hold; without it they are not shown. */
  bucket: string
  prefix: string
  limit: number
  timeZone: string
  rollbackWorkflow?: string | undefined
}

export interface PreviewInputs {
  command: 'preview'
  source: string
  exclude: string[]
  /** What a merge would deploy to; without it, only the bundle is checked, and AWS is not called. */
  target?: PlannedGroup | undefined
  /** Where a running preview is deployed, in a group of its own. */
  running?: RunningPreview | undefined
  /** Whether the plan is also a comment on the pull request. */
  comment: boolean
}

/** A deploy to a group for previews, whose bundles are stored under a prefix of their own. */
export interface RunningPreview {
  inputs: DeployInputs
  /** Where the preview can be opened. */
  url?: string | undefined
  /** What is made for the pull request alone; undefined when pull requests take turns in a group that exists. */
  environment?: EnvironmentInputs | undefined
}

/** The previews of one application, each at an address of its own. */
export interface PreviewsInputs {
  owner: PreviewOwner
  /** The application of the previews. */
  application: string
  /** ARN of the listener. */
  listener: string
  /** Only pull requests that bear it have previews. */
  label?: string | undefined
}

/** The environment of one pull request. */
export interface EnvironmentInputs extends PreviewsInputs {
  number: number
  host: string
  /** Name or id. */
  launchTemplate: string
  serviceRole: string
  instances: number
  limit: number
  sharesRole: boolean
}

export interface PlannedGroup extends GroupInputs {
  /** When nothing is deployed. */
  freeze: readonly FreezeWindow[]
}

/** Previews that are over. Where pull requests take turns in a group, this needs nothing but a token of GitHub. */
export interface PreviewCleanupInputs {
  command: 'cleanup'
  what: 'previews'
  dryRun: boolean
  environments?: PreviewsCleanupInputs | undefined
}

/** Where previews at addresses of their own are, and how long they last. */
export interface PreviewsCleanupInputs extends PreviewsInputs {
  identity: IdentityInputs
  timeZone: string
  /** Hours after the last push. */
  ttlHours: number
}

/** The group, and everything about it, is in the file. */
export interface SetupInputs {
  command: 'setup'
  identity: IdentityInputs
  /** Relative to the workspace. */
  file: string
  dryRun: boolean
  timeZone: string
}

/** Where something may have been left behind, and whether it is deleted. */
export interface CleanupInputs extends GroupInputs {
  command: 'cleanup'
  what: 'deployments'
  /** How many different bundles a rollback of each group can still bring back; undefined if every bundle is kept. */
  keepBundles?: number | undefined
  dryRun: boolean
}

/** What `check` looks at: a group and, unless `bucket` is empty, the bucket of its bundles. */
export interface CheckInputs extends GroupInputs {
  command: 'check'
  /** Relative to the workspace; looked at only if it has an AppSpec. */
  source: string
  /** Relative to the workspace; says what the group is to be while there is none. */
  setupFile: string
}

/** What a run does: a closed union, so a rollback cannot carry a source folder. */
export type Inputs =
  | DeployInputs
  | RollbackInputs
  | ReleaseInputs
  | HistoryInputs
  | PreviewInputs
  | PreviewCleanupInputs
  | SetupInputs
  | CleanupInputs
  | CheckInputs

/** What the event and the environment say about the commit, for when the input `commit` is empty. */
export interface Defaults {
  /** The pull request's head, else GITHUB_SHA. */
  commit: string
  /** The event's name; empty outside of a workflow. */
  event: string
  /** `owner/name`; empty outside of a workflow. */
  repository: string
  /** The pull request that the run is about. */
  pull?: { number: number } | undefined
}
