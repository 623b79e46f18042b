import type {
  AlarmSettings,
  FleetSelection,
  RevisionLocation,
  DeploymentStyle,
  BlueGreenConfiguration,
  LoadBalancerInfo,
  AutoRollback,
  DeploymentGroup
} from './group-model.js'

export type * from './group-model.js'

export type DeploymentStatus = 'Created' | 'InProgress' | 'Ready' | 'Succeeded' | 'Failed' | 'Stopped'
export type EventStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped'
export type TargetStatus = EventStatus | 'Ready'
export type FileExistsBehavior = 'DISALLOW' | 'OVERWRITE' | 'RETAIN'

export interface EventRecord {
  name: string
  status: EventStatus
  startedAt?: number
  endedAt?: number
  diagnostics?: { errorCode: string; scriptName: string; message: string; logTail: string }
}

export interface TargetRecord {
  instanceId: string
  /** Absent for in-place deployments (docs/service.md, reference 2.4). */
  label?: 'Blue' | 'Green'
  status: TargetStatus
  updatedAt: number
  events: EventRecord[]
}

/** What a deployment is doing; finer than its status. */
export type Phase =
  'created' | 'provision' | 'install' | 'ready' | 'traffic' | 'termination-wait' | 'terminating' | 'over'

/**
 * `traffic-back` is the rollback while blue is running: no installation, only Allow on the original and Block on the
 * replacement.
 */
export type Plan = 'blue-green' | 'in-place' | 'traffic-back'

/** One side of a blue/green deployment. */
export interface FleetRecord {
  /** Its Auto Scaling group; empty for a fixed fleet that tags select. */
  group: string
  instances: string[]
  /** How it is found, if it is not a copy. */
  fixed?: FleetSelection
}

export interface Deployment {
  id: string
  application: string
  group: DeploymentGroup
  plan: Plan
  phase: Phase
  status: DeploymentStatus
  configName: string
  creator: 'user' | 'codeDeployRollback' | 'autoscaling'
  description?: string
  revision: RevisionLocation
  previousRevision?: RevisionLocation
  style: DeploymentStyle
  blueGreen?: BlueGreenConfiguration
  loadBalancer?: LoadBalancerInfo
  autoRollback?: AutoRollback
  /** What it uses in place of the group's alarms. */
  overrideAlarms?: AlarmSettings
  ignoreApplicationStopFailures: boolean
  updateOutdatedInstancesOnly: boolean
  /** deploymentMode RESTART: `revision` is what it restarts. */
  restart: boolean
  fileExistsBehavior: FileExistsBehavior
  createdAt: number
  startedAt?: number
  completedAt?: number
  error?: { code: string; message: string }
  rollback: { by?: string; of?: string; message?: string }
  /** Undefined until a target exists: GetDeployment then shows no overview (docs/service.md, captures 1). */
  targets?: Map<string, TargetRecord>
  /** The instances that an in-place deployment is restricted to (scale-out). */
  only?: string[]
  /** What it was told to deploy to, with DISCOVER_EXISTING. */
  targetInstances?: FleetSelection
  blue?: FleetRecord
  green?: FleetRecord
  /** After the first AllowTraffic, going back means moving traffic (docs/service.md, captures 2). */
  trafficBegan: boolean
  terminationWaitStarted: boolean
  /** Set by the first accepted StopDeployment, or by an alarm. */
  stop?: { rollback: boolean; alarm?: string }
}

/** Statuses after which nothing changes. */
export const isOver = (deployment: Deployment): boolean =>
  deployment.status === 'Succeeded' || deployment.status === 'Failed' || deployment.status === 'Stopped'
