import { byAge } from './history.js'
import type { LiveReading } from './live.js'
import {
  type Attempt,
  type Course,
  followInstances,
  isTrafficBack,
  servingInstances
} from '../domain/serving.js'
import { parseRevisionKey, type RevisionLocation, sameRevision } from '../domain/revision.js'
import { allHaveMoved, saysTrafficStayed, trafficHasShifted } from '../domain/phase.js'
import { type Turn, undoings } from '../domain/undone.js'
import type { HistoryRow } from '../domain/history.js'
import type { Target } from '../domain/event.js'
import { readDescription } from '../domain/description.js'
import type { Deployment } from '../domain/deployment.js'
import { inTurns } from '../concurrency.js'

/** The rows of the rollback screen, newest first, each with a check that its bundle is still stored as it was deployed. */
export const rowsOf = async (
  attempts: readonly Attempt[],
  reading: LiveReading,
  isAvailable: (location: RevisionLocation) => Promise<boolean | 'unknown'>
): Promise<HistoryRow[]> => {
  const course = followInstances([...merged(attempts, reading.attempts)].reverse())
  const live = liveRows(reading)
  const turns = attempts.map((attempt) => turnOf(attempt, broughtLive(attempt.deployment, course)))
  const undone = undoings(turns)
  const former = new Map([...undone].map(([id, by]) => [by, id]))
  const known = new Map<string, Promise<boolean | 'unknown'>>()
  const rows = await inTurns(attempts, async (attempt) => {
    const { deployment } = attempt
    const revision = broughtLive(deployment, course)
    const checked =
      known.get(JSON.stringify(revision)) ?? Promise.resolve(revision !== undefined && isAvailable(revision))
    known.set(JSON.stringify(revision), checked)
    const row = rowOf(attempt, revision)
    return {
      ...row,
      live: live.has(deployment.id),
      served: hasServed(attempt),
      rollbackOf: row.rollbackOf ?? former.get(deployment.id),
      rolledBackBy: undone.get(deployment.id),
      available: await checked
    }
  })
  return withSubjects(rows)
}

const turnOf = (attempt: Attempt, revision: RevisionLocation | undefined): Turn => {
  const { deployment } = attempt
  const { runId, undoes } = readDescription(deployment)
  const { id, creator, rollback } = deployment
  const served = hasServed(attempt)
  return {
    ...{ id, creator, revision, served, undoes, rollback },
    tookTraffic: served || tookTraffic(attempt),
    hasRun: runId !== undefined
  }
}

/** In place, what is installed serves. Targets that were not read prove nothing. */
const tookTraffic = ({ deployment, targets }: Attempt): boolean =>
  !saysTrafficStayed(deployment) &&
  (deployment.style === 'IN_PLACE' || targets.length === 0 || trafficHasShifted(targets))

/** Whether it had all the traffic at some time. */
const hasServed = ({ deployment, targets }: Attempt): boolean =>
  deployment.status === 'Succeeded' || allHaveMoved(targets)

/** Both lists as one, newest first; a complete reading wins over a sample. */
const merged = (some: readonly Attempt[], whole: readonly Attempt[]): Attempt[] => {
  const all = new Map([...some, ...whole].map((attempt) => [attempt.deployment.id, attempt]))
  return [...all.values()].sort((one, other) => byAge(one.deployment, other.deployment))
}

/** The deployments that put the live revisions in place: one for each. */
const liveRows = ({ live, course }: LiveReading): Set<string> => {
  const parts = live.kind === 'commit' ? [live] : live.kind === 'mixed' ? live.parts : []
  return new Set(
    parts.flatMap(({ instances }) => {
      const placed = instances.flatMap((id) => course.end.instances.get(id)?.placedBy ?? [])
      return placed.sort(byAge)[0]?.id ?? []
    })
  )
}

/**
 * The revision that a deployment made live. A restart names none, and for its own rollback the service reports the last
 * successful one, which may differ from the one that got the traffic back (docs/service.md); so there only the instances decide.
 */
const broughtLive = (deployment: Deployment, { after }: Course): RevisionLocation | undefined => {
  if (deployment.revision !== undefined && !isTrafficBack(deployment)) return deployment.revision
  const serving = after.get(deployment.id)
  const served = serving === undefined ? [] : servingInstances(serving)
  const placed = served.filter(({ placedBy }) => placedBy?.id === deployment.id)
  const [first, ...others] = (placed.length > 0 ? placed : served).map(
    ({ installedBy }) => installedBy?.revision
  )
  return others.every((one) => sameRevision(first, one)) ? first : undefined
}

/** The service's own rollbacks do not name the commit's subject; another deployment of that commit may. */
const withSubjects = (rows: readonly HistoryRow[]): HistoryRow[] => {
  const subjects = new Map(
    rows.flatMap(({ commit, subject }) =>
      commit === undefined || subject === undefined ? [] : [[commit, subject] as const]
    )
  )
  return rows.map((row) => ({ ...row, subject: row.subject ?? subjects.get(row.commit ?? '') }))
}

const rowOf = (
  { deployment, targets }: Attempt,
  revision: RevisionLocation | undefined
): Omit<HistoryRow, 'live' | 'served' | 'rolledBackBy' | 'available'> => {
  const commit = revision?.kind === 's3' ? parseRevisionKey(revision.key)?.commit : undefined
  const { subject, actor, reason, runId, undoes } = readDescription(deployment)
  const { createdAt, completedAt } = deployment
  return {
    deploymentId: deployment.id,
    commit,
    subject,
    status: deployment.status,
    who: actor,
    reason,
    runId,
    startedAt: createdAt,
    completedAt,
    timeToTrafficMs: timeToTraffic(deployment, targets),
    durationMs:
      completedAt === undefined ? undefined : Math.max(0, completedAt.getTime() - createdAt.getTime()),
    rollbackOf: deployment.rollback?.of ?? undoes,
    creator: deployment.creator,
    addressable: commit !== undefined,
    revisionText: textOf(revision),
    revision,
    restart: deployment.restart
  }
}

/** Until the last instance took traffic; unknown for an in-place group without a load balancer. */
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
