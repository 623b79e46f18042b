import type { News } from '../domain/event-changes.js'
import type { LifecycleEvent, Target } from '../domain/event.js'
import { type Health, isSick, type Sick } from '../domain/health.js'
import type { Clock, TargetHealth } from '../ports.js'

/** The load balancer is asked this often for each of its target groups, so a minute has at most four calls more. */
const EVERY_MS = 15_000

/** Asked at each look at a deployment: why it waits, as far as that is known and not told yet. Never waits itself. */
export type Reasons = (targets: readonly Target[]) => News[]

/**
 * While instances wait for AllowTraffic, asks the load balancer why. An answer is told at the first look after it came, once for
 * each cause. A refused or failed read says nothing: what cannot be asked is told when the run begins, and watching goes on.
 */
export const healthReasons = (
  health: TargetHealth,
  targetGroups: readonly string[],
  { clock }: { clock: Clock }
): Reasons => {
  const told = new Set<string>()
  let found: Health[] = []
  let askedAt = Number.NEGATIVE_INFINITY
  let isAsking = false
  const ask = async (): Promise<void> => {
    isAsking = true
    askedAt = clock.now()
    try {
      found = await health(targetGroups)
    } catch {
      found = []
    }
    isAsking = false
  }
  return (targets) => {
    const waiting = targets.flatMap((target) => {
      const event = target.events.find(isAllowing)
      return event === undefined ? [] : [{ id: target.id, event }]
    })
    if (waiting.length === 0 || targetGroups.length === 0) return []
    if (!isAsking && clock.now() >= askedAt + EVERY_MS * targetGroups.length) void ask()
    return sickAmong(waiting, found)
      .filter(isNew(told))
      .map((sick): News => ({ kind: 'reason', sick }))
  }
}

const isAllowing = ({ name, status }: LifecycleEvent): boolean =>
  name === 'AllowTraffic' && status === 'InProgress'

interface Waiting {
  id: string
  event: LifecycleEvent
}

/** The sick ones among the waiting, those with the same cause together. */
const sickAmong = (waiting: readonly Waiting[], found: readonly Health[]): Sick[] => {
  const causes = new Map<string, Sick>()
  for (const { id, event } of waiting)
    for (const health of found.filter((one) => one.id === id && isSick(one))) {
      const cause = causeOf(health)
      const sick = causes.get(cause) ?? { ids: [], health, since: undefined }
      const since = [sick.since, event.startTime].filter((time) => time !== undefined)
      causes.set(cause, { ...sick, ids: [...sick.ids, id], since: since.sort(byTime)[0] })
    }
  return [...causes.values()]
}

const byTime = (one: Date, other: Date): number => one.getTime() - other.getTime()

const causeOf = ({ state, reason = '', description = '' }: Health): string =>
  [state, reason, description].join('\n')

/** A cause is news once, however many instances come to share it. */
const isNew =
  (told: Set<string>) =>
  ({ health }: Sick): boolean => {
    const cause = causeOf(health)
    const isKnown = told.has(cause)
    told.add(cause)
    return !isKnown
  }
