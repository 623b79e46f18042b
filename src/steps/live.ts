import type { Polling, TargetHealth } from '../ports.js'
import { inTurns } from '../concurrency.js'
import { type Deployment, isOver } from '../domain/deployment.js'
import type { DeploymentGroup } from '../domain/group.js'
import { type Live, liveByDeployments, liveByHealth } from '../domain/live.js'
import { saysTrafficStayed } from '../domain/phase.js'
import { type RevisionLocation, sameRevision } from '../domain/revision.js'
import { type Attempt, type Course, followInstances, servingInstances } from '../domain/serving.js'
import { askBalancer } from './balancer.js'
import { byAge, type HistoryService, newestFirst, take, targetsOf } from './history.js'

/** What can say which revision is live. Without permission to ask the load balancer, the deployments answer. */
export interface LiveSources {
  service: HistoryService
  health: TargetHealth
}

/** What is live, and the deployments that were read to find out, newest first, with all their targets. */
export interface LiveReading {
  live: Live
  attempts: Attempt[]
  course: Course
}

const DAY_MS = 24 * 60 * 60 * 1000

/** How far before the last success to look for a fleet that an unfinished deployment left in service. */
const UNFINISHED_DAYS = 30

/** How many deployments have their targets read at most, and how many are listed where none has ever succeeded. */
const MOST_READ = 60
const WITHOUT_SUCCESS = 50

/** How many successes to go back at most for an instance whose installation was not found yet. */
const STEPS = 6

/**
 * What visitors see, with its evidence. The load balancer knows which instances serve; the last deployment that installed on
 * an instance says which revision it runs. Without the load balancer, the traffic events of all relevant deployments say
 * which instances serve: back to a success that left nothing open, and the unfinished ones before it.
 */
export const readLive = async (group: DeploymentGroup, sources: LiveSources): Promise<LiveReading> => {
  const newest = newestFirst(sources.service, filterOf(group))
  const [balancer, recent] = await Promise.all([
    askBalancer(group, sources.health),
    sinceLastSuccess(group, newest, sources)
  ])
  const targets = targetCache(sources.service)
  const read = async (deployment: Deployment): Promise<Attempt> => ({
    deployment,
    targets: changedNothing(deployment) ? [] : await targets(deployment)
  })
  const healthy = 'healthy' in balancer ? balancer.healthy : undefined
  const start =
    healthy === undefined
      ? await withUnfinished(recent, group, { ...sources, read })
      : { listed: recent, least: 0 }
  let { listed } = start
  for (let count = nextBase(listed, start.least), step = 1; ; step++) {
    const attempts = await inTurns(listed.slice(0, count), read)
    const course = followInstances([...attempts].reverse())
    if (step < STEPS && count < MOST_READ && !isSettled(healthy, attempts, course)) {
      if (count >= listed.length) listed = await furtherBack(listed, newest)
      if (count < listed.length) {
        count = nextBase(listed, count)
        continue
      }
    }
    const live =
      'healthy' in balancer
        ? liveByHealth(balancer.healthy, course.end)
        : liveByDeployments(course.end, balancer.note)
    const isFirst = group.lastAttempted === undefined && listed.length === 0
    const neverDeployed = isFirst && live.kind === 'unknown' && (await take(newest, 1)).length === 0
    return { live: neverDeployed ? { ...live, neverDeployed } : live, attempts, course }
  }
}

type Place = Pick<DeploymentGroup, 'application' | 'name'>
const filterOf = ({ application, name }: Place) => ({ application, group: name })

/** The last success and everything after it, which is enough in nearly all cases. */
const sinceLastSuccess = async (
  group: DeploymentGroup,
  newest: AsyncIterator<Deployment>,
  { service }: LiveSources
): Promise<Deployment[]> => {
  if (group.lastAttempted === undefined) return []
  const since = group.lastSuccessful?.createdAt?.getTime()
  if (since === undefined) return take(newest, WITHOUT_SUCCESS)
  // The service may compare whole seconds; one second more costs nothing.
  const ids = await service.deploymentIds({ ...filterOf(group), since: since - 1000 })
  return (await service.deployments(ids)).sort(byAge)
}

/** Deployments, newest first, and the minimum number of them to read. */
interface Listed {
  listed: Deployment[]
  least: number
}

/**
 * Adds everything since the oldest unfinished deployment that left new instances in service: later deployments may or may
 * not have taken them out.
 */
const withUnfinished = async (
  recent: Deployment[],
  group: DeploymentGroup,
  { service, read }: LiveSources & { read: (deployment: Deployment) => Promise<Attempt> }
): Promise<Listed> => {
  const since = group.lastSuccessful?.createdAt?.getTime()
  if (since === undefined) return { listed: recent, least: 0 }
  const known = new Set(recent.map(({ id }) => id))
  const unfinished = newestFirst(service, {
    ...filterOf(group),
    since: since - UNFINISHED_DAYS * DAY_MS,
    statuses: ['Failed', 'Stopped']
  })
  const suspects: Deployment[] = []
  for await (const deployment of unfinished) {
    if (!known.has(deployment.id) && mayServe(deployment)) suspects.push(deployment)
    if (suspects.length >= MOST_READ) break
  }
  const left = await inTurns(suspects, async (deployment) => {
    const { end } = followInstances([await read(deployment)])
    return servingInstances(end).some(({ fleet }) => fleet === deployment.id)
  })
  const oldest = suspects.filter((_, at) => left[at]).at(-1)
  if (oldest === undefined) return { listed: recent, least: 0 }
  const all = await service.deploymentIds({ ...filterOf(group), since: oldest.createdAt.getTime() - 1000 })
  const listed = (await service.deployments(all)).sort(byAge)
  return { listed, least: listed.findIndex(({ id }) => id === oldest.id) }
}

/**
 * Whether an unfinished deployment may have left new instances in service. The service rules it out for most
 * (docs/service.md, captures 2).
 */
export const mayServe = (deployment: Deployment): boolean =>
  deployment.style === 'BLUE_GREEN' &&
  /^(Failed|Stopped)$/.test(deployment.status) &&
  !movedNothing(deployment)

/** Its targets never served, so they say nothing about what is live; those of a fixed fleet may serve another time. */
const changedNothing = (deployment: Deployment): boolean =>
  movedNothing(deployment) && deployment.fixedGreen === undefined

/** The traffic stayed where it was. */
const movedNothing = (deployment: Deployment): boolean =>
  deployment.style === 'BLUE_GREEN' && isOver(deployment.status) && saysTrafficStayed(deployment)

/** Each deployment's targets, read once. */
const targetCache = (
  service: HistoryService
): ((deployment: Deployment) => ReturnType<HistoryService['targets']>) => {
  const read = new Map<string, ReturnType<HistoryService['targets']>>()
  return (deployment) => {
    const reading = read.get(deployment.id) ?? targetsOf(deployment.id, service)
    read.set(deployment.id, reading)
    return reading
  }
}

/** How many of the newest to read next: up to the next success of a person or a run, which usually settles everything. */
const nextBase = (listed: readonly Deployment[], from: number): number => {
  const at = listed.findIndex((deployment, index) => index >= from && isBase(deployment))
  return at < 0 ? listed.length : at + 1
}

const isBase = ({ status, creator }: Deployment): boolean => status === 'Succeeded' && creator === 'user'

/** Whether older deployments can add nothing: for every instance that serves, or may serve again, its installation is known. */
const isSettled = (
  healthy: readonly string[] | undefined,
  attempts: readonly Attempt[],
  { end }: Course
): boolean => {
  const serving = healthy ?? servingInstances(end).map(({ id }) => id)
  if (serving.length === 0) return healthy !== undefined
  const running = attempts.find(({ deployment }) => !isOver(deployment.status))
  const blue = running?.targets.filter((target) => target.fleet === 'blue') ?? []
  return [...serving, ...blue.map(({ id }) => id)].every(
    (id) => end.instances.get(id)?.installedBy !== undefined
  )
}

/** The list, longer by the next older success of a person or a run and what came after it, if there is any. */
const furtherBack = async (
  listed: readonly Deployment[],
  newest: AsyncIterator<Deployment>
): Promise<Deployment[]> => {
  const longer = new Map(listed.map((deployment) => [deployment.id, deployment]))
  while (longer.size < Math.max(MOST_READ, listed.length + 1)) {
    const [next] = await take(newest, 1)
    if (next === undefined) break
    if (longer.has(next.id)) continue
    longer.set(next.id, next)
    if (isBase(next)) break
  }
  return [...longer.values()].sort(byAge)
}

/** A load balancer needs a few health checks to notice that an instance came or went. */
const CONFIRMED_WITHIN_MS = 30_000
const CONFIRM_EVERY_MS = 3_000

/** What is live when this revision should be; the load balancer gets some time to notice. */
export const confirmLive = async (
  wanted: RevisionLocation,
  { group, sources }: { group: DeploymentGroup; sources: LiveSources },
  { clock, signal, deadline }: Omit<Polling, 'pollMs'>
): Promise<Live> => {
  const end = Math.min(deadline, clock.now() + CONFIRMED_WITHIN_MS)
  for (;;) {
    const { live } = await readLive(group, sources)
    const isDone = live.kind === 'commit' && sameRevision(live.deployment.revision, wanted)
    if (isDone || live.evidence.from === 'deployments' || clock.now() >= end) return live
    await clock.sleep(CONFIRM_EVERY_MS, signal)
  }
}
