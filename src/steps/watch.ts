import type { Polling } from '../ports.js'
import { type Deployment, isOver } from '../domain/deployment.js'
import { changes, type News } from '../domain/event-changes.js'
import type { EventChange, Target } from '../domain/event.js'
import { nextHeartbeat } from '../domain/heartbeat.js'
import { type Phase, phaseOf, phaseOfEvent, PHASES, trafficHasMoved } from '../domain/phase.js'
import type { Hopeless, Reason, WaitFacts } from '../domain/reason.js'
import { dueTargets, lookAtTargets, type Watched, type WatchState } from './look.js'
import type { Reasons } from './reasons.js'

export interface WatchOptions extends Polling {
  /** Whether to watch until traffic is on green, or until the deployment is over. */
  until: 'traffic' | 'complete'
  tell: (news: News) => void
  /** Why a deployment waits, asked at each look; undefined where nobody can be asked. */
  reasons?: Reasons | undefined
  /** Called once, when the deployment has become hopeless. Watching goes on until it is over. */
  giveUp?: ((why: Hopeless) => Promise<void>) | undefined
  /** A deployment's state before watching began, which readers already know: it is not reported again. */
  known?: { deployment: Deployment; targets: readonly Target[] }
}

/** The last look at a deployment, and why watching ended. */
export interface Observation {
  deployment: Deployment
  targets: Target[]
  end: 'over' | 'traffic' | 'deadline'
  /** Why it waited, as far as that was known last. */
  reasons: readonly Reason[]
  /** Why this run gave it up, if it did. */
  hopeless?: Hopeless | undefined
}

const QUIET_AFTER_MS = 120_000

/**
 * Reads the deployment first, its targets second, and decides last, so that the failed event is reported before the end.
 * Only the service decides on success. A failed read is not a failed deployment (reads are retried).
 */
export const watch = async (id: string, service: Watched, options: WatchOptions): Promise<Observation> => {
  const { clock, signal, tell } = options
  const seen: WatchState = {
    targets: new Map(),
    readAt: new Map(),
    told: new Map(),
    look: 0,
    overAt: undefined,
    vanished: false,
    overview: '',
    traffic: '',
    reasons: [],
    changedAt: clock.now(),
    saidAt: clock.now()
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
    if (end !== undefined && !unread)
      return { deployment, targets, end, reasons: seen.reasons, hopeless: seen.hopeless }
    if (end === undefined) await lookAtReasons(deployment, targets, seen, options)
    await clock.sleep(unread ? 0 : pauseMs(deployment, seen, options), signal)
    seen.look++
  }
}

const lookAtReasons = async (
  deployment: Deployment,
  targets: Target[],
  seen: WatchState,
  options: WatchOptions
): Promise<void> => {
  const { reasons = [], news = [], facts = {}, hopeless } = options.reasons?.({ deployment, targets }) ?? {}
  for (const reason of news) options.tell({ kind: 'reason', reason })
  // What one source says no longer replaces what it said last: a cause outlives the wait that it has ended.
  const kept = seen.reasons.filter((old) => !reasons.some(({ kind }) => kind === old.kind))
  seen.reasons = [...reasons, ...kept]
  const isTold = tellSilence({ deployment, targets, facts }, seen, options) || news.length > 0
  // On a fleet that is fine, nobody needs to know.
  if (isTold && facts.note !== undefined) options.tell({ kind: 'note', note: facts.note })
  if (hopeless === undefined || seen.hopeless !== undefined) return
  seen.hopeless = hopeless
  await options.giveUp?.(hopeless)
}

const noteKnown = ({ deployment, targets }: NonNullable<WatchOptions['known']>, seen: WatchState): void => {
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
 * One look may bring the end of one phase and all of the next, so each change opens its phase before it is reported, in the
 * order of the service's timestamps.
 */
const tellNews = (
  deployment: Deployment,
  targets: Target[],
  { seen, tell, now }: { seen: WatchState; tell: WatchOptions['tell']; now: number }
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

/** So that a log without news shows that the run is alive, and what it waits for. */
const tellSilence = (
  look: { deployment: Deployment; targets: Target[]; facts: WaitFacts },
  seen: WatchState,
  { clock, deadline, tell }: WatchOptions
): boolean => {
  const since = seen.changedAt
  if (clock.now() < nextHeartbeat(since, Math.max(since, seen.saidAt))) return false
  seen.saidAt = clock.now()
  tell({ kind: 'waiting', waiting: { ...look, since, until: deadline } })
  return true
}

/** By the service's clock; changes with the same timestamp come in the order of the phases. */
const byMoment = (one: EventChange, other: EventChange): number =>
  momentOf(one) - momentOf(other) || PHASES.indexOf(phaseOfEvent(one)) - PHASES.indexOf(phaseOfEvent(other))

/** An event without times (a skipped one) comes after those that happened. */
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
 * `known` deployment was just asked to stop, so something may happen at any moment.
 */
const pauseMs = (deployment: Deployment, seen: WatchState, options: WatchOptions): number => {
  const { clock, deadline, pollMs, known } = options
  const waits = (seen.phase === 'termination-wait' || deployment.status === 'Ready') && known === undefined
  const factor = waits ? 6 : clock.now() - seen.changedAt > QUIET_AFTER_MS ? 3 : 1
  const jitter = 0.9 + Math.random() * 0.2
  return Math.max(0, Math.min(pollMs * factor * jitter, deadline - clock.now()))
}
