import { UserError } from '../errors.js'
import { isOver, type Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { actFor, ACTS, type Act, type ActingOptions, type ActingService } from './way-acts.js'

/** What making way needs of CodeDeploy. */
export interface WayService extends ActingService {
  deployment(id: string): Promise<Deployment>
  targetIds(deploymentId: string): Promise<string[]>
  targets(deploymentId: string, ids: readonly string[]): Promise<Target[]>
}

export interface WayOptions extends ActingOptions {
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> }
  signal: AbortSignal
  deadline: number
  pollMs: number
  /** Says who holds the group, since when, in which phase, and how long at most. */
  tellHolder(holder: Deployment, targets: Target[]): void
}

const HOLDER_TOLD_EVERY_MS = 60_000

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

const heldBy = (holder: Deployment): UserError =>
  new UserError(
    `${holder.application}/${holder.group} is held by ${holder.id} (${holder.status}, started by ${holder.creator}: ${holder.description || 'no description'}).`,
    'Run again when it is over, or set `on-conflict` to `wait` or `supersede`.'
  )

const targetsOf = async (id: string, service: WayService): Promise<Target[]> => {
  const ids = await service.targetIds(id)
  return ids.length === 0 ? [] : service.targets(id, ids)
}

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
