import type { PreviewPlace } from '../preview-place.js'
import type { HealthCheck } from '../contract.js'
import type { RollbackEvent } from './model.js'

/** What a cloud contains at the start. Waits are in minutes of service time, delays in seconds. */
export interface SeedOptions {
  applicationName?: string
  deploymentGroupName?: string
  autoScalingGroupName?: string
  targetGroupName?: string
  /** Instances of the first fleet; they are in service and registered, and serve nothing yet. 2 by default. */
  instances?: number
  style?: 'blue-green' | 'in-place'
  /** True: only the target group with its balancer. */
  empty?: boolean
  /** True: also what previews with addresses of their own are made on. */
  previews?: boolean
  /** Two fleets that take turns (DISCOVER_EXISTING), `blue-fleet` and `green-fleet`; the first one is registered. */
  fixedFleets?: 'groups' | 'tags'
  /** False: no load balancer at all (in-place only). */
  trafficControl?: boolean
  terminationWaitMinutes?: number
  blueAction?: 'TERMINATE' | 'KEEP_ALIVE'
  readyAction?: 'CONTINUE_DEPLOYMENT' | 'STOP_DEPLOYMENT'
  readyWaitMinutes?: number
  deploymentConfigName?: string
  /** Without it, no automatic rollback is configured. */
  autoRollbackEvents?: RollbackEvent[]
  /** Alarms of the group, which are made too; left out: alarms are off. */
  alarms?: string[]
  ignorePollAlarmFailure?: boolean
  healthCheck?: Partial<HealthCheck>
  deregistrationDelaySeconds?: number
  /** True: the service role may not launch from a launch template (docs/service.md, captures 9). */
  roleCannotLaunch?: boolean
  /** True: the service role has no cloudwatch:DescribeAlarms. */
  roleCannotReadAlarms?: boolean
}

/** The names of what a seed created. */
export interface Seeded {
  applicationName: string
  deploymentGroupName: string
  autoScalingGroupName: string
  targetGroupName: string
  serviceRoleArn: string
  /** The URL for visitors; empty without a load balancer. */
  serviceUrl: string
  previews?: PreviewPlace
}
