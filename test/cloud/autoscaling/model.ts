import type { Machine } from '../contract.js'

/** One tag of a group; `propagate` puts it on the instances that are launched after it. */
export interface GroupTag {
  key: string
  value: string
  propagate: boolean
}

/** A lifecycle hook: holds an instance on its way in or out until somebody answers or `heartbeatSeconds` are over. */
export interface LifecycleHook {
  name: string
  transition: 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING'
  heartbeatSeconds: number
  defaultResult: 'CONTINUE' | 'ABANDON'
  notificationTarget?: string
  notificationMetadata?: string
}

/** What a copy of a group takes over (captures §7: target groups, load balancers and hooks are not among it). */
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

/** What CreateAutoScalingGroup is asked for. */
export interface GroupDefinition extends LaunchSettings, Sizes {
  name: string
  tags: GroupTag[]
  targetGroupArns: string[]
}

export interface AutoScalingGroup extends GroupDefinition {
  arn: string
  createdAt: number
  suspended: Set<string>
  hooks: Map<string, LifecycleHook>
  /** `Delete in progress` once DeleteAutoScalingGroup was accepted. */
  status?: string
  activities: Activity[]
}

/** The lifecycle states that this cloud shows, out of the API's longer list. */
export type InstanceState =
  'Pending' | 'Pending:Wait' | 'Pending:Proceed' | 'InService' | 'Terminating' | 'Terminated'

export interface Instance {
  id: string
  group: string
  zone: string
  state: InstanceState
  machine: Machine
  tags: Record<string, string>
  launchedAt: number
  protectedFromScaleIn: boolean
}

/** One line of DescribeScalingActivities. */
export interface Activity {
  id: string
  description: string
  cause: string
  startedAt: number
  endedAt?: number
  status: 'InProgress' | 'Successful' | 'Cancelled' | 'Failed'
}
