import type { HealthCheck } from '../contract.js'
import type { RollbackEvent } from './model.js'

/** What a cloud holds before anybody calls it. Waits are in minutes of service time, delays in seconds of it. */
export interface SeedOptions {
  applicationName?: string
  deploymentGroupName?: string
  autoScalingGroupName?: string
  targetGroupName?: string
  /** Instances of the first fleet; they are in service and registered, and serve nothing yet. 2 where it is left out. */
  instances?: number
  style?: 'blue-green' | 'in-place'
  /** False: no load balancer at all (in-place only). */
  trafficControl?: boolean
  terminationWaitMinutes?: number
  blueAction?: 'TERMINATE' | 'KEEP_ALIVE'
  readyAction?: 'CONTINUE_DEPLOYMENT' | 'STOP_DEPLOYMENT'
  readyWaitMinutes?: number
  deploymentConfigName?: string
  /** Left out: no automatic rollback is configured. */
  autoRollbackEvents?: RollbackEvent[]
  healthCheck?: Partial<HealthCheck>
  deregistrationDelaySeconds?: number
  /** True: the service role may not launch from a launch template (captures §9). */
  roleCannotLaunch?: boolean
}

/** Names of what a seed made. */
export interface Seeded {
  applicationName: string
  deploymentGroupName: string
  autoScalingGroupName: string
  targetGroupName: string
  serviceRoleArn: string
  /** Where visitors come in; empty without a load balancer. */
  serviceUrl: string
}
