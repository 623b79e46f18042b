import type { TemplateData } from '../ec2/templates.js'
import type { Machine } from '../contract.js'

/** One tag of a group; with `propagate`, instances launched later get it too. */
export interface GroupTag {
  key: string
  value: string
  propagate: boolean
}

/** A lifecycle hook: holds an instance that comes or goes until somebody completes it or `heartbeatSeconds` have passed. */
export interface LifecycleHook {
  name: string
  transition: 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING'
  heartbeatSeconds: number
  defaultResult: 'CONTINUE' | 'ABANDON'
  notificationTarget?: string
  notificationMetadata?: string
  role?: string
}

/** What a copy of a group inherits (docs/service.md, captures 7: no target groups, load balancers or hooks). */
export interface LaunchSettings {
  availabilityZones: string[]
  vpcZoneIdentifier: string
  healthCheckType: string
  healthCheckGracePeriod: number
  defaultCooldown: number
  terminationPolicies: string[]
  newInstancesProtectedFromScaleIn: boolean
  launchTemplate?: { id: string; name: string; version: string }
  launchConfigurationName?: string
}

export interface Sizes {
  min: number
  max: number
  desired: number
}

/** The request of CreateAutoScalingGroup. */
export interface GroupDefinition extends LaunchSettings, Sizes {
  /** Made by a call of CreateAutoScalingGroup, and not when the cloud started. */
  isNew?: boolean
  name: string
  tags: GroupTag[]
  targetGroupArns: string[]
  /** Members that this cloud only keeps and shows, such as MixedInstancesPolicy. */
  kept?: AsGiven
}

/** A request as it came; answers show it in the same shape. */
export type AsGiven = Record<string, unknown>

/** What belongs to a group beside itself, by name. */
export interface Extras {
  policies: Map<string, AsGiven>
  schedules: Map<string, AsGiven>
  /** The events of each topic. */
  notifications: Map<string, readonly string[]>
  metrics: Set<string>
  warmPool?: AsGiven | undefined
}

export interface AutoScalingGroup extends GroupDefinition {
  extras: Extras
  arn: string
  createdAt: number
  suspended: Set<string>
  /** Statuses of instance refreshes, newest first (API: InstanceRefreshStatus); they replace nothing. */
  refreshes?: string[]
  hooks: Map<string, LifecycleHook>
  /** `Delete in progress` after DeleteAutoScalingGroup was accepted. */
  status?: string
  activities: Activity[]
}

/** The lifecycle states that this cloud shows; the API has more. */
export type InstanceState =
  'Pending' | 'Pending:Wait' | 'Pending:Proceed' | 'InService' | 'Terminating' | 'Terminated'

export interface Instance {
  id: string
  group: string
  zone: string
  state: InstanceState
  machine: Machine
  tags: Record<string, string>
  /** Of a group that CodeDeploy copied or a call made, not of the seed. */
  isNew: boolean
  /** What its launch template said at its launch. */
  template: TemplateData | undefined
  launchedAt: number
  protectedFromScaleIn: boolean
}

/** One line of DescribeScalingActivities. */
export interface Activity {
  id: string
  description: string
  cause: string
  /** Why it failed, in the service's words (API: StatusMessage). */
  message?: string
  startedAt: number
  endedAt?: number
  status: 'InProgress' | 'Successful' | 'Cancelled' | 'Failed'
}
