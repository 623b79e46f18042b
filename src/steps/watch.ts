import type { CodeDeploy, Polling } from '../ports.js'
import { type Deployment, isOver } from '../domain/deployment.js'
import { changes, type News, type ToldEvents } from '../domain/event-changes.js'
import { type EventChange, isSettled, type Target } from '../domain/event.js'
import { nextHeartbeat } from '../domain/heartbeat.js'
import { fleet, type Phase, phaseOf, phaseOfEvent, PHASES, trafficHasMoved } from '../domain/phase.js'
import type { Reasons } from './reasons.js'

export interface WatchOptions extends Polling {
  /** Whether to watch until traffic is on green, or until the deployment is over. */
  until: 'traffic' | 'complete'
  tell: (news: News) => void
  /** Why a deployment waits, asked at each look; undefined where nobody can be asked. */
  reasons?: Reasons | undefined
  /** A deployment's state before watching began, which readers already know: it is not reported again. */
  known?: { deployment: Deployment; targets: readonly Target[] }
}

/** The last look at a deployment, and why watching ended. */
export interface Observation {
  deployment: Deployment
  targets: Target[]
  end: 'over' | 'traffic' | 'deadline'
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
    if (end !== undefined && !unread) return { deployment, targets, end }
    if (end === undefined) {
      for (const news of options.reasons?.(targets) ?? []) tell(news)
      tellSilence(deployment, targets, seen, options)
    }
    await clock.sleep(unread ? 0 : pauseMs(deployment, seen, options), signal)
    seen.look++
  }
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
  deployment: Deployment,
  targets: Target[],
  seen: WatchState,
  { clock, deadline, tell }: WatchOptions
): void => {
  const since = seen.changedAt
  if (clock.now() < nextHeartbeat(since, Math.max(since, seen.saidAt))) return
  seen.saidAt = clock.now()
  tell({ kind: 'waiting', waiting: { deployment, targets, since, until: deadline } })
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

/** The reads that watching needs. */
export type Watched = Pick<CodeDeploy, 'deployment' | 'targetIds' | 'targets'>

/** Ids per BatchGetDeploymentTargets (docs/service.md, reference 5), and the assumed page size of ListDeploymentTargets. */
const BATCH = 25
const PAGE = 100
const RELIST_EVERY = 10

/** What is known about a deployment from one look to the next. */
export interface WatchState {
  targets: Map<string, Target>
  readAt: Map<string, number>
  told: ToldEvents
  look: number
  /** The first look that showed the deployment as over; after it, every target is read once more. */
  overAt: number | undefined
  /** A requested target was missing from the answer. */
  vanished: boolean
  overview: string
  phase?: Phase
  traffic: string
  changedAt: number
  /** When a heartbeat was reported last. */
  saidAt: number
}

/** Lists ids when something hints at new ones; reads targets while they can still change. */
export const lookAtTargets = async (
  deployment: Deployment,
  service: Watched,
  seen: WatchState
): Promise<void> => {
  const overview = JSON.stringify([deployment.status, deployment.overview ?? {}])
  const justOver = isOver(deployment.status) && seen.overAt === undefined
  if (justOver) seen.overAt = seen.look
  else if (!isOver(deployment.status)) seen.overAt = undefined
  const listing = justOver || overview !== seen.overview || needsListing(seen)
  seen.overview = overview
  const listed = listing ? await service.targetIds(deployment.id) : []
  if (listing) noteListing(listed, seen)
  const due = dueTargets(seen).slice(0, room(seen, Math.ceil(listed.length / PAGE)))
  if (due.length === 0) return
  const answers = await service.targets(deployment.id, due)
  for (const id of due) seen.readAt.set(id, seen.look)
  for (const target of answers) seen.targets.set(target.id, target)
  seen.vanished = answers.length < due.length
}

/** Adds new ids; an unfinished target that is no longer listed was replaced by its Auto Scaling group. */
const noteListing = (ids: readonly string[], seen: WatchState): void => {
  const listed = new Set(ids)
  for (const [id, target] of seen.targets)
    if (!listed.has(id) && !isSettled(target.status)) seen.targets.delete(id)
  for (const id of listed)
    if (!seen.targets.has(id)) seen.targets.set(id, { id, fleet: 'in-place', status: 'Pending', events: [] })
}

/** On every tenth look (Auto Scaling replaces instances), and while all known targets are done but more must come. */
const needsListing = (seen: WatchState): boolean =>
  seen.look % RELIST_EVERY === 0 ||
  (seen.overAt === undefined &&
    (seen.vanished ||
      (seen.phase !== 'termination-wait' &&
        [...seen.targets.values()].every((target) => isSettled(target.status)))))

/** Targets that can still change, longest unread first; after the end, only those not read since. */
export const dueTargets = (seen: WatchState): string[] => {
  const readAt = (id: string): number => seen.readAt.get(id) ?? -1
  return [...seen.targets.values()]
    .filter((target) => !isSettled(target.status) || target.events.some((event) => !isSettled(event.status)))
    .map((target) => target.id)
    .filter((id) => seen.overAt === undefined || readAt(id) < seen.overAt)
    .sort((one, other) => readAt(one) - readAt(other))
}

/**
 * How many targets one look may read. With its listing pages, a look makes at most three calls more than the larger fleet
 * fills batches. Both fleets together fill more; then they take turns.
 */
const room = (seen: WatchState, pages: number): number => {
  const read = [...seen.targets.values()].filter((target) => seen.readAt.has(target.id))
  const unread = seen.targets.size - read.length
  const sizes = (['green', 'blue', 'in-place'] as const).map((side) => fleet(read, side).length)
  return Math.max(1, Math.ceil(Math.max(unread / 2, ...sizes) / BATCH) + 2 - pages) * BATCH
}
