/** The share of hosts that must stay healthy during a deployment (API: MinimumHealthyHosts). */
export interface MinimumHealthy {
  type: 'HOST_COUNT' | 'FLEET_PERCENT'
  value: number
}

/** How to make the first Auto Scaling group. */
export interface FleetWish {
  launchTemplate: string
  subnets: readonly string[]
  min: number
  max: number
  desired: number
}

/** A deployment group as a setup file describes it. What is undefined is left as it is, or as CodeDeploy makes it. */
export interface GroupWish {
  application: string
  group: string
  serviceRole: string
  /** The Auto Scaling group to begin with; `create` is how to make it if there is none. */
  fleet: { name: string; create?: FleetWish | undefined }
  targetGroups: readonly string[]
  strategy: Strategy
  /** The name of a deployment configuration, or what one of its own must keep healthy. */
  traffic: string | MinimumHealthy
  /** Minutes that the old fleet is kept after the traffic has moved. */
  keepOldFleet?: number | 'forever' | undefined
  /** Minutes for which a deployment waits before it moves the traffic, until a person continues it; 0 moves it at once. */
  readyWait?: number | undefined
  alarms?: readonly string[] | undefined
  /** Events of API: AutoRollbackConfiguration; empty for no automatic rollback. */
  automaticRollback?: readonly string[] | undefined
  /** Given when the group is made. */
  tags: Readonly<Record<string, string>>
}

export type Strategy = 'blue-green' | 'in-place'

/** A deployment group as CodeDeploy has it, as far as a setup file describes it. */
export interface PresentGroup {
  serviceRole: string
  autoScalingGroups: readonly string[]
  /** Whether its instances, or some of them, are chosen by tags. */
  byTags: boolean
  targetGroups: readonly string[]
  strategy: Strategy
  trafficControl: boolean
  /** API: GreenFleetProvisioningAction; only for blue/green. */
  provisioning?: string | undefined
  deploymentConfig: string
  keepOldFleet?: number | 'forever' | undefined
  readyWait?: number | undefined
  alarms: { enabled: boolean; ignorePollAlarmFailure: boolean; names: readonly string[] }
  automaticRollback: readonly string[]
}

/** What there is of what a file describes. */
export interface Present {
  application: boolean
  /** The Auto Scaling group of the file's name, or of the deployment group once there is one. */
  fleet: boolean
  /** Whether the deployment configuration exists that the file asks for. */
  config: boolean
  group?: PresentGroup | undefined
}

/** One thing that is not as the file says. */
export interface Difference {
  what: string
  /** Undefined where there is nothing yet. */
  from?: string | undefined
  to: string
  /** What the change means for the service, in one sentence. */
  means: string
}

/** The deployment configurations that the service brings (API: deployment configurations for EC2). */
export const TRAFFIC: Readonly<Record<string, string>> = {
  'all-at-once': 'CodeDeployDefault.AllAtOnce',
  'half-at-a-time': 'CodeDeployDefault.HalfAtATime',
  'one-at-a-time': 'CodeDeployDefault.OneAtATime'
}

/** The configuration's name. One of our own is named after what it keeps, since a configuration never changes (API: CreateDeploymentConfig). */
export const configName = (traffic: GroupWish['traffic']): string =>
  typeof traffic === 'string'
    ? traffic
    : `minimum-healthy-hosts-${traffic.value}${traffic.type === 'FLEET_PERCENT' ? '-percent' : ''}`

/**
 * The Auto Scaling group that the deployment group names from now on. Every blue/green deployment gives it a new one, so what it
 * names already always wins over the file.
 */
export const fleetOf = (wish: GroupWish, group: PresentGroup | undefined): string =>
  group?.autoScalingGroups[0] ?? wish.fleet.name

/** The words of the setup file for the events of API: AutoRollbackConfiguration. */
export const ROLLBACK_EVENTS: Readonly<Record<string, string>> = {
  failure: 'DEPLOYMENT_FAILURE',
  alarm: 'DEPLOYMENT_STOP_ON_ALARM',
  stop: 'DEPLOYMENT_STOP_ON_REQUEST'
}
