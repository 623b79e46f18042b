import type { Clock } from '../ports.js'
import type { Deployment } from '../domain/deployment.js'
import { changes, type News, type ToldEvents, type Waiting } from '../domain/event-changes.js'
import type { EventChange, Target } from '../domain/event.js'
import { nextHeartbeat } from '../domain/heartbeat.js'
import { type Phase, phaseOf, phaseOfEvent, PHASES } from '../domain/phase.js'
import {
  isLargeFleet,
  noteTallies,
  nothingTold,
  partOf,
  tallies,
  type Tally,
  type ToldTallies
} from '../domain/tally.js'

/** What was reported of a deployment, from one look to the next. Times are epoch milliseconds. */
export interface Reported {
  told: ToldEvents
  tallies: ToldTallies
  /** Once one of its fleets is large, a deployment is reported as such. */
  isLarge: boolean
  /** Whether all targets had been read at the last look. */
  isWhole: boolean
  phase?: Phase | undefined
  /** Who had entered or left service when it was reported last, and how far that was in eighths of both fleets. */
  traffic: string
  trafficPart: number
  /** When anything changed last. */
  changedAt: number
  /** When a change was reported last; of a large fleet, not each is. */
  newsAt: number
  /** When a heartbeat was reported last. */
  saidAt: number
}

/** One look at a deployment. */
export interface Look {
  deployment: Deployment
  targets: Target[]
  /** Those of the targets that have been read; of the others, only the ID is known. */
  read: Target[]
  /** Watching ends with this look. */
  isLast: boolean
}

interface Telling {
  clock: Clock
  tell: (news: News) => void
}

export const nothingReported = (now: number): Reported => ({
  told: new Map(),
  tallies: nothingTold(),
  isLarge: false,
  isWhole: false,
  traffic: '',
  trafficPart: 0,
  changedAt: now,
  newsAt: now,
  saidAt: now
})

/** Records what readers know already. */
export const noteKnown = (deployment: Deployment, targets: readonly Target[], seen: Reported): void => {
  changes(seen.told, targets)
  noteTallies(seen.tallies, targets)
  seen.traffic = trafficKey(targets)
  seen.phase = phaseOf(deployment, targets)
}

/**
 * One look may bring the end of one phase and all of the next, so each change opens its phase before it is reported, in the
 * order of the service's timestamps. Of a large fleet, each change is a detail, and tallies are reported after them.
 */
export const tellNews = (look: Look, seen: Reported, options: Telling): void => {
  const { deployment, targets } = look
  const enter = (phase: Phase): void => {
    if (seen.phase !== undefined && PHASES.indexOf(phase) <= PHASES.indexOf(seen.phase)) return
    seen.phase = phase
    noteNews(seen, options)
    options.tell({ kind: 'phase', phase, deployment, targets })
  }
  const found = changes(seen.told, targets).sort(byMoment)
  if (found.length > 0) seen.changedAt = options.clock.now()
  seen.isLarge ||= isLargeFleet(look.read)
  if (seen.isLarge) tellTallies(found, look, seen, { ...options, enter })
  else
    for (const change of found) {
      if (change.event.status !== 'Skipped') enter(phaseOfEvent(change))
      noteNews(seen, options)
      options.tell({ kind: 'change', change, deployment })
    }
  tellTraffic(look, seen, options)
  enter(phaseOf(deployment, targets))
}

const noteNews = (seen: Reported, { clock }: Telling): void => {
  seen.changedAt = clock.now()
  seen.newsAt = seen.changedAt
}

/** The phases that have events, each with its details first. */
const tellTallies = (
  found: readonly EventChange[],
  { deployment, targets, read, isLast }: Look,
  seen: Reported,
  { enter, ...options }: Telling & { enter: (phase: Phase) => void }
): void => {
  const isWhole = read.length === targets.length
  // Most looks bring nothing; then nothing is counted either.
  const isQuiet = found.length === 0 && isWhole === seen.isWhole && !isLast
  seen.isWhole = isWhole
  if (isQuiet) return
  const rows = tallies(seen.tallies, { targets: read, isWhole, isLast })
  for (const phase of ['install', 'traffic'] as const) {
    const its = found.filter((change) => phaseOfEvent(change) === phase)
    if (its.some(({ event }) => event.status !== 'Skipped')) enter(phase)
    for (const change of its) options.tell({ kind: 'change', change, deployment, isDetail: true })
    const told = rows.filter((row) => phaseOfTally(row) === phase)
    if (told.length === 0) continue
    noteNews(seen, options)
    options.tell({ kind: 'tallies', tallies: told, deployment })
  }
}

const phaseOfTally = ({ changes: [first] }: Tally): Phase =>
  first === undefined ? 'install' : phaseOfEvent(first)

/** Each instance that enters or leaves service is news; of a large fleet, each eighth of both fleets, and where it ends. */
const tellTraffic = (look: Look, seen: Reported, { tell }: Telling): void => {
  const { deployment, targets, read, isLast } = look
  const traffic = trafficKey(targets)
  if (traffic === seen.traffic) return
  const part = trafficPart(read)
  const isEnd = isLast || PHASES.indexOf(phaseOf(deployment, targets)) > PHASES.indexOf('traffic')
  if (seen.isLarge && !isEnd && (read.length < targets.length || part === seen.trafficPart)) return
  if (traffic !== '') tell({ kind: 'traffic', deployment, targets })
  seen.traffic = traffic
  seen.trafficPart = part
}

/** After so long without any change, even one that is not reported, a fleet is stuck rather than slow. */
const LONG_MS = 10 * 60_000

/**
 * So that a log without news shows that the run is alive, and what it waits for; returns whether it said so. A large fleet may
 * change at each look for hours without one change that is reported.
 */
export const tellSilence = (
  look: Omit<Waiting, 'since' | 'changedAt' | 'until'>,
  seen: Reported,
  { clock, deadline, tell }: Telling & { deadline: number }
): boolean => {
  const { newsAt, changedAt } = seen
  const now = clock.now()
  const isDue = (since: number): boolean => now >= nextHeartbeat(since, Math.max(since, seen.saidAt))
  if (!isDue(newsAt) && !(now - changedAt >= LONG_MS && isDue(changedAt))) return false
  seen.saidAt = now
  tell({ kind: 'waiting', waiting: { ...look, since: newsAt, changedAt, until: deadline } })
  return true
}

/** By the service's clock; changes with the same timestamp come in the order of the phases. */
const byMoment = (one: EventChange, other: EventChange): number =>
  momentOf(one) - momentOf(other) || PHASES.indexOf(phaseOfEvent(one)) - PHASES.indexOf(phaseOfEvent(other))

/** An event without times (a skipped one) comes after those that happened. */
const momentOf = ({ event }: EventChange): number =>
  (event.endTime ?? event.startTime)?.getTime() ?? Number.MAX_SAFE_INTEGER

const TRAFFIC = /^(Allow|Block)Traffic$/

/** Changes exactly when an instance enters or leaves service. */
const trafficKey = (targets: readonly Target[]): string =>
  targets
    .flatMap((target) =>
      target.events
        .filter((event) => event.status === 'Succeeded' && TRAFFIC.test(event.name))
        .map((event) => `${target.id}:${event.name}`)
    )
    .sort()
    .join()

/** How far the traffic is on its way, in eighths of both fleets. */
const trafficPart = (targets: readonly Target[]): number => {
  const events = targets.flatMap((target) => target.events.filter(({ name }) => TRAFFIC.test(name)))
  return partOf(events.filter(({ status }) => status === 'Succeeded').length, events.length, 8)
}
