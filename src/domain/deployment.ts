import type { FixedFleet } from './fixed-fleet.js'
import type { RevisionLocation } from './revision.js'
import type { EventChange, Target } from './event.js'
import type { Hopeless, Reason } from './reason.js'

/** CodeDeploy's statuses (API: DeploymentStatus); an unknown one is kept and never counts as an end. */
export type DeploymentStatus =
  | 'Created'
  | 'Queued'
  | 'InProgress'
  | 'Baking'
  | 'Ready'
  | 'Succeeded'
  | 'Failed'
  | 'Stopped'
  | (string & {})

/** Every status in which a deployment holds its group (Ready and Baking are easily forgotten). */
export const ACTIVE_STATUSES = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'] as const

/** Only these three are an end (API: DeploymentStatus; the enum is closed, so the others keep running). */
export const isOver = (status: DeploymentStatus): boolean =>
  status === 'Succeeded' || status === 'Failed' || status === 'Stopped'

/** Which deployments of a group: in one of these statuses, created in this span of time (epoch milliseconds). */
export interface DeploymentFilter {
  application: string
  group: string
  statuses?: readonly DeploymentStatus[]
  since?: number
  until?: number
}

/** One deployment as GetDeployment shows it; what the service leaves out is absent here too. */
export interface Deployment {
  id: string
  application: string
  group: string
  status: DeploymentStatus
  /** `user`, `codeDeployRollback`, `autoscaling`, `CodeDeployAutoUpdate`, … */
  creator: string
  description: string
  /** Absent for a restart, which installs nothing. */
  revision?: RevisionLocation | undefined
  /** It restarts what is installed (`deploymentMode: RESTART`; docs/service.md, reference 4.7). */
  restart?: boolean | undefined
  createdAt: Date
  completedAt?: Date | undefined
  /** errorInformation: the code (docs/service.md, reference 1.6) and the service's message. */
  error?: { code: string; message: string } | undefined
  /** rollbackInfo: `by` is the deployment that rolls this one back, `of` the one that this one rolls back. */
  rollback?: { by?: string | undefined; of?: string | undefined; message?: string | undefined } | undefined
  /** deploymentOverview: number of instances by status; absent while the fleet is being provisioned. */
  overview?: Record<string, number> | undefined
  style: 'BLUE_GREEN' | 'IN_PLACE'
  /** targetInstances.autoScalingGroups[0]: the green group, once the service reports it. */
  greenAutoScalingGroup?: string | undefined
  /** The existing fleets that it deploys to; undefined if it copies one, empty if the service does not name them. */
  fixedGreen?: readonly FixedFleet[] | undefined
  /** True once the service says that blue is only waiting to be terminated (unreliable alone: docs/service.md, reference 1.2). */
  terminationWaitStarted: boolean
  waits?: Waits | undefined
  /** The group's alarms are turned off for this deployment (API: DeploymentInfo, overrideAlarmConfiguration). */
  ignoresAlarms?: boolean | undefined
}

/**
 * The green Auto Scaling group: a fixed one, or the copy, which the service names by this rule (docs/service.md, captures 7).
 * Undefined for a fixed fleet that tags select.
 */
export const greenGroupOf = ({
  greenAutoScalingGroup,
  fixedGreen,
  group,
  id
}: Deployment): string | undefined =>
  greenAutoScalingGroup ?? (fixedGreen === undefined ? `CodeDeploy_${group}_${id}` : undefined)

/** CodeDeploy allows a wait of at most 48 hours (API: BlueInstanceTerminationOption). */
export const LONGEST_WAIT_MINUTES = 2_880

/** The waits that the group's blue/green configuration adds to a deployment, in minutes. */
export interface Waits {
  /** After all green instances are ready, before the traffic moves; 0 with CONTINUE_DEPLOYMENT. */
  readyMinutes: number
  readyAction: 'CONTINUE_DEPLOYMENT' | 'STOP_DEPLOYMENT'
  /** After the traffic has moved, before blue is terminated; 0 when blue is kept alive. */
  terminationMinutes: number
  blueAction: 'TERMINATE' | 'KEEP_ALIVE'
}

/** How a run ended. Each has its own headline, and all but `succeeded` fail the job. */
export type OutcomeName = 'succeeded' | 'failed' | 'rolled-back' | 'stopped' | 'timed-out'

/** The end of a run as the service's own answers show it. */
export interface Outcome {
  name: OutcomeName
  deployment: Deployment
  targets: Target[]
  /** The deployment that brought the former revision back, when there is one. */
  rollback?: Deployment | undefined
  rollbackTargets?: Target[]
  /** Traffic is on the new revision, but the deployment keeps running (blue is waiting to be terminated). */
  blueStillAlive: boolean
  /** Set if the job was canceled: the deployment was left alone or asked to stop, and its end may not be known. */
  canceled?: 'left' | 'stopping'
  /** The first event that failed, by the service's clock: the cause that HEALTH_CONSTRAINTS does not name. */
  firstFailure?: EventChange | undefined
  /** Why it waited, as other services than CodeDeploy knew it. */
  reasons?: readonly Reason[] | undefined
  /** Why this run stopped it, if it did. */
  hopeless?: Hopeless | undefined
}

/**
 * The deployments that keep a group from taking another one. Those that an Auto Scaling group starts for one new instance run
 * beside a user's (docs/service.md, captures 12), so they are not holders unless the service itself says so.
 */
export const holders = (deployments: readonly Deployment[]): Deployment[] =>
  deployments
    .filter((deployment) => !isOver(deployment.status) && !/^autoscaling/i.test(deployment.creator))
    .sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime())

export interface Started {
  deployment: Deployment
  /** True when the deployment already existed and is only followed. */
  attached: boolean
}
