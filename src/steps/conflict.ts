import type { Clock, CodeDeploy, Polling, Zone } from '../ports.js'
import { type Deployment, isOver } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import { blueLivesUntil, trafficHasBegun, trafficHasMoved, trafficMovedAt } from '../domain/phase.js'
import { UserError } from '../errors.js'
import { targetsOf } from './history.js'

/** What resolving a conflict needs of CodeDeploy. */
export type ConflictService = Pick<CodeDeploy, 'deployment' | 'targetIds' | 'targets' | 'stop' | 'endWait'>

export interface ConflictOptions extends ActingOptions, Polling {
  clock: Clock
  /** Reports who holds the group, since when, in which phase, and for how long at most. */
  tellHolder(holder: Deployment, targets: Target[]): void
}

/** The deployment that holds the group, and its targets, as last read. */
export interface Held {
  holder: Deployment
  targets: Target[]
}

const MINUTE = 60_000
const HOLDER_TOLD_EVERY_MS = MINUTE

/** Resolves when the holder is over; throws when waiting is not allowed, or when time is up. */
export const resolveConflict = async (
  holder: Deployment,
  service: ConflictService,
  options: ConflictOptions
): Promise<void> => {
  const done = new Set<Act>()
  const look = async (latest: Deployment): Promise<number> => {
    const held = { holder: latest, targets: await targetsOf(latest.id, service) }
    options.tellHolder(latest, held.targets)
    if (options.policy === 'fail') throw heldBy(latest)
    const act = actFor(held, options)
    if (act === 'offer' || act === 'end-later') refuseToWaitInVain(held, options)
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
  const inAMinute = options.clock.now() + HOLDER_TOLD_EVERY_MS
  return act === 'end-later'
    ? Math.min(inAMinute, endableAt(targets, options.endTerminationWait ?? 0))
    : inAMinute
}

const heldBy = (holder: Deployment): UserError =>
  new UserError(
    `${holder.application}/${holder.group} is held by ${holder.id} (${holder.status}, started by ${holder.creator}: ${holder.description || 'no description'}).`,
    'Run again when that deployment is over, or set `on-conflict` to `wait` or `supersede`.'
  )

/**
 * A termination wait has a known end. If that, or the moment when this run may end it, lies after this run's time, waiting
 * would only cost runner minutes.
 */
const refuseToWaitInVain = ({ holder, targets }: Held, options: ConflictOptions): void => {
  const { deadline, zone, endTerminationWait } = options
  const end = blueLivesUntil(holder, targets)?.getTime() ?? -Infinity
  const free = Math.min(
    end,
    endTerminationWait === undefined ? Infinity : endableAt(targets, endTerminationWait)
  )
  if (free <= deadline) return
  const time = (moment: number): string => zone.dayAndClock(new Date(moment))
  const why =
    free === end
      ? 'when its old fleet is terminated'
      : `when \`end-termination-wait: ${endTerminationWait}\` lets it go`
  const sooner =
    endTerminationWait === undefined
      ? '`end-termination-wait: 15` (a holder that has served 15 min is let go) or '
      : ''
  throw new UserError(
    `${holder.id} holds ${holder.application}/${holder.group} until ${time(free)} (${zone.name}), ${why}; this run may wait only until ${time(deadline)}. Nothing was deployed.`,
    `Run again after ${time(free)}. To deploy sooner, and give up the option of an instant rollback, set ${sooner}\`on-conflict: supersede\` (at once).`
  )
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
    `${holder.id} (${holder.status}) still holds ${holder.application}/${holder.group}, and the time to wait has run out. Nothing was deployed.`,
    'Run again later, raise `wait-for-minutes`, or set `on-conflict: supersede`.'
  )

/** What acting on a holder needs of CodeDeploy. */
type ActingService = Pick<CodeDeploy, 'stop' | 'endWait'>

export interface ActingOptions {
  policy: 'wait' | 'fail' | 'supersede'
  /** Minutes that a holder must have served before its termination wait is ended; undefined if nobody ends it. */
  endTerminationWait: number | undefined
  clock: Pick<Clock, 'now'>
  zone: Zone
  tell: (sentence: string) => void
}

/** What is done about a holder, each once: stop it, end its termination wait, or say when or how that could be done. */
export type Act = 'stop' | 'stop-and-return' | 'let-end' | 'end-wait' | 'end-later' | 'offer'

/** A holder that was still installing at first may reach its termination wait later; then that wait can be ended. */
export const actFor = ({ holder, targets }: Held, options: ActingOptions): Act | undefined => {
  const { policy, endTerminationWait, clock } = options
  if (!trafficHasMoved(holder, targets)) return policy === 'supersede' ? stopFor(holder, targets) : undefined
  if (policy === 'supersede') return 'end-wait'
  if (endTerminationWait === undefined) return 'offer'
  return clock.now() >= endableAt(targets, endTerminationWait) ? 'end-wait' : 'end-later'
}

/** When the holder has served for so many minutes, in epoch milliseconds; Infinity if it is not known since when it serves. */
const endableAt = (targets: readonly Target[], minutes: number): number =>
  minutes === 0 ? 0 : (trafficMovedAt(targets)?.getTime() ?? Infinity) + minutes * MINUTE

/**
 * CodeDeploy's own rollback ends in a moment and leaves one revision serving, so it may finish. Once traffic moves, a plain
 * stop would leave both fleets in the load balancer; a stop with rollback returns the traffic to one of them first.
 */
const stopFor = (holder: Deployment, targets: Target[]): Act =>
  holder.creator === 'codeDeployRollback' ? 'let-end' : trafficHasBegun(targets) ? 'stop-and-return' : 'stop'

const endTerminationWait = async (
  { holder }: Held,
  service: ActingService,
  options: ActingOptions
): Promise<void> => {
  options.tell(
    `Ending the termination wait of ${holder.id}: its old fleet is terminated now, so an instant rollback to it is no longer possible.`
  )
  await orRefused(() => service.endWait(holder.id, 'TERMINATION_WAIT'), holder, options)
}

const supersede =
  (rollback: boolean) =>
  async ({ holder }: Held, service: ActingService, options: ActingOptions): Promise<void> => {
    options.tell(
      `Stopping ${holder.id} because of \`on-conflict: supersede\`${rollback ? '; its traffic moves back first, so that only one revision serves' : ''}.`
    )
    await orRefused(() => service.stop(holder.id, rollback), holder, options)
  }

/** A refusal because of the holder's state is not an error: the holder is past that point, or over, so the run waits for it. */
const orRefused = async (
  call: () => Promise<unknown>,
  holder: Deployment,
  { tell }: ActingOptions
): Promise<void> => {
  try {
    await call()
  } catch (error) {
    const { name } = factsOf(error)
    if (isDenied(error) || !/^(Deployment|Invalid|Unsupported)/.test(name)) throw error
    tell(`The service refused that: ${wordsOf(error)}. Waiting for ${holder.id} to finish instead.`)
  }
}

const endLater = (
  { holder, targets }: Held,
  _: ActingService,
  { endTerminationWait: minutes = 0, zone, tell }: ActingOptions
): Promise<void> => {
  const since = trafficMovedAt(targets)
  const wait = `${holder.id} is only waiting to terminate its old fleet`
  tell(
    since === undefined
      ? `${wait}, but the service does not say since when it serves, so \`end-termination-wait: ${minutes}\` does not end that wait.`
      : `${wait}. It has served since ${zone.dayAndClock(since)}; this run ends that wait at ${zone.dayAndClock(new Date(endableAt(targets, minutes)))}, after ${minutes} min (\`end-termination-wait: ${minutes}\`).`
  )
  return Promise.resolve()
}

const offer = (_: Held, __: ActingService, { tell }: ActingOptions): Promise<void> => {
  tell(
    'It is only waiting to terminate its old fleet. `end-termination-wait: true` would end that wait at once (`15` once it has served 15 min), but also the option of an instant rollback.'
  )
  return Promise.resolve()
}

const letEnd = ({ holder }: Held, _: ActingService, { tell }: ActingOptions): Promise<void> => {
  tell(
    `${holder.id} is restoring the previous revision, so we let it finish: stopping it would leave two revisions serving.`
  )
  return Promise.resolve()
}

/** How each act is done. A refusal because of the holder's state is logged and not thrown. */
export const ACTS = {
  stop: supersede(false),
  'stop-and-return': supersede(true),
  'let-end': letEnd,
  'end-wait': endTerminationWait,
  'end-later': endLater,
  offer
} as const
