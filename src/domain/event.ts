/** The statuses of one lifecycle event on one instance (API: LifecycleEventStatus). A word unknown today is kept as it is. */
export type EventStatus =
  'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped' | 'Unknown' | (string & {})

/** The statuses of one target (API: TargetStatus). */
export type TargetStatus = EventStatus | 'Ready'

/** Which side of a blue/green deployment an instance is on; an in-place deployment has only `in-place`. */
export type Fleet = 'green' | 'blue' | 'in-place'

/** What the agent, or the service for its own events, said of an event (API: Diagnostics). */
export interface Diagnostics {
  /** Success, ScriptMissing, ScriptNotExecutable, ScriptTimedOut, ScriptFailed, UnknownError, or a word of tomorrow. */
  errorCode: string
  /** The script as the AppSpec names it, relative to the bundle's root; empty for events that run no script. */
  scriptName: string
  message: string
  /** The last lines the script wrote; only failing events carry it. */
  logTail: string
}

/** One lifecycle event of one target. Times are those of the service. */
export interface LifecycleEvent {
  name: string
  status: EventStatus
  startTime?: Date
  endTime?: Date
  diagnostics?: Diagnostics
}

/** One instance of a deployment with the events it goes through, in the service's order. */
export interface Target {
  /** The instance id, `i-…`. */
  id: string
  fleet: Fleet
  status: TargetStatus
  lastUpdatedAt?: Date
  events: LifecycleEvent[]
}

/** That one event of one target is now different from what was told before. */
export interface EventChange {
  target: Target
  event: LifecycleEvent
}

/** Statuses after which a target or an event does not change anymore. `Unknown` is not one of them: it may still resolve. */
export const isSettled = (status: TargetStatus): boolean =>
  status === 'Succeeded' || status === 'Failed' || status === 'Skipped'

/** Whether this event, failed, is what a reader must see first. */
export const hasFailed = (event: LifecycleEvent): boolean => event.status === 'Failed'
