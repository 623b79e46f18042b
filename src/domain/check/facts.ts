import type { DeploymentGroup } from '../group.js'

/** A deployment group, with the settings that only a check looks at. */
export interface CheckedGroup {
  group: DeploymentGroup
  /** Names of the launch hooks that CodeDeploy put on the Auto Scaling groups. */
  hooks: string[]
  /** ARN of the service role. */
  serviceRole: string
  /** Alarms that the group lists, whether it watches them or not. */
  listedAlarms: string[]
}

/** An Auto Scaling group (API: AutoScalingGroup). */
export interface CheckedFleet {
  name: string
  inService: number
  desired: number
  suspended: string[]
  /** `Delete in progress` while it is being deleted. */
  status?: string | undefined
  /** `none`, `prevent-force-deletion` or `prevent-all-deletion`. */
  deletionProtection: string
  warmPool: boolean
  mixedInstances: boolean
  /** Absent for a group with a launch configuration or a mixed instances policy. */
  template?: LaunchTemplateRef | undefined
}

/** What an Auto Scaling group launches from; `version` may be `$Latest` or `$Default` (API: LaunchTemplateSpecification). */
export interface LaunchTemplateRef {
  id: string
  version: string
}

/** A version of a launch template (API: ResponseLaunchTemplateData). */
export interface CheckedTemplate {
  /** ARN or name; absent if it names none. */
  instanceProfile?: string | undefined
}

/** Another deployment group of the application, and the Auto Scaling groups that it names. */
export interface NeighborGroup {
  name: string
  autoScalingGroups: string[]
}

/** How many instances stay healthy during a deployment (API: MinimumHealthyHosts). */
export interface HealthyHosts {
  type: string
  value: number
}

/** A rule of a bucket that deletes or archives objects (API: LifecycleRule). */
export interface LifecycleRule {
  id: string
  prefix: string
  /** It looks at tags or sizes too, so it may leave bundles alone. */
  isNarrower: boolean
  /** Days until a current object is deleted; absent if the rule deletes none. */
  expiresAfterDays?: number | undefined
  /** Storage classes that objects must be restored from before anybody can read them. */
  archives: string[]
}

/** A lifecycle hook (API: LifecycleHook). */
export interface CheckedHook {
  name: string
  transition: string
}

/** A target group (API: TargetGroup) and its deregistration delay. */
export interface CheckedTargetGroup {
  name: string
  balancers: number
  targetType: string
  checksHealth: boolean
  path: string
  intervalSeconds: number
  healthyCount: number
  arn: string
}

/** A bucket; its region is undefined if S3 did not say it. */
export interface CheckedBucket {
  exists: boolean
  region?: string | undefined
}

/** A role, as far as a check looks at it. */
export interface CheckedRole {
  /** The services that its trust policy lets assume it. */
  trusted: string[]
}

/** What IAM is asked to simulate for a role. */
export interface Simulation {
  /** ARN of the role. */
  role: string
  actions: string[]
  /** ARN; every resource if it is absent. */
  resource?: string | undefined
  /** The service that a role would be passed to. */
  passedTo?: string | undefined
}
