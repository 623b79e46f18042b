import type { Deployment } from '../domain/deployment.js'
import { readDescription } from '../domain/description.js'
import type { Target } from '../domain/event.js'
import type { HistoryRow } from '../domain/history.js'
import { allHaveMoved, trafficHasMoved } from '../domain/phase.js'
import { isOver } from '../domain/deployment.js'
import { parseRevisionKey, type RevisionLocation } from '../domain/revision.js'

/** What the history needs of CodeDeploy. */
export interface HistoryService {
  deploymentIds(filter: {
    application: string
    group: string
    since?: number
    before?: number
  }): Promise<string[]>
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

/** Deployments whose targets are read at the same time. */
const AT_ONCE = 4

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

/** The rows of the rollback screen, newest first; each bundle is looked at, whether it is still there as it was deployed. */
export const rowsOf = async (
  seen: readonly Seen[],
  isAvailable: (location: RevisionLocation) => Promise<boolean | 'unknown'>
): Promise<HistoryRow[]> => {
  const live = liveDeployment(seen)
  const undone = undoneBy(seen.map((one) => one.deployment))
  const rows = await inTurns(seen, async (one) => ({
    ...rowOf(one),
    live: one.deployment.id === live?.deployment.id,
    ...rollbackMarks(one.deployment, undone),
    available: one.deployment.revision === undefined ? false : await isAvailable(one.deployment.revision)
  }))
  return withSubjects(rows)
}

/** The service's own rollbacks do not say the subject of their commit; another deployment of it may. */
const withSubjects = (rows: readonly HistoryRow[]): HistoryRow[] => {
  const subjects = new Map(
    rows.flatMap(({ commit, subject }) =>
      commit === undefined || subject === undefined ? [] : [[commit, subject] as const]
    )
  )
  return rows.map((row) => {
    const subject = row.subject ?? subjects.get(row.commit ?? '')
    return subject === undefined ? row : { ...row, subject }
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

/** Deployment → the one that undid it: by the service's own word, or by the description of a rollback of ours. */
export const undoneBy = (deployments: readonly Deployment[]): Map<string, string> => {
  const undone = new Map<string, string>()
  for (const deployment of deployments) {
    const { undoes } = readDescription(deployment.description)
    const former = deployment.rollback?.of ?? (deployment.status === 'Succeeded' ? undoes : undefined)
    if (former !== undefined) undone.set(former, deployment.id)
    if (deployment.rollback?.by !== undefined) undone.set(deployment.id, deployment.rollback.by)
  }
  return undone
}

const rollbackMarks = (
  deployment: Deployment,
  undone: Map<string, string>
): Pick<HistoryRow, 'rollbackOf' | 'rolledBackBy'> => {
  const rollbackOf = deployment.rollback?.of ?? readDescription(deployment.description).undoes
  const rolledBackBy = undone.get(deployment.id)
  return {
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(rolledBackBy === undefined ? {} : { rolledBackBy })
  }
}

const rowOf = ({ deployment, targets }: Seen): Omit<HistoryRow, 'live' | 'available'> => {
  const { revision } = deployment
  const commit = revision?.kind === 's3' ? parseRevisionKey(revision.key)?.commit : undefined
  const { subject, actor } = readDescription(deployment.description)
  const timeToTrafficMs = timeToTraffic(deployment, targets)
  return {
    deploymentId: deployment.id,
    status: deployment.status,
    startedAt: deployment.createdAt,
    creator: deployment.creator,
    addressable: commit !== undefined,
    revisionText: textOf(revision),
    ...(commit === undefined ? {} : { commit }),
    ...(subject === undefined ? {} : { subject }),
    ...(actor === undefined ? {} : { who: actor }),
    ...(timeToTrafficMs === undefined ? {} : { timeToTrafficMs }),
    ...(deployment.completedAt === undefined
      ? {}
      : { durationMs: Math.max(0, deployment.completedAt.getTime() - deployment.createdAt.getTime()) }),
    ...(revision === undefined ? {} : { revision })
  }
}

/** Until the last instance took traffic; in an in-place group without a load balancer, nothing says when. */
const timeToTraffic = (deployment: Deployment, targets: readonly Target[]): number | undefined => {
  const ends = targets.flatMap((target) =>
    target.events.flatMap((event) =>
      event.name === 'AllowTraffic' && event.status === 'Succeeded' && event.endTime !== undefined
        ? [event.endTime.getTime()]
        : []
    )
  )
  return ends.length === 0 ? undefined : Math.max(0, Math.max(...ends) - deployment.createdAt.getTime())
}

const textOf = (revision: RevisionLocation | undefined): string =>
  revision === undefined
    ? 'unknown'
    : revision.kind === 's3'
      ? `s3://${revision.bucket}/${revision.key}`
      : revision.text

/** Maps with a few at a time, in order. */
const inTurns = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const done: R[] = []
  for (let at = 0; at < items.length; at += AT_ONCE)
    done.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))))
  return done
}
