import { type Deployment, isOver } from '../domain/deployment.js'
import { FLEETS, isSettled, type Target } from '../domain/event.js'
import { fleet } from '../domain/phase.js'
import type { Hopeless, Reason } from '../domain/reason.js'
import type { CodeDeploy } from '../ports.js'
import type { Reported } from './news.js'

/** The reads that watching needs. */
export type Watched = Pick<CodeDeploy, 'deployment' | 'targetIds' | 'targets'>

/** Ids per BatchGetDeploymentTargets (docs/service.md, reference 5), and the assumed page size of ListDeploymentTargets. */
const BATCH = 25
const PAGE = 100
const RELIST_EVERY = 10

/** What is known about a deployment from one look to the next. */
export interface WatchState extends Reported {
  targets: Map<string, Target>
  readAt: Map<string, number>
  look: number
  /** The first look that showed the deployment as over; after it, every target is read once more. */
  overAt: number | undefined
  /** A requested target was missing from the answer. */
  vanished: boolean
  overview: string
  reasons: readonly Reason[]
  hopeless?: Hopeless
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
  const sizes = FLEETS.map((side) => fleet(read, side).length)
  return Math.max(1, Math.ceil(Math.max(unread / 2, ...sizes) / BATCH) + 2 - pages) * BATCH
}
