import type { InstanceLog } from './instance-log.js'
import type { Reason, WaitFacts } from './reason.js'
import type { Phase } from './phase.js'
import type { Deployment } from './deployment.js'
import { type EventChange, isSettled, type Target, type TargetStatus } from './event.js'
import type { Tally } from './tally.js'

/**
 * What was reported of each event: its statuses, oldest first. Keyed by target, event and status, never by time: two events
 * may share a timestamp, and the service's clocks may run backwards.
 */
export type ToldEvents = Map<string, Map<string, readonly string[]>>

/**
 * The changes that a new look brings, in the order to report them; records them as reported. A look that is older than the
 * last one (a settled event that runs again, a started one that is Pending) brings nothing, nor does a repeated status.
 */
export const changes = (told: ToldEvents, targets: readonly Target[]): EventChange[] =>
  targets.flatMap((target) => {
    const events = told.get(target.id) ?? new Map<string, readonly string[]>()
    told.set(target.id, events)
    return target.events.flatMap((event) => {
      const before = events.get(event.name) ?? AT_FIRST
      if (!isNews(event.status, before)) return NOTHING
      events.set(event.name, [...before, event.status])
      return [{ target, event }]
    })
  })

const AT_FIRST: readonly string[] = ['Pending']
const NOTHING: EventChange[] = []

const isNews = (status: TargetStatus, before: readonly TargetStatus[]): boolean =>
  !before.includes(status) && !before.some(isSettled)

/** Nothing has been reported since `since` (this and the others in epoch milliseconds). */
export interface Waiting {
  deployment: Deployment
  targets: Target[]
  since: number
  /** When anything changed last, which is later than `since` if a large fleet is at work. */
  changedAt: number
  /** When watching ends at the latest. */
  until: number
  /** What is known beyond the deployment's own state. */
  facts?: WaitFacts | undefined
}

/**
 * What is reported while a deployment is watched; the journal turns it into lines. A change of a large fleet is a detail, since
 * its tallies are reported too.
 */
export type News =
  | { kind: 'phase'; phase: Phase; deployment: Deployment; targets: Target[] }
  | { kind: 'change'; change: EventChange; deployment: Deployment; isDetail?: boolean }
  | { kind: 'tallies'; tallies: Tally[]; deployment: Deployment }
  | { kind: 'traffic'; deployment: Deployment; targets: Target[] }
  | { kind: 'reason'; reason: Reason }
  /** What to allow, so that more can be said. */
  | { kind: 'note'; note: string }
  | { kind: 'waiting'; waiting: Waiting }
  | { kind: 'log'; log: InstanceLog }
