import type { Phase } from './phase.js'
import type { Deployment } from './deployment.js'
import { type EventChange, isSettled, type Target } from './event.js'

/**
 * What has been told of each event: its statuses in turn, the last one last. Kept by target, event and status, never by
 * time: two events may share a timestamp, and the service's clocks may run backwards.
 */
export type ToldEvents = Map<string, Map<string, readonly string[]>>

const rank = (status: string): number => (status === 'Pending' ? 0 : isSettled(status) ? 2 : 1)

/**
 * The changes that a new look brings, in the order they are to be told; notes them as told. A look that is older than the
 * last (a settled event that runs again, a Pending one that had begun) brings nothing, nor does a word that comes back.
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

const isNews = (status: string, before: readonly string[]): boolean => {
  const last = before.at(-1) ?? 'Pending'
  return !before.includes(status) && !isSettled(last) && rank(status) >= rank(last)
}

/** What is told while a deployment is watched; the journal turns it into lines. */
export type News =
  | { kind: 'phase'; phase: Phase; deployment: Deployment; targets: Target[] }
  | { kind: 'change'; change: EventChange; deployment: Deployment }
  | { kind: 'traffic'; deployment: Deployment; targets: Target[] }
