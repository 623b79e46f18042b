import type { FleetWish } from '../group-wish.js'
import type { DeploymentGroup } from '../group.js'
import type { Claims } from '../identity.js'

/** A deployment group, with the settings that only a check looks at. */
export interface CheckedGroup {
  group: DeploymentGroup
  /** Names of the launch hooks that CodeDeploy put on the Auto Scaling groups. */
  hooks: string[]
  /** ARN of the service role. */
  serviceRole: string
  /** Alarms that the group lists, whether it watches them or not. */
  listedAlarms: string[]
  /** Set if there is no such group yet: then all this is what a setup file says. */
  planned?: { create?: FleetWish | undefined } | undefined
}

/** An Auto Scaling group (API: AutoScalingGroup). */
export interface CheckedFleet {
  name: string
  /** Ids of the instances in service. */
  instances: string[]
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
  /** The id, or with `isName` the name. */
  id: string
  isName?: boolean | undefined
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

/** A target group (API: TargetGroup). */
export interface CheckedTargetGroup {
  name: string
  /** ARNs of the load balancers that forward to it. */
  balancers: string[]
  targetType: string
  checksHealth: boolean
  path: string
  /** A number, or `traffic-port`. */
  port: string
  intervalSeconds: number
  healthyCount: number
  arn: string
}

/** A target group that an action forwards to, and its weight there, 0 to 999 (API: TargetGroupTuple). */
export interface Forward {
  arn: string
  weight: number
}

/** A listener of a load balancer, with what its default action forwards to. */
export interface CheckedListener {
  arn: string
  port: number
  forwards: Forward[]
}

/** A rule of a listener other than its default (API: Rule). */
export interface CheckedRule {
  arn: string
  priority: string
  forwards: Forward[]
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

/** Who makes the calls of this run, and how it got there. */
export interface CheckedIdentity {
  account: string
  region: string
  /** ARN of the role that the run assumed with a token; undefined if it uses credentials that the job had already. */
  role?: string | undefined
  /** The job has `id-token: write`. */
  mayRequestToken: boolean
  /** What the token says, if one was used. */
  claims?: Claims | undefined
  /** The credentials belong to a user and have no end. */
  lasting: boolean
  /** When they end; undefined if that is not known. The action renews those of a role that it assumed. */
  endsAt?: Date | undefined
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
