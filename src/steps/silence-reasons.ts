import type { Target } from '../domain/event.js'
import type { Machine, Silence } from '../domain/machine.js'
import type { Reason } from '../domain/reason.js'
import { owing, type Owing } from '../domain/silence.js'
import { type Asker, asking, type ReasonSources, type Waits } from './asking.js'
import { targetsOf } from './history.js'

/** CodeDeploy gives up after five minutes (docs/service.md, reference 4). */
const UNANSWERED_AFTER_MS = 120_000
/** The agent itself ends a script that runs for too long, and then reports it. */
const OVERDUE_AFTER_MS = 60_000
/** Every script that the AppSpec gives no timeout, and every event, ends after this (docs/service.md, reference 4). */
const EVENT_SECONDS = 3600
/** Two calls each time. */
const MACHINES_EVERY_MS = 30_000
/** Instances that EC2 is asked about. */
const ASKED = 10
/** An event that takes longer is compared with the last deployment's, which is read once. */
const SLOW_AFTER_MS = 30_000
const USUAL_EVERY_MS = 60 * 60_000

/** While agents owe an answer for long, asks EC2 what is wrong with their instances. */
export const silenceReasons = (
  { fleets, service }: ReasonSources,
  { clock, limits, lastSuccessful }: Waits
): Asker => {
  const machines = asking<Machine[]>(MACHINES_EVERY_MS, clock)
  const usual = asking<ReadonlyMap<string, number>>(USUAL_EVERY_MS, clock)
  const waiting = new Map<string, number>()
  return ({ targets }) => {
    const now = clock.now()
    const all = owing(targets)
    const keys = new Set(all.map(keyOf))
    for (const key of waiting.keys()) if (!keys.has(key)) waiting.delete(key)
    for (const one of all) if (!waiting.has(keyOf(one))) waiting.set(keyOf(one), now)
    const waitedMs = (one: Owing): number => now - (waiting.get(keyOf(one)) ?? now)
    const patienceMs = ({ event }: Owing): number =>
      event === undefined ? UNANSWERED_AFTER_MS : limitOf(event.name, limits) * 1000 + OVERDUE_AFTER_MS
    const silent = all.filter((one) => waitedMs(one) >= patienceMs(one))
    if (silent.length > 0) machines.ask(() => fleets.machines(silent.slice(0, ASKED).map(({ id }) => id)))
    if (
      lastSuccessful !== undefined &&
      all.some((one) => one.event !== undefined && waitedMs(one) >= SLOW_AFTER_MS)
    )
      usual.ask(async () => usualOf(await targetsOf(lastSuccessful, service)))
    const known = machines.answer()
    // A reason is not told before EC2 has answered, or is known to answer nothing.
    const isAsked = known !== undefined || machines.denied() !== undefined
    return {
      reasons: isAsked ? silences(silent, { waiting, limits, known }) : [],
      facts: { limits, usual: usual.answer() },
      denied: machines.denied()
    }
  }
}

const keyOf = ({ id, event }: Owing): string => `${id} ${event?.name ?? ''}`

const limitOf = (event: string, limits: Waits['limits']): number => limits?.get(event) ?? EVENT_SECONDS

interface Known {
  waiting: ReadonlyMap<string, number>
  limits: Waits['limits']
  known: readonly Machine[] | undefined
}

/** The silent ones, those of which the same is known together. */
const silences = (silent: readonly Owing[], { waiting, limits, known }: Known): Reason[] => {
  const alike = new Map<string, Silence>()
  for (const one of silent) {
    const machine = known?.find(({ id }) => id === one.id)
    const { state, stateReason, profile, checks } = machine ?? {}
    const cause = [one.event?.name, state, stateReason, profile, checks].join('\n')
    const since = waiting.get(keyOf(one)) ?? 0
    const before = alike.get(cause)
    alike.set(cause, {
      ids: [...(before?.ids ?? []), one.id],
      since: Math.min(since, before?.since ?? since),
      event: one.event && { name: one.event.name, limitSeconds: limitOf(one.event.name, limits) },
      machine
    })
  }
  return [...alike.values()].map((silence) => ({ kind: 'silence', silence }))
}

/** The median of each event's time on the instances of a deployment, in milliseconds. */
const usualOf = (targets: readonly Target[]): ReadonlyMap<string, number> => {
  const times = new Map<string, number[]>()
  for (const { fleet, events } of targets)
    for (const { name, status, startTime, endTime } of fleet === 'blue' ? [] : events)
      if (status === 'Succeeded' && startTime !== undefined && endTime !== undefined)
        times.set(name, [...(times.get(name) ?? []), endTime.getTime() - startTime.getTime()])
  return new Map(
    [...times].map(([name, all]) => [
      name,
      all.sort((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0
    ])
  )
}
