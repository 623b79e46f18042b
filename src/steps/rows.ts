import type { Deployment } from '../domain/deployment.js'
import { readDescription } from '../domain/description.js'
import type { Target } from '../domain/event.js'
import type { HistoryRow } from '../domain/history.js'
import { parseRevisionKey, type RevisionLocation } from '../domain/revision.js'
import { liveDeployment, type Seen } from './history.js'
import { inTurns } from './in-turns.js'

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

/** Deployment → the one that undid it: by the service's own word, or by the description of a rollback of ours. */
const undoneBy = (deployments: readonly Deployment[]): Map<string, string> => {
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
