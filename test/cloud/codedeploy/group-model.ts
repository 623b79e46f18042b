/** Applications, revisions and groups in the local cloud. Times are epoch milliseconds here and epoch seconds on the wire. */

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
  tags: Map<string, string>
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

/** EC2TagFilter. */
export interface TagFilter {
  Key?: string
  Value?: string
  Type?: string
}

/** Fleets that a group or a deployment names: Auto Scaling groups, and instances with one tag of each list. */
export interface FleetSelection {
  autoScalingGroups: string[]
  tags: TagFilter[][]
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

export interface AlarmSettings {
  enabled: boolean
  ignorePollAlarmFailure: boolean
  alarms: { name: string }[]
}

/** What CreateDeploymentGroup and UpdateDeploymentGroup set. */
export interface GroupSettings {
  deploymentConfigName: string
  serviceRoleArn: string
  autoScalingGroups: string[]
  ec2TagFilters: TagFilter[]
  ec2TagSet?: { ec2TagSetList: TagFilter[][] }
  style: DeploymentStyle
  blueGreen?: BlueGreenConfiguration
  loadBalancer?: LoadBalancerInfo
  autoRollback?: AutoRollback
  alarms?: AlarmSettings
  outdatedInstancesStrategy: 'UPDATE' | 'IGNORE'
  terminationHookEnabled: boolean
}

export interface DeploymentGroup extends GroupSettings {
  id: string
  application: string
  name: string
  tags: Map<string, string>
  /** The launch hook of each Auto Scaling group. */
  hooks: Map<string, string>
  targetRevision?: RevisionLocation
  /** Ids of deployments. */
  lastSuccessful?: string
  lastAttempted?: string
}
