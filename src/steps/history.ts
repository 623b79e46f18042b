import type { CodeDeploy } from '../ports.js'
import { inTurns } from '../concurrency.js'
import type { Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { type Attempt } from '../domain/serving.js'

/** What the history needs of CodeDeploy. */
export type HistoryService = Pick<CodeDeploy, 'deploymentIds' | 'deployments' | 'targetIds' | 'targets'>

export interface HistoryOptions {
  application: string
  group: string
  limit: number
  now: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/** How far back each query reaches: the service can list a time range, but not the newest N. */
const WINDOWS_DAYS = [3, 30, 180, 1095]

/** At most this many targets are read to find a deployment's time to traffic. */
const SAMPLE = 25

/**
 * The newest deployments of a group, newest first, whoever started them. ListDeployments promises no order
 * (docs/service.md, captures 8), so growing time ranges are read completely and sorted here.
 */
export const newestDeployments = async (
  service: HistoryService,
  options: HistoryOptions
): Promise<Deployment[]> => {
  const { application, group, limit, now } = options
  let ids: string[] = []
  for (const days of WINDOWS_DAYS) {
    ids = await service.deploymentIds({ application, group, since: now - days * DAY_MS })
    if (ids.length >= limit) break
  }
  if (ids.length < limit) ids = await service.deploymentIds({ application, group })
  return (await service.deployments(ids)).sort(byAge).slice(0, limit)
}

/** Newest first. */
export const byAge = (one: Deployment, other: Deployment): number =>
  other.createdAt.getTime() - one.createdAt.getTime() || other.id.localeCompare(one.id)

/**
 * The newest deployments with their targets, which show how long the traffic took. Those in `known` were already read
 * completely; for other successes a sample is enough.
 */
export const readHistory = async (
  service: HistoryService,
  options: HistoryOptions,
  known: readonly Attempt[]
): Promise<Attempt[]> => {
  const read = new Map(known.map(({ deployment, targets }) => [deployment.id, targets]))
  return inTurns(await newestDeployments(service, options), async (deployment) => ({
    deployment,
    targets:
      read.get(deployment.id) ??
      (await targetsOf(deployment.id, service, deployment.status === 'Succeeded' ? SAMPLE : undefined))
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
