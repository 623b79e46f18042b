import type { LifecycleEvent, Target } from '../domain/event.js'
import { type Health, isSick, type Sick } from '../domain/health.js'
import { leaving } from '../domain/silence.js'
import { fleet, isAllowed } from '../domain/phase.js'
import type { Reason } from '../domain/reason.js'
import { type Asker, asking, type ReasonSources, type Waits } from './asking.js'

/** The load balancer is asked this often for each of its target groups, so a minute has at most four calls more. */
const EVERY_MS = 15_000
/** Its settings hardly change. */
const SETTINGS_EVERY_MS = 10 * 60_000

/** While instances wait for AllowTraffic or BlockTraffic, asks the load balancer why. */
export const healthReasons = (
  { health, fleets }: ReasonSources,
  { clock, targetGroups, stopAfterMs }: Waits
): Asker => {
  const healths = asking<Health[]>(EVERY_MS * Math.max(1, targetGroups.length), clock)
  const delays = asking<number>(SETTINGS_EVERY_MS, clock)
  let beganAt: number | undefined
  return ({ targets }) => {
    if (targetGroups.length === 0) return {}
    if (leaving(targets).length > 0) delays.ask(() => fleets.drainSeconds(targetGroups))
    const waiting = waitingOf(targets)
    beganAt = waiting.length === 0 ? undefined : (beganAt ?? clock.now())
    if (waiting.length > 0) healths.ask(() => health(targetGroups))
    const found = healths.answer() ?? []
    const reasons = sickAmong(waiting, found).map((sick): Reason => ({ kind: 'sick', sick }))
    const [reason] = reasons
    const isOver = beganAt !== undefined && clock.now() >= beganAt + stopAfterMs
    return {
      reasons,
      facts: { delaySeconds: delays.answer() },
      denied: delays.denied(),
      hopeless:
        isOver && beganAt !== undefined && reason !== undefined && allAreSick(targets, waiting, found)
          ? { reason, forMs: clock.now() - beganAt }
          : undefined
    }
  }
}

interface Waiting {
  id: string
  event: LifecycleEvent
}

const waitingOf = (targets: readonly Target[]): Waiting[] =>
  targets.flatMap((target) => {
    const event = target.events.find(({ name, status }) => name === 'AllowTraffic' && status === 'InProgress')
    return event === undefined ? [] : [{ id: target.id, event }]
  })

/** No instance of the new fleet serves, and the load balancer says of each one that waits that it may not. */
const allAreSick = (
  targets: readonly Target[],
  waiting: readonly Waiting[],
  found: readonly Health[]
): boolean => {
  const green = fleet(targets, 'green')
  const isHealthy = (id: string): boolean => found.some((one) => one.id === id && one.state === 'healthy')
  return (
    green.length > 0 &&
    !green.some((target) => isAllowed(target) || isHealthy(target.id)) &&
    waiting.every(({ id }) => found.some((one) => one.id === id && isSick(one)))
  )
}

/** The sick ones among the waiting, those with the same cause together. */
const sickAmong = (waiting: readonly Waiting[], found: readonly Health[]): Sick[] => {
  const causes = new Map<string, Sick>()
  for (const { id, event } of waiting)
    for (const health of found.filter((one) => one.id === id && isSick(one))) {
      const cause = [health.state, health.reason, health.description].join('\n')
      const sick = causes.get(cause) ?? { ids: [], health, since: undefined }
      const since = [sick.since, event.startTime].filter((time) => time !== undefined)
      causes.set(cause, { ...sick, ids: [...sick.ids, id], since: since.sort(byTime)[0] })
    }
  return [...causes.values()]
}

const byTime = (one: Date, other: Date): number => one.getTime() - other.getTime()
