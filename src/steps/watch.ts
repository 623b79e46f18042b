import type { Polling } from '../ports.js'
import { type Deployment, isOver } from '../domain/deployment.js'
import type { News } from '../domain/event-changes.js'
import type { Target } from '../domain/event.js'
import { trafficHasMoved } from '../domain/phase.js'
import type { Hopeless, Reason } from '../domain/reason.js'
import { dueTargets, lookAtTargets, type Watched, type WatchState } from './look.js'
import { noteKnown, nothingReported, tellNews, tellSilence } from './news.js'
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
  const { clock, signal } = options
  const seen: WatchState = {
    targets: new Map(),
    readAt: new Map(),
    look: 0,
    overAt: undefined,
    vanished: false,
    overview: '',
    reasons: [],
    ...nothingReported(clock.now())
  }
  if (options.known?.deployment.id === id) noteKnown(options.known.deployment, options.known.targets, seen)
  for (;;) {
    signal.throwIfAborted()
    const deployment = await service.deployment(id)
    await lookAtTargets(deployment, service, seen)
    const targets = [...seen.targets.values()]
    const end = endOf(deployment, targets, options)
    const unread = end === 'over' && dueTargets(seen).length > 0
    const read = targets.filter((target) => seen.readAt.has(target.id))
    tellNews({ deployment, targets, read, isLast: end !== undefined && !unread }, seen, options)
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
