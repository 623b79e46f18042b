import type { CodeDeploy, Polling } from '../ports.js'
import { type Deployment, isOver } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import { nextHeartbeat } from '../domain/heartbeat.js'
import { trafficHasBegun, trafficHasMoved } from '../domain/phase.js'
import { UserError } from '../errors.js'
import { targetsOf } from './history.js'

/** What resolving a conflict needs of CodeDeploy. */
export type ConflictService = Pick<CodeDeploy, 'deployment' | 'targetIds' | 'targets' | 'stop' | 'endWait'>

export interface ConflictOptions extends ActingOptions, Polling {
  /** Reports who holds the group, since when, in which phase, and for how long at most. */
  tellHolder(holder: Deployment, targets: Target[]): void
}

/** How often the holder's instances are read: it may have reached the wait that can be ended. */
const HOLDER_READ_EVERY_MS = 60_000

/** Resolves when the holder is over; throws when waiting is not allowed, or when time is up. */
export const resolveConflict = async (
  holder: Deployment,
  service: ConflictService,
  options: ConflictOptions
): Promise<void> => {
  const targets = await targetsOf(holder.id, service)
  options.tellHolder(holder, targets)
  if (options.policy === 'fail') throw heldBy(holder)
  const done = new Set<Act>()
  const actOnce = async (latest: Deployment, seen: Target[]): Promise<void> => {
    const act = actFor(latest, seen, options)
    if (act === undefined || done.has(act)) return
    done.add(act)
    await ACTS[act](latest, service, options)
  }
  await actOnce(holder, targets)
  await untilOver(holder, service, { ...options, actOnce })
}

const heldBy = (holder: Deployment): UserError =>
  new UserError(
    `${holder.application}/${holder.group} is held by ${holder.id} (${holder.status}, started by ${holder.creator}: ${holder.description || 'no description'}).`,
    'Run again when that deployment is over, or set `on-conflict` to `wait` or `supersede`.'
  )

const untilOver = async (
  holder: Deployment,
  service: ConflictService,
  options: ConflictOptions & { actOnce(latest: Deployment, targets: Target[]): Promise<void> }
): Promise<void> => {
  const { clock, signal, deadline, pollMs } = options
  const since = clock.now()
  let readAt = since
  let saidAt = since
  for (;;) {
    const latest = await service.deployment(holder.id)
    if (isOver(latest.status)) {
      options.tell(`${latest.id} is over: ${latest.status}.`)
      return
    }
    if (clock.now() >= deadline) throw outOfTime(latest)
    if (clock.now() - readAt >= HOLDER_READ_EVERY_MS) {
      const targets = await targetsOf(holder.id, service)
      readAt = clock.now()
      if (readAt >= nextHeartbeat(since, saidAt)) {
        options.tellHolder(latest, targets)
        saidAt = readAt
      }
      await options.actOnce(latest, targets)
    }
    await clock.sleep(Math.min(pollMs * 2, Math.max(0, deadline - clock.now())), signal)
  }
}

const outOfTime = (holder: Deployment): UserError =>
  new UserError(
    `${holder.id} (${holder.status}) still holds ${holder.application}/${holder.group}, and the time to wait has run out. No deployment was created.`,
    'Run again later, raise `wait-for-minutes`, or set `on-conflict: supersede`.'
  )

/** What acting on a holder needs of CodeDeploy. */
type ActingService = Pick<CodeDeploy, 'stop' | 'endWait'>

export interface ActingOptions {
  policy: 'wait' | 'fail' | 'supersede'
  endTerminationWait: boolean
  /** Whether a holder that serves is neither stopped nor deprived of its old fleet, unless `endTerminationWait` allows it. */
  sparesServing?: boolean
  tell: (sentence: string) => void
}

/** What is done about a holder, each once: stop it, end its termination wait, say that this could be done, or give up. */
export type Act = 'stop' | 'stop-and-return' | 'let-end' | 'end-wait' | 'offer' | 'give-up'

/** A holder that was still installing at first may reach its termination wait later; then that wait can be ended. */
export const actFor = (
  holder: Deployment,
  targets: Target[],
  { policy, endTerminationWait, sparesServing = false }: ActingOptions
): Act | undefined => {
  const spare = (act: Act): Act => (sparesServing ? 'give-up' : act)
  if (trafficHasMoved(holder, targets))
    return endTerminationWait ? 'end-wait' : policy === 'supersede' ? spare('end-wait') : 'offer'
  const act = policy === 'supersede' ? stopFor(holder, targets) : undefined
  return act === 'stop-and-return' ? spare(act) : act
}

/**
 * CodeDeploy's own rollback ends in a moment and leaves one revision serving, so it may finish. Once traffic moves, a plain
 * stop would leave both fleets in the load balancer; a stop with rollback returns the traffic to one of them first.
 */
const stopFor = (holder: Deployment, targets: Target[]): Act =>
  holder.creator === 'codeDeployRollback' ? 'let-end' : trafficHasBegun(targets) ? 'stop-and-return' : 'stop'

const endTerminationWait = async (
  holder: Deployment,
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
  async (holder: Deployment, service: ActingService, options: ActingOptions): Promise<void> => {
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

const offer = (_: Deployment, __: ActingService, { tell }: ActingOptions): Promise<void> => {
  tell(
    'It is only waiting to terminate its old fleet. `end-termination-wait: true` would end that wait at once, but also the option of an instant rollback.'
  )
  return Promise.resolve()
}

const letEnd = (holder: Deployment, _: ActingService, { tell }: ActingOptions): Promise<void> => {
  tell(
    `${holder.id} is restoring the previous revision, so we let it finish: stopping it would leave two revisions serving.`
  )
  return Promise.resolve()
}

/** Throws if a holder would make the rollback give up, so that it does before anything is noted or stopped. */
export const refuseIfSpared = async (
  holder: Deployment | undefined,
  targets: readonly Target[],
  { onConflict, endTerminationWait }: { onConflict: ActingOptions['policy']; endTerminationWait: boolean }
): Promise<void> => {
  if (holder === undefined) return
  const options = { policy: onConflict, endTerminationWait, sparesServing: true, tell: () => undefined }
  if (actFor(holder, [...targets], options) === 'give-up') await giveUp(holder)
}

/** A revision that failed before is not worth what serves, nor the fleet that it could go back to at once. */
const giveUp = (holder: Deployment): Promise<void> =>
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
  offer,
  'give-up': giveUp
} as const
