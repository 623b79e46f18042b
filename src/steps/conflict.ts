import { type Deployment, isOver } from '../domain/deployment.js'
import { withoutSeal } from '../domain/description.js'
import type { Target } from '../domain/event.js'
import { nextHeartbeat } from '../domain/heartbeat.js'
import { blueLivesUntil } from '../domain/phase.js'
import { UserError } from '../errors.js'
import type { Clock, CodeDeploy, Polling } from '../ports.js'
import { type Act, actFor, type ActingOptions, ACTS, endableAt, type Held } from './conflict-acts.js'
import { targetsOf } from './history.js'

/** What resolving a conflict needs of CodeDeploy. */
export type ConflictService = Pick<CodeDeploy, 'deployment' | 'targetIds' | 'targets' | 'stop' | 'endWait'>

export interface ConflictOptions extends ActingOptions, Polling {
  clock: Clock
  /** Reports who holds the group, since when, in which phase, and for how long at most. */
  tellHolder(holder: Deployment, targets: readonly Target[]): void
}

/** How often the holder's instances are read: it may have reached the wait that can be ended. */
const HOLDER_READ_EVERY_MS = 60_000

/** Resolves when the holder is over; throws when waiting is not allowed, or when time is up. */
export const resolveConflict = async (
  holder: Deployment,
  service: ConflictService,
  options: ConflictOptions
): Promise<void> => {
  const done = new Set<Act>()
  const since = options.clock.now()
  let saidAt: number | undefined
  const look = async (latest: Deployment): Promise<number> => {
    const held = { holder: latest, targets: await targetsOf(latest.id, service) }
    const now = options.clock.now()
    if (saidAt === undefined || now >= nextHeartbeat(since, saidAt)) {
      options.tellHolder(latest, held.targets)
      saidAt = now
    }
    if (options.policy === 'fail') throw heldBy(latest)
    refuseToWaitInVain(held, options)
    const act = actFor(held, options)
    if (act !== undefined && !done.has(act)) {
      done.add(act)
      await ACTS[act](held, service, options)
    }
    return nextLook(held, act, options)
  }
  await untilOver(holder, service, { ...options, look, lookAt: await look(holder) })
}

/** When to read the targets again, in epoch milliseconds: in a minute, or as soon as the termination wait may be ended. */
const nextLook = ({ targets }: Held, act: Act | undefined, options: ConflictOptions): number => {
  const inAMinute = options.clock.now() + HOLDER_READ_EVERY_MS
  return act === 'end-later'
    ? Math.min(inAMinute, endableAt(targets, options.endTerminationWait ?? 0))
    : inAMinute
}

const heldBy = (holder: Deployment): UserError =>
  new UserError(
    `${holder.application}/${holder.group} is held by ${holder.id} (${holder.status}, started by ${holder.creator}: ${withoutSeal(holder.description) || 'no description'}).`,
    'Run again when that deployment is over, or set `on-conflict` to `wait` or `supersede`.'
  )

/** What decides whether a holder lets the group go in time. */
export interface WaitLimits extends Omit<ActingOptions, 'tell'>, Pick<Polling, 'deadline'> {
  /** The deadline counts from the moment when the bundle is stored. Until then, it may become later by this, in milliseconds. */
  startsWithinMs?: number
}

/** How long hashing, packing and storing a bundle may take; what lets the group go that soon after the deadline is left to the later look. */
const MOST_STORING_MS = 10 * 60_000

/**
 * Before a bundle is packed: throws what `resolveConflict` would throw after it was stored, if that is certain by now.
 */
export const refuseBeforeStoring = (held: Held, limits: WaitLimits): void => {
  refuseToWaitInVain(held, { ...limits, startsWithinMs: MOST_STORING_MS })
}

/**
 * A termination wait has a known end. If that, or the moment when this run may end it, lies after this run's time, waiting
 * would only cost runner minutes.
 */
const refuseToWaitInVain = (held: Held, options: WaitLimits): void => {
  const { holder, targets } = held
  const { deadline, zone, endTerminationWait } = options
  const act = actFor(held, options)
  if (act !== 'offer' && act !== 'end-later') return
  const end = blueLivesUntil(holder, targets)?.getTime() ?? -Infinity
  const free = Math.min(
    end,
    endTerminationWait === undefined ? Infinity : endableAt(targets, endTerminationWait)
  )
  if (free <= deadline + (options.startsWithinMs ?? 0)) return
  if (options.policy === 'fail') throw heldBy(holder)
  const time = (moment: number): string => zone.dayAndClock(new Date(moment))
  const why =
    free === end
      ? 'when its old fleet is terminated'
      : `when \`end-termination-wait: ${endTerminationWait}\` lets it go`
  throw new UserError(
    `${holder.id} holds ${holder.application}/${holder.group} until ${time(free)} (${zone.name}), ${why}; this run may wait only until ${time(deadline)}. No deployment was created.`,
    `Run again after ${time(free)}. To deploy sooner, and give up the option of an instant rollback, set ${sooner(options)}.`
  )
}

/** What lets such a holder go sooner. Even `supersede` does not, if what serves is spared. */
const sooner = ({ endTerminationWait, sparesServing = false }: WaitLimits): string => {
  if (sparesServing) return '`end-termination-wait: true` (at once)'
  const minutes = '`end-termination-wait: 15` (a holder that has served 15 min is let go) or '
  return `${endTerminationWait === undefined ? minutes : ''}\`on-conflict: supersede\` (at once)`
}

const untilOver = async (
  holder: Deployment,
  service: ConflictService,
  options: ConflictOptions & { look(latest: Deployment): Promise<number>; lookAt: number }
): Promise<void> => {
  const { clock, signal, deadline, pollMs } = options
  let { lookAt } = options
  for (;;) {
    const latest = await service.deployment(holder.id)
    if (isOver(latest.status)) {
      options.tell(`${latest.id} is over: ${latest.status}.`)
      return
    }
    if (clock.now() >= deadline) throw outOfTime(latest)
    if (clock.now() >= lookAt) lookAt = await options.look(latest)
    await clock.sleep(Math.max(0, Math.min(pollMs * 2, deadline - clock.now(), lookAt - clock.now())), signal)
  }
}

const outOfTime = (holder: Deployment): UserError =>
  new UserError(
    `${holder.id} (${holder.status}) still holds ${holder.application}/${holder.group}, and the time to wait has run out. No deployment was created.`,
    'Run again later, raise `wait-for-minutes`, or set `on-conflict: supersede`.'
  )
