import { isOver, type Deployment } from '../domain/deployment.js'
import { isSettled, type Target } from '../domain/event.js'
import { fleet, type Phase } from '../domain/phase.js'
import type { Told } from '../domain/telling.js'

/** The reads that watching needs. */
export interface Watched {
  deployment(id: string): Promise<Deployment>
  targetIds(deploymentId: string): Promise<string[]>
  targets(deploymentId: string, ids: readonly string[]): Promise<Target[]>
}

/** Ids that BatchGetDeploymentTargets takes (reference §5), and that a page of ListDeploymentTargets is taken to hold. */
const BATCH = 25
const PAGE = 100
const RELIST_EVERY = 10

/** What is known of a deployment from one look to the next. */
export interface Seen {
  targets: Map<string, Target>
  readAt: Map<string, number>
  told: Told
  look: number
  /** The first look that showed the deployment over; every target is read once more from then on. */
  overAt: number | undefined
  /** A target was asked for and not answered. */
  vanished: boolean
  overview: string
  phase?: Phase
  traffic: string
  changedAt: number
}

/** New ids are looked for when something hints at them; targets are read while they can still change. */
export const lookAtTargets = async (deployment: Deployment, service: Watched, seen: Seen): Promise<void> => {
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
  seen.look % RELIST_EVERY === 0 ||
  (seen.overAt === undefined &&
    (seen.vanished ||
      (seen.phase !== 'termination-wait' &&
        [...seen.targets.values()].every((target) => isSettled(target.status)))))

/** Those that can still change, longest unread first; after the end, those that were not read since. */
export const dueTargets = (seen: Seen): string[] => {
  const readAt = (id: string): number => seen.readAt.get(id) ?? -1
  return [...seen.targets.values()]
    .filter((target) => !isSettled(target.status) || target.events.some((event) => !isSettled(event.status)))
    .map((target) => target.id)
    .filter((id) => seen.overAt === undefined || readAt(id) < seen.overAt)
    .sort((one, other) => readAt(one) - readAt(other))
}

/**
 * How many targets one look may read: with the pages of its listing, it makes no more calls than the larger fleet fills batches, and
 * three. Both fleets together fill more; then the looks take turns.
 */
const room = (seen: Seen, pages: number): number => {
  const read = [...seen.targets.values()].filter((target) => seen.readAt.has(target.id))
  const unread = seen.targets.size - read.length
  const sizes = (['green', 'blue', 'in-place'] as const).map((side) => fleet(read, side).length)
  return Math.max(1, Math.ceil(Math.max(unread / 2, ...sizes) / BATCH) + 2 - pages) * BATCH
}
