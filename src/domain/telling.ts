import { isSettled, type EventChange, type Target } from './event.js'

/**
 * What has been told of each event. Kept by target, event and status, never by time: two events may share a
 * timestamp, and the service's clocks may run backwards.
 */
export type Told = Map<string, string>

const rank = (status: string): number => (status === 'Pending' ? 0 : isSettled(status) ? 2 : 1)

/**
 * The changes that a new look brings, in the order they are to be told; notes them as told. A look that is older than the
 * last (a settled event that runs again, a Pending one that had begun) brings nothing.
 */
export const changes = (told: Told, targets: readonly Target[]): EventChange[] =>
  targets.flatMap((target) =>
    target.events.flatMap((event) => {
      const key = `${target.id}\n${event.name}`
      const before = told.get(key) ?? 'Pending'
      if (before === event.status || rank(event.status) < rank(before) || isSettled(before)) return []
      told.set(key, event.status)
      return [{ target, event }]
    })
  )
