import { isOver, type Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { allHaveMoved, trafficHasMoved } from '../domain/phase.js'
import { inTurns } from './in-turns.js'

/** What the history needs of CodeDeploy. */
export interface HistoryService {
  deploymentIds(filter: { application: string; group: string; since?: number }): Promise<string[]>
  deployments(ids: readonly string[]): Promise<Deployment[]>
  targetIds(deploymentId: string): Promise<string[]>
  targets(deploymentId: string, ids: readonly string[]): Promise<Target[]>
}

export interface HistoryOptions {
  application: string
  group: string
  limit: number
  now: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/** How far back each look reaches: the service cannot be asked for the newest ones, only for a time range. */
const WINDOWS_DAYS = [3, 30, 180, 1095]

/** A deployment of a fleet reads at most this many targets for its time to traffic. */
const SAMPLE = 25

/**
 * The newest deployments of a group, newest first, whoever started them. ListDeployments promises no order (captures §8), so
 * growing time ranges are read whole and sorted here.
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

const byAge = (one: Deployment, other: Deployment): number =>
  other.createdAt.getTime() - one.createdAt.getTime() || other.id.localeCompare(one.id)

/** A deployment with its targets read. */
export interface Seen {
  deployment: Deployment
  targets: Target[]
}

/** The newest deployments with their targets: what decides which revision is live, and says how long traffic took. */
export const readHistory = async (service: HistoryService, options: HistoryOptions): Promise<Seen[]> =>
  inTurns(await newestDeployments(service, options), async (deployment) => ({
    deployment,
    targets: await sampleTargets(deployment, service)
  }))

/** The same with only those targets that decide what is live: nobody waits for figures when the site is broken. */
export const readPresent = async (service: HistoryService, options: HistoryOptions): Promise<Seen[]> => {
  const deployments = await newestDeployments(service, options)
  const settled = deployments.findIndex(({ status }) => status === 'Succeeded')
  return inTurns(deployments, async (deployment) => {
    const decides = settled < 0 || deployments.indexOf(deployment) < settled
    return { deployment, targets: decides ? await sampleTargets(deployment, service) : [] }
  })
}

const sampleTargets = async (deployment: Deployment, service: HistoryService): Promise<Target[]> => {
  const ids = await service.targetIds(deployment.id)
  // One that did not succeed is read whole, since its targets decide what is live.
  return ids.length === 0
    ? []
    : service.targets(deployment.id, deployment.status === 'Succeeded' ? ids.slice(0, SAMPLE) : ids)
}

/**
 * The newest deployment whose revision the visitors see: it succeeded, or all traffic has moved to it, whether it still
 * runs or was stopped in its termination wait.
 */
export const liveDeployment = (seen: readonly Seen[]): Seen | undefined =>
  seen.find(
    ({ deployment, targets }) =>
      deployment.status === 'Succeeded' ||
      trafficHasMoved(deployment, targets) ||
      (isOver(deployment.status) && allHaveMoved(targets))
  )
