/** The statuses of one lifecycle event on one instance (API: LifecycleEventStatus). An unknown one is kept as it is. */
export type EventStatus =
  'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped' | 'Unknown' | (string & {})

/** The statuses of one target (API: TargetStatus). */
export type TargetStatus = EventStatus | 'Ready'

/** Which side of a blue/green deployment an instance is on; an in-place deployment has only `in-place`. */
export type Fleet = 'green' | 'blue' | 'in-place'

export const FLEETS: readonly Fleet[] = ['green', 'blue', 'in-place']

/** What the agent, or the service for its own events, says about an event (API: Diagnostics). */
export interface Diagnostics {
  /** Success, ScriptMissing, ScriptNotExecutable, ScriptTimedOut, ScriptFailed, UnknownError, or a future code. */
  errorCode: string
  /** The script as named in the AppSpec, relative to the bundle's root; empty for events that run no script. */
  scriptName: string
  message: string
  /** The last lines the script wrote; only failed events have it. */
  logTail: string
}

/** One lifecycle event of one target, with the service's times. */
export interface LifecycleEvent {
  name: string
  status: EventStatus
  startTime?: Date | undefined
  endTime?: Date | undefined
  diagnostics?: Diagnostics | undefined
}

/** One instance of a deployment with the events it goes through, in the service's order. */
export interface Target {
  /** The instance id, `i-…`. */
  id: string
  fleet: Fleet
  status: TargetStatus
  lastUpdatedAt?: Date | undefined
  events: LifecycleEvent[]
}

/** One event of one target differs from what was reported before. */
export interface EventChange {
  target: Target
  event: LifecycleEvent
}

/** Statuses after which a target or an event no longer changes. `Unknown` is not one of them: it may still resolve. */
export const isSettled = (status: TargetStatus): boolean =>
  status === 'Succeeded' || status === 'Failed' || status === 'Skipped'

export const hasFailed = (event: LifecycleEvent): boolean => event.status === 'Failed'
