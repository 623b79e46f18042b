import { isOver, type Deployment } from '../domain/deployment.js'
import type { EventChange, Target } from '../domain/event.js'
import { phaseOf, trafficHasMoved, type Phase } from '../domain/phase.js'
import { changes } from '../domain/telling.js'
import { dueTargets, lookAtTargets, type Seen, type Watched } from './look.js'

export type { Watched } from './look.js'

/** What is told while a deployment is watched; the door turns it into lines. */
export type News =
  | { kind: 'phase'; phase: Phase; deployment: Deployment; targets: Target[] }
  | { kind: 'change'; change: EventChange; deployment: Deployment }
  | { kind: 'traffic'; deployment: Deployment; targets: Target[] }

export interface WatchOptions {
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> }
  signal: AbortSignal
  /** Epoch milliseconds after which watching ends and the deployment is left alone. */
  deadline: number
  pollMs: number
  /** Whether the end is the traffic on green, or the end of the deployment. */
  until: 'traffic' | 'complete'
  tell: (news: News) => void
}

/** The last look at a deployment, and why it was the last. */
export interface Observation {
  deployment: Deployment
  targets: Target[]
  end: 'over' | 'traffic' | 'deadline'
}

const QUIET_AFTER_MS = 120_000

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
    overAt: undefined,
    vanished: false,
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
    const unread = end === 'over' && dueTargets(seen).length > 0
    if (end !== undefined && !unread) return { deployment, targets, end }
    await clock.sleep(unread ? 0 : pauseMs(deployment, seen, options), signal)
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
