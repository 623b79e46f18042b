import { UserError } from '../errors.js'
import { isOver, type Deployment } from '../domain/deployment.js'
import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import { trafficHasMoved } from '../domain/phase.js'
import type { Target } from '../domain/event.js'

/** What making way needs of CodeDeploy. */
export interface WayService {
  deployment(id: string): Promise<Deployment>
  targetIds(deploymentId: string): Promise<string[]>
  targets(deploymentId: string, ids: readonly string[]): Promise<Target[]>
  stop(id: string, rollback: boolean): Promise<{ pending: boolean; message: string }>
  endWait(id: string, wait: 'READY_WAIT' | 'TERMINATION_WAIT'): Promise<void>
}

export interface WayOptions {
  policy: 'wait' | 'fail' | 'supersede'
  endTerminationWait: boolean
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> }
  signal: AbortSignal
  deadline: number
  pollMs: number
  /** Says who holds the group, since when, in which phase, and how long at most. */
  tellHolder(holder: Deployment, targets: Target[]): void
  tell: (sentence: string) => void
}

const HOLDER_TOLD_EVERY_MS = 60_000

/** What is done about a holder, each once: stop it, end its termination wait, or say that this could be done. */
type Act = 'stop' | 'end-wait' | 'offer'

/** Resolves when the holder is over; throws when it must not be waited for, or when time is up. */
export const makeWay = async (
  holder: Deployment,
  service: WayService,
  options: WayOptions
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

/** A holder that was installing when it was met may only wait later on; then its wait can be ended. */
const actFor = (
  holder: Deployment,
  targets: Target[],
  { policy, endTerminationWait }: WayOptions
): Act | undefined => {
  if (!trafficHasMoved(holder, targets)) return policy === 'supersede' ? 'stop' : undefined
  return endTerminationWait || policy === 'supersede' ? 'end-wait' : 'offer'
}

const heldBy = (holder: Deployment): UserError =>
  new UserError(
    `${holder.application}/${holder.group} is held by ${holder.id} (${holder.status}, started by ${holder.creator}: ${holder.description || 'no description'}).`,
    'Run again when it is over, or set `on-conflict` to `wait` or `supersede`.'
  )

const targetsOf = async (id: string, service: WayService): Promise<Target[]> => {
  const ids = await service.targetIds(id)
  return ids.length === 0 ? [] : service.targets(id, ids)
}

const endTerminationWait = async (
  holder: Deployment,
  service: WayService,
  options: WayOptions
): Promise<void> => {
  options.tell(
    `Ending the termination wait of ${holder.id}: its old fleet is terminated now, so traffic can no longer go back to it within seconds.`
  )
  await orRefused(() => service.endWait(holder.id, 'TERMINATION_WAIT'), holder, options)
}

const supersede = async (holder: Deployment, service: WayService, options: WayOptions): Promise<void> => {
  options.tell(`Stopping ${holder.id}, as \`on-conflict: supersede\` says.`)
  await orRefused(() => service.stop(holder.id, false), holder, options)
}

/** A refusal by state is no error: the holder is past the point, or over, and is waited for. */
const orRefused = async (
  call: () => Promise<unknown>,
  holder: Deployment,
  { tell }: WayOptions
): Promise<void> => {
  try {
    await call()
  } catch (error) {
    const { name } = factsOf(error)
    if (isDenied(error) || !/^(Deployment|Invalid|Unsupported)/.test(name)) throw error
    tell(`The service refused it: ${wordsOf(error)}. Waiting for the end of ${holder.id} instead.`)
  }
}

const offer = (_: Deployment, __: WayService, { tell }: WayOptions): Promise<void> => {
  tell(
    'It only waits for the end of its old fleet. `end-termination-wait: true` would end that wait at once, and with it the way back within seconds.'
  )
  return Promise.resolve()
}

const ACTS = { stop: supersede, 'end-wait': endTerminationWait, offer } as const

const untilOver = async (
  holder: Deployment,
  service: WayService,
  options: WayOptions & { actOnce(latest: Deployment, targets: Target[]): Promise<void> }
): Promise<void> => {
  const { clock, signal, deadline, pollMs } = options
  let toldAt = clock.now()
  for (;;) {
    const latest = await service.deployment(holder.id)
    if (isOver(latest.status)) {
      options.tell(`${latest.id} is over: ${latest.status}.`)
      return
    }
    if (clock.now() >= deadline) throw outOfTime(latest)
    if (clock.now() - toldAt >= HOLDER_TOLD_EVERY_MS) {
      const targets = await targetsOf(holder.id, service)
      options.tellHolder(latest, targets)
      toldAt = clock.now()
      await options.actOnce(latest, targets)
    }
    await clock.sleep(Math.min(pollMs * 2, Math.max(0, deadline - clock.now())), signal)
  }
}

const outOfTime = (holder: Deployment): UserError =>
  new UserError(
    `${holder.id} (${holder.status}) still holds ${holder.application}/${holder.group}, and the time to wait is over. Nothing was deployed.`,
    'Run again later, raise `wait-for-minutes`, or set `on-conflict: supersede`.'
  )
