import type { CloudClock, Switches } from '../../contract.js'
import type { Background } from '../../autoscaling/background.js'
import type { Alarms } from '../../cloudwatch/alarms.js'
import type { Fleets } from '../../autoscaling/fleets.js'
import type { Ids } from '../../autoscaling/ids.js'
import type { Journal } from '../../autoscaling/journal.js'
import type { Network } from '../../ec2/network.js'
import type { Balancers } from '../../loadbalancing/balancers.js'
import type { Quotas } from '../../quotas.js'
import type { TargetGroups } from '../../loadbalancing/target-groups.js'
import type { Deployment } from '../model.js'
import type { State } from '../state.js'

/** What defines a new deployment; the rest comes from its group. */
export type Draft = Pick<
  Deployment,
  | 'group'
  | 'plan'
  | 'creator'
  | 'revision'
  | 'style'
  | 'configName'
  | 'ignoreApplicationStopFailures'
  | 'updateOutdatedInstancesOnly'
  | 'fileExistsBehavior'
> &
  Partial<
    Pick<
      Deployment,
      | 'description'
      | 'autoRollback'
      | 'overrideAlarms'
      | 'blue'
      | 'green'
      | 'only'
      | 'restart'
      | 'targetInstances'
    >
  >

/** What deployments work on. */
export interface Engine {
  clock: CloudClock
  state: State
  fleets: Fleets
  targetGroups: TargetGroups
  balancers: Balancers
  network: Network
  quotas: Quotas
  alarms: Alarms
  switches: Switches
  ids: Ids
  journal: Journal
  background: Background
  /** The running deployments, by id. */
  runs: Map<string, Run>
  /** Records a deployment as Created and starts it. */
  start(draft: Draft): Deployment
  /** How long AllowTraffic waits for one instance to become healthy: 1 hour (docs/service.md, reference 2.7). */
  healthTimeoutMs: number
}

/** A running deployment: its record, and how others end it or one of its waits. */
export interface Run {
  deployment: Deployment
  /** Aborted when somebody stops the deployment, and when the cloud ends. */
  signal: AbortSignal
  /** Aborted when the cloud ends. */
  ending: AbortSignal
  /** Aborts `signal`. */
  abort(): void
  /** Ends the deployment's current wait; undefined outside of a wait. */
  continueNow?: () => void
  /** Resolves when the deployment is over. */
  done: Promise<void>
}
