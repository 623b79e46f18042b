import { isOver, type Deployment } from '../domain/deployment.js'
import { isSettled, type EventChange, type Target } from '../domain/event.js'
import { fleet, phaseOf, trafficHasMoved, type Phase } from '../domain/phase.js'
import { changes, type Told } from '../domain/telling.js'

/** What is told while a deployment is watched; the door turns it into lines. */
export type News =
  | { kind: 'phase'; phase: Phase; deployment: Deployment; targets: Target[] }
  | { kind: 'change'; change: EventChange; deployment: Deployment }
  | { kind: 'traffic'; deployment: Deployment; targets: Target[] }

/** The two reads that watching needs, and time. */
export interface Watched {
  deployment(id: string): Promise<Deployment>
  targetIds(deploymentId: string): Promise<string[]>
  targets(deploymentId: string, ids: readonly string[]): Promise<Target[]>
}

export interface WatchOptions {
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> }
  signal: AbortSignal
  /** Epoch milliseconds after which watching ends and the deployment is left alone. */
  deadline: number
  pollMs: number
  /** Whether the end is the traffic on green, or the end of the deployment. */
  until: 'traffic' | 'complete'
  tell(news: News): void
}

/** The last look at a deployment, and why it was the last. */
export interface Observation {
  deployment: Deployment
  targets: Target[]
  end: 'over' | 'traffic' | 'deadline'
}

/** The service takes 25 ids a call; so many calls a look, and at most two more, are the budget. */
const BATCH = 25
const RELIST_EVERY = 10
const QUIET_AFTER_MS = 120_000

interface Seen {
  targets: Map<string, Target>
  readAt: Map<string, number>
  told: Told
  look: number
  overview: string
  phase?: Phase
  traffic: string
  changedAt: number
}

/**
 * Looks at the deployment first, at its targets second, and decides last: the failing event is told before the end is.
 * Success is only what the service said; a failed look is not a failed deployment (the reads repeat themselves).
 */
export const watch = async (id: string, service: Watched, options: WatchOptions): Promise<Observation> => {
  const { clock, signal, tell } = options
  const seen: Seen = {
    targets: new Map(),
    readAt: new Map(),
    told: new Map(),
    look: 0,
    overview: '',
    traffic: '',
    changedAt: clock.now()
  }
  for (;;) {
    signal.throwIfAborted()
    const deployment = await service.deployment(id)
    await lookAtTargets(deployment, service, seen)
    const targets = [...seen.targets.values()]
    tellNews(deployment, targets, seen, tell, clock.now())
    const end = endOf(deployment, targets, options)
    if (end !== undefined) return { deployment, targets, end }
    await clock.sleep(pauseMs(deployment, seen, options), signal)
    seen.look++
  }
}

const endOf = (
  deployment: Deployment,
  targets: Target[],
  { until, clock, deadline }: WatchOptions
): Observation['end'] | undefined => {
  if (isOver(deployment.status)) return 'over'
  if (until === 'traffic' && trafficHasMoved(deployment, targets)) return 'traffic'
  return clock.now() >= deadline ? 'deadline' : undefined
}

/** New ids are looked for when something hints at them; targets are read while they can still change. */
const lookAtTargets = async (deployment: Deployment, service: Watched, seen: Seen): Promise<void> => {
  const overview = JSON.stringify([deployment.status, deployment.overview ?? {}])
  const over = isOver(deployment.status)
  const listed = over || overview !== seen.overview || needsListing(seen)
  seen.overview = overview
  if (listed) noteListing(await service.targetIds(deployment.id), seen)
  const due = dueTargets(seen)
  if (due.length === 0) return
  const answers = await service.targets(deployment.id, over ? [...seen.targets.keys()] : due)
  for (const id of due) seen.readAt.set(id, seen.look)
  for (const target of answers) seen.targets.set(target.id, target)
}

/** New ids are to be read; an unfinished one that is listed no more was replaced by its Auto Scaling group. */
const noteListing = (ids: readonly string[], seen: Seen): void => {
  const listed = new Set(ids)
  for (const [id, target] of seen.targets)
    if (!listed.has(id) && !isSettled(target.status)) seen.targets.delete(id)
  for (const id of listed)
    if (!seen.targets.has(id)) seen.targets.set(id, { id, fleet: 'in-place', status: 'Pending', events: [] })
}

/** Every tenth look (an Auto Scaling group replaces instances), and while all known targets are done but more must come. */
const needsListing = (seen: Seen): boolean =>
  seen.look % RELIST_EVERY === 0 || [...seen.targets.values()].every((target) => isSettled(target.status))

/** Those that can still change, longest unread first, and no more than the larger fleet fills batches. */
const dueTargets = (seen: Seen): string[] => {
  const targets = [...seen.targets.values()]
  const fleetSize = Math.max(
    fleet(targets, 'green').length,
    fleet(targets, 'blue').length,
    fleet(targets, 'in-place').length
  )
  return targets
    .filter((target) => !isSettled(target.status) || target.events.some((event) => !isSettled(event.status)))
    .map((target) => target.id)
    .sort((one, other) => (seen.readAt.get(one) ?? -1) - (seen.readAt.get(other) ?? -1))
    .slice(0, Math.ceil(fleetSize / BATCH) * BATCH)
}

const tellNews = (
  deployment: Deployment,
  targets: Target[],
  seen: Seen,
  tell: WatchOptions['tell'],
  now: number
): void => {
  const phase = phaseOf(deployment, targets)
  const changed = changes(seen.told, targets)
  if (changed.length > 0 || phase !== seen.phase) seen.changedAt = now
  if (phase !== seen.phase) tell({ kind: 'phase', phase, deployment, targets })
  seen.phase = phase
  for (const change of changed) tell({ kind: 'change', change, deployment })
  const traffic = trafficKey(targets)
  if (traffic !== seen.traffic && traffic !== '') tell({ kind: 'traffic', deployment, targets })
  seen.traffic = traffic
}

/** Changes exactly when an instance enters or leaves service. */
const trafficKey = (targets: Target[]): string =>
  targets
    .flatMap((target) =>
      target.events
        .filter((event) => event.status === 'Succeeded' && /^(Allow|Block)Traffic$/.test(event.name))
        .map((event) => `${target.id}:${event.name}`)
    )
    .sort()
    .join()

/** About 5 s while events flow, three times that after two quiet minutes, six times in a wait where nothing can happen. */
const pauseMs = (deployment: Deployment, seen: Seen, { clock, deadline, pollMs }: WatchOptions): number => {
  const waits = seen.phase === 'termination-wait' || deployment.status === 'Ready'
  const factor = waits ? 6 : clock.now() - seen.changedAt > QUIET_AFTER_MS ? 3 : 1
  const jitter = 0.9 + Math.random() * 0.2
  return Math.max(0, Math.min(pollMs * factor * jitter, deadline - clock.now()))
}
