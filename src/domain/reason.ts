import type { Sick } from './health.js'
import type { GroupState, LaunchFailure } from './launch.js'
import type { Silence } from './machine.js'

/** Why a deployment waits, as a service other than CodeDeploy knows it. */
export type Reason =
  | { kind: 'sick'; sick: Sick }
  | { kind: 'launch'; failure: LaunchFailure }
  /** Instances that a launch hook holds. */
  | { kind: 'held'; ids: string[]; since: number }
  | { kind: 'silence'; silence: Silence }

/** What a heartbeat can say of a wait beyond the deployment's own state. */
export interface WaitFacts {
  /** How far the new fleet's Auto Scaling group is. */
  group?: GroupState | undefined
  /** For how many seconds at most a load balancer lets open requests of a leaving instance end. */
  delaySeconds?: number | undefined
  /** How long the scripts of an event may run, in seconds, by the AppSpec of the bundle. */
  limits?: ReadonlyMap<string, number> | undefined
  /** How long an event took in the last successful deployment, in milliseconds. */
  usual?: ReadonlyMap<string, number> | undefined
  /** What to allow, so that more can be said; once in a run. */
  note?: string | undefined
}

/** Why a deployment is given up, and for how many milliseconds that had been so. */
export interface Hopeless {
  reason: Reason
  forMs: number
}
