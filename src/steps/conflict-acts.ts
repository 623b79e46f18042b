import type { Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import { trafficHasBegun, trafficHasMoved, trafficMovedAt } from '../domain/phase.js'
import { UserError } from '../errors.js'
import type { Clock, CodeDeploy, Zone } from '../ports.js'

/** The deployment that holds the group, and its targets, as last read. */
export interface Held {
  holder: Deployment
  targets: readonly Target[]
}

const MINUTE = 60_000

/** What acting on a holder needs of CodeDeploy. */
type ActingService = Pick<CodeDeploy, 'stop' | 'endWait'>

export interface ActingOptions {
  policy: 'wait' | 'fail' | 'supersede'
  /** Minutes that a holder must have served before its termination wait is ended; undefined if nobody ends it. */
  endTerminationWait: number | undefined
  /** Whether a holder that serves is neither stopped nor deprived of its old fleet, unless `endTerminationWait` allows it. */
  sparesServing?: boolean
  clock: Pick<Clock, 'now'>
  zone: Zone
  tell: (sentence: string) => void
}

/** What is done about a holder, each once: stop it, end its termination wait, say when or how that could be done, or give up. */
export type Act = 'stop' | 'stop-and-return' | 'let-end' | 'end-wait' | 'end-later' | 'offer' | 'give-up'

/** What decides about a holder. */
type Policy = Pick<ActingOptions, 'policy' | 'endTerminationWait' | 'sparesServing' | 'clock'>

/** A holder that was still installing at first may reach its termination wait later; then that wait can be ended. */
export const actFor = ({ holder, targets }: Held, options: Policy): Act | undefined => {
  const { policy, endTerminationWait, sparesServing = false, clock } = options
  const stops = policy === 'supersede'
  if (!trafficHasMoved(holder, targets)) {
    const act = stops ? stopFor(holder, targets) : undefined
    return act === 'stop-and-return' && sparesServing ? 'give-up' : act
  }
  if (stops && !sparesServing) return 'end-wait'
  if (endTerminationWait === undefined) return stops ? 'give-up' : 'offer'
  return clock.now() >= endableAt(targets, endTerminationWait) ? 'end-wait' : 'end-later'
}

/** When the holder has served for so many minutes, in epoch milliseconds; Infinity if it is not known since when it serves. */
export const endableAt = (targets: readonly Target[], minutes: number): number =>
  minutes === 0 ? 0 : (trafficMovedAt(targets)?.getTime() ?? Infinity) + minutes * MINUTE

/**
 * CodeDeploy's own rollback ends in a moment and leaves one revision serving, so it may finish. Once traffic moves, a plain
 * stop would leave both fleets in the load balancer; a stop with rollback returns the traffic to one of them first.
 */
const stopFor = (holder: Deployment, targets: readonly Target[]): Act =>
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

/** Throws if a holder would make the rollback give up, so that it does before anything is noted or stopped. */
export const refuseIfSpared = async (held: Held | undefined, options: Policy): Promise<void> => {
  if (held !== undefined && actFor(held, { ...options, sparesServing: true }) === 'give-up')
    await giveUp(held)
}

/** A revision that failed before is not worth what serves, nor the fleet that it could go back to at once. */
const giveUp = ({ holder }: Held): Promise<void> =>
  Promise.reject(
    new UserError(
      `${holder.id} (${holder.status}) has traffic and still keeps its old fleet, the instant way back. Neither is given up for a revision that failed before.`,
      'Nothing was changed. Run again when that deployment is over, set `on-conflict: wait` to wait for that, or set `end-termination-wait: true` to terminate the old fleet once it only waits for that.'
    )
  )

/** How each act is done. A refusal because of the holder's state is logged and not thrown. */
export const ACTS = {
  stop: supersede(false),
  'stop-and-return': supersede(true),
  'let-end': letEnd,
  'end-wait': endTerminationWait,
  'end-later': endLater,
  offer,
  'give-up': giveUp
} as const
