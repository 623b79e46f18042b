import { isOver, type Deployment } from '../domain/deployment.js'
import type { EventChange, Target } from '../domain/event.js'
import { PHASES, phaseOf, phaseOfEvent, trafficHasMoved, type Phase } from '../domain/phase.js'
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
  /** What a reader knows already of one deployment, from a look before this watching began: it is not told again. */
  known?: { deployment: Deployment; targets: readonly Target[] }
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
  if (options.known?.deployment.id === id) noteKnown(options.known, seen)
  for (;;) {
    signal.throwIfAborted()
    const deployment = await service.deployment(id)
    await lookAtTargets(deployment, service, seen)
    const targets = [...seen.targets.values()]
    tellNews(deployment, targets, { seen, tell, now: clock.now() })
    const end = endOf(deployment, targets, options)
    const unread = end === 'over' && dueTargets(seen).length > 0
    if (end !== undefined && !unread) return { deployment, targets, end }
    await clock.sleep(unread ? 0 : pauseMs(deployment, seen, options), signal)
    seen.look++
  }
}

const noteKnown = ({ deployment, targets }: NonNullable<WatchOptions['known']>, seen: Seen): void => {
  changes(seen.told, targets)
  seen.traffic = trafficKey(targets)
  seen.phase = phaseOf(deployment, targets)
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

/**
 * One look may bring the end of one phase and the whole of the next, so each change opens the phase that it belongs to
 * before it is told, in the order in which the service says that things happened.
 */
const tellNews = (
  deployment: Deployment,
  targets: Target[],
  { seen, tell, now }: { seen: Seen; tell: WatchOptions['tell']; now: number }
): void => {
  const enter = (phase: Phase): void => {
    if (seen.phase !== undefined && PHASES.indexOf(phase) <= PHASES.indexOf(seen.phase)) return
    seen.phase = phase
    seen.changedAt = now
    tell({ kind: 'phase', phase, deployment, targets })
  }
  for (const change of changes(seen.told, targets).sort(byMoment)) {
    if (change.event.status !== 'Skipped') enter(phaseOfEvent(change))
    seen.changedAt = now
    tell({ kind: 'change', change, deployment })
  }
  const traffic = trafficKey(targets)
  if (traffic !== seen.traffic && traffic !== '') tell({ kind: 'traffic', deployment, targets })
  seen.traffic = traffic
  enter(phaseOf(deployment, targets))
}

/** By the service's clock; what it puts at the same moment comes in the order of the phases. */
const byMoment = (one: EventChange, other: EventChange): number =>
  momentOf(one) - momentOf(other) || PHASES.indexOf(phaseOfEvent(one)) - PHASES.indexOf(phaseOfEvent(other))

/** An event without times (Skipped has none) is told after those that happened. */
const momentOf = ({ event }: EventChange): number =>
  (event.endTime ?? event.startTime)?.getTime() ?? Number.MAX_SAFE_INTEGER

/** Changes exactly when an instance enters or leaves service. */
const trafficKey = (targets: readonly Target[]): string =>
  targets
    .flatMap((target) =>
      target.events
        .filter((event) => event.status === 'Succeeded' && /^(Allow|Block)Traffic$/.test(event.name))
        .map((event) => `${target.id}:${event.name}`)
    )
    .sort()
    .join()

/**
 * About 5 s while events flow, three times that after two quiet minutes, six times in a wait where nothing can happen. A
 * deployment that is known from before was just told to stop: there something happens at any moment.
 */
const pauseMs = (deployment: Deployment, seen: Seen, options: WatchOptions): number => {
  const { clock, deadline, pollMs, known } = options
  const waits = (seen.phase === 'termination-wait' || deployment.status === 'Ready') && known === undefined
  const factor = waits ? 6 : clock.now() - seen.changedAt > QUIET_AFTER_MS ? 3 : 1
  const jitter = 0.9 + Math.random() * 0.2
  return Math.max(0, Math.min(pollMs * factor * jitter, deadline - clock.now()))
}
