import type { CodeDeploy } from '../ports.js'
import { inTurns } from '../concurrency.js'
import type { Deployment, DeploymentFilter } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { saysTrafficStayed } from '../domain/phase.js'
import { type Attempt } from '../domain/serving.js'

/** What the history needs of CodeDeploy. */
export type HistoryService = Pick<CodeDeploy, 'deploymentIds' | 'deployments' | 'targetIds' | 'targets'>

type ListService = Pick<HistoryService, 'deploymentIds' | 'deployments'>

export interface HistoryOptions {
  application: string
  group: string
  limit: number
}

/** The newest deployments of a group, newest first, whoever started them. */
export const newestDeployments = async (
  service: ListService,
  { application, group, limit }: HistoryOptions
): Promise<Deployment[]> => take(newestFirst(service, { application, group }), limit)

/** The next items of a list that is read only as far as needed; the rest can still be taken later. */
export const take = async <T>(list: AsyncIterator<T>, most: number): Promise<T[]> => {
  const taken: T[] = []
  while (taken.length < most) {
    const next = await list.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

/** Deployments whose times show where to cut a span that is too long to be read in full: as many as one call reads. */
const SAMPLE = 25

/** Whoever wants more than this wants nearly all: then reading page after page is faster than cutting. */
const PLENTY = 500

/** What is known of a group's past so far. */
interface Past {
  service: ListService
  read: Map<string, Deployment>
  yielded: Set<string>
}

/**
 * The deployments of a group, newest first, read only as far back as they are taken. ListDeployments promises no order and
 * no page size (docs/service.md, captures 8), but lists a span of time. So a span with more than a page is cut at a time that a
 * sample of it suggests, its newer part first, until a part is listed in full. However the deployments are spread in time,
 * each cut leaves about a tenth.
 */
export const newestFirst = (service: ListService, filter: DeploymentFilter): AsyncGenerator<Deployment> =>
  within(filter, { service, read: new Map(), yielded: new Set() })

async function* within(span: DeploymentFilter, past: Past): AsyncGenerator<Deployment> {
  const { service, yielded } = past
  const isNew = (id: string): boolean => !yielded.has(id)
  const { ids, isWhole } = await someOf(span, past)
  const cut = isWhole ? undefined : await cutOf(ids.filter(isNew), span, past)
  if (cut !== undefined) {
    yield* within({ ...span, since: cut }, past)
    // One second of both: how the service treats a deployment on the very edge is not documented.
    yield* within({ ...span, until: cut + SECOND_MS }, past)
    return
  }
  const all = isWhole ? ids : await service.deploymentIds(span)
  for (const deployment of (await details(all.filter(isNew), past)).sort(byAge)) {
    yielded.add(deployment.id)
    yield deployment
  }
}

const SECOND_MS = 1000

/** The ids of a span, or enough of them for a sample. */
const someOf = async (
  span: DeploymentFilter,
  { service, yielded }: Past
): Promise<{ ids: string[]; isWhole: boolean }> => {
  let isWhole = true
  const ids = await service.deploymentIds(span, (found) => {
    isWhole = yielded.size >= PLENTY || found.filter((id) => !yielded.has(id)).length < SAMPLE
    return !isWhole
  })
  return { ids, isWhole }
}

/**
 * Where to cut a span, in whole seconds, since the service may compare no finer; undefined when it is a second or so long. If
 * the page is in order after all, its last deployment is the cut, so that everything read counts.
 */
const cutOf = async (
  page: readonly string[],
  { since = -Infinity, until = Infinity }: DeploymentFilter,
  past: Past
): Promise<number | undefined> => {
  const step = (page.length - 1) / (SAMPLE - 1)
  const sample = Array.from({ length: SAMPLE }, (_, at) => page[Math.round(at * step)] ?? '')
  const known = new Map((await details(sample, past)).map((one) => [one.id, one.createdAt.getTime()]))
  const times = sample.flatMap((id) => known.get(id) ?? [])
  const isInOrder = times.every((time, at) => at === 0 || time <= (times[at - 1] ?? 0))
  const seconds = times
    .map((time) => Math.floor(time / SECOND_MS) * SECOND_MS)
    .filter((second) => second > since && second + SECOND_MS < until)
    .sort((one, other) => other - one)
  const rank = past.yielded.size === 0 ? Math.floor(SAMPLE / 10) : Math.floor(SAMPLE / 2)
  return seconds.at(isInOrder ? -1 : Math.min(rank, seconds.length - 1))
}

/** Each deployment is read once; one that the service no longer knows is left out. */
const details = async (ids: readonly string[], { service, read }: Past): Promise<Deployment[]> => {
  const unknown = [...new Set(ids)].filter((id) => !read.has(id))
  const found = unknown.length === 0 ? [] : await service.deployments(unknown)
  for (const deployment of found) read.set(deployment.id, deployment)
  return ids.flatMap((id) => read.get(id) ?? [])
}

/** Newest first. */
export const byAge = (one: Deployment, other: Deployment): number =>
  other.createdAt.getTime() - one.createdAt.getTime() || other.id.localeCompare(one.id)

/**
 * The newest deployments with their targets, which show how long the traffic took. Those in `known` were already read
 * completely; for other successes a sample is enough. Where no traffic moved, there is nothing to read.
 */
export const readHistory = async (
  service: HistoryService,
  options: HistoryOptions,
  known: readonly Attempt[] | Promise<readonly Attempt[]>
): Promise<Attempt[]> => {
  const [newest, attempts] = await Promise.all([newestDeployments(service, options), known])
  const read = new Map(attempts.map(({ deployment, targets }) => [deployment.id, targets]))
  return inTurns(newest, async (deployment) => ({
    deployment,
    targets:
      read.get(deployment.id) ??
      (saysTrafficStayed(deployment)
        ? []
        : await targetsOf(deployment.id, service, deployment.status === 'Succeeded' ? SAMPLE : undefined))
  }))
}

/** The targets of a deployment, at most `limit` of them. */
export const targetsOf = async (
  id: string,
  service: Pick<HistoryService, 'targetIds' | 'targets'>,
  limit?: number
): Promise<Target[]> => {
  const ids = await service.targetIds(id)
  return ids.length === 0 ? [] : service.targets(id, ids.slice(0, limit))
}
