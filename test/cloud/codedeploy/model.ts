/** The nouns of CodeDeploy as the local cloud keeps them. Times are epoch milliseconds here and epoch seconds on the wire. */

export interface S3Location {
  bucket: string
  key: string
  bundleType: 'zip' | 'tgz' | 'tar'
  version?: string
  eTag?: string
}

export type RevisionLocation =
  | { revisionType: 'S3'; s3Location: S3Location }
  | { revisionType: 'GitHub'; gitHubLocation: { repository: string; commitId: string } }

export interface Revision {
  location: RevisionLocation
  description?: string
  registeredAt: number
  firstUsedAt?: number
  lastUsedAt?: number
}

export interface Application {
  id: string
  name: string
  computePlatform: 'Server' | 'Lambda' | 'ECS'
  createdAt: number
  groups: Map<string, DeploymentGroup>
  /** By the text of their location. */
  revisions: Map<string, Revision>
}

export interface DeploymentStyle {
  deploymentType: 'IN_PLACE' | 'BLUE_GREEN'
  deploymentOption: 'WITH_TRAFFIC_CONTROL' | 'WITHOUT_TRAFFIC_CONTROL'
}

export interface BlueGreenConfiguration {
  terminateBlueInstancesOnDeploymentSuccess: {
    action: 'TERMINATE' | 'KEEP_ALIVE'
    terminationWaitTimeInMinutes?: number
  }
  deploymentReadyOption: {
    actionOnTimeout: 'CONTINUE_DEPLOYMENT' | 'STOP_DEPLOYMENT'
    waitTimeInMinutes?: number
  }
  greenFleetProvisioningOption: { action: 'DISCOVER_EXISTING' | 'COPY_AUTO_SCALING_GROUP' }
}

export interface LoadBalancerInfo {
  elbInfoList?: { name: string }[]
  targetGroupInfoList?: { name: string }[]
}

export type RollbackEvent = 'DEPLOYMENT_FAILURE' | 'DEPLOYMENT_STOP_ON_ALARM' | 'DEPLOYMENT_STOP_ON_REQUEST'

export interface AutoRollback {
  enabled: boolean
  events: RollbackEvent[]
}

/** What Create- and UpdateDeploymentGroup set. */
export interface GroupSettings {
  deploymentConfigName: string
  serviceRoleArn: string
  autoScalingGroups: string[]
  ec2TagFilters: Record<string, unknown>[]
  style: DeploymentStyle
  blueGreen?: BlueGreenConfiguration
  loadBalancer?: LoadBalancerInfo
  autoRollback?: AutoRollback
  alarms?: Record<string, unknown>
  outdatedInstancesStrategy: 'UPDATE' | 'IGNORE'
  terminationHookEnabled: boolean
}

export interface DeploymentGroup extends GroupSettings {
  id: string
  application: string
  name: string
  /** Launch hook by Auto Scaling group. */
  hooks: Map<string, string>
  targetRevision?: RevisionLocation
  /** Ids of deployments. */
  lastSuccessful?: string
  lastAttempted?: string
}

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
  /** Absent for in-place deployments (reference §2.4). */
  label?: 'Blue' | 'Green'
  status: TargetStatus
  updatedAt: number
  events: EventRecord[]
}

/** Where a deployment stands in its walk; finer than its status. */
export type Phase =
  'created' | 'provision' | 'install' | 'ready' | 'traffic' | 'termination-wait' | 'terminating' | 'over'

/** `traffic-back` is the rollback while blue lives: no install, only Allow on the original and Block on the replacement. */
export type Plan = 'blue-green' | 'in-place' | 'traffic-back'

/** One side of a blue/green deployment. */
export interface FleetRecord {
  group: string
  instances: string[]
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
  ignoreApplicationStopFailures: boolean
  updateOutdatedInstancesOnly: boolean
  fileExistsBehavior: FileExistsBehavior
  createdAt: number
  startedAt?: number
  completedAt?: number
  error?: { code: string; message: string }
  rollback: { by?: string; of?: string; message?: string }
  /** Undefined while no target exists: GetDeployment then shows no overview (captures §1). */
  targets?: Map<string, TargetRecord>
  /** Instances an in-place deployment is restricted to (scale-out). */
  only?: string[]
  blue?: FleetRecord
  green?: FleetRecord
  /** From the first AllowTraffic on, going back means moving traffic (captures §2). */
  trafficBegan: boolean
  terminationWaitStarted: boolean
  /** Set by the first StopDeployment that was accepted. */
  stop?: { rollback: boolean }
}

/** Statuses after which nothing changes. */
export const isOver = (deployment: Deployment): boolean =>
  deployment.status === 'Succeeded' || deployment.status === 'Failed' || deployment.status === 'Stopped'
