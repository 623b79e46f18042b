import { short } from '../domain/commit.js'
import type { Deployment, Outcome } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { trafficHasBegun } from '../domain/phase.js'
import { clockSeenFrom } from './duration.js'
import { blueLivesUntil, trafficLine } from './traffic.js'

/** A commit by its eight digits; other names of revisions as they are. */
export const revisionWord = (commit: string | undefined, other: string): string =>
  commit === undefined ? other : /^[0-9a-f]{40}$/.test(commit) ? short(commit) : commit

/**
 * Whether the visitors' requests stayed where they were. The service says so itself for most failures (captures §2: its
 * apostrophe varies); else the events do, and before there is any target the fleet is only being provisioned.
 */
export const trafficNeverMoved = ({ deployment, targets }: Outcome): boolean | 'unknown' => {
  if (trafficHasBegun(targets)) return false
  if (/isn.t required/.test(deployment.rollback?.message ?? '') || targets.length > 0) return true
  return deployment.overview === undefined ? true : 'unknown'
}

/** Which revision the visitors see after a deployment that did not get to its end. */
export const whoServes = (outcome: Outcome, previousCommit: string | undefined): string => {
  const { deployment, rollback } = outcome
  if (rollback !== undefined && outcome.canceled !== undefined)
    return `Its rollback ${rollback.id} brings ${revisionWord(previousCommit, 'the old version')} back (${rollback.status}); it goes on by itself, though this job has ended.`
  if (rollback !== undefined)
    return `Its rollback ${rollback.id} did not succeed either (${rollback.status}). Look at the target group to see which instances serve.`
  if (deployment.style === 'IN_PLACE')
    return 'Instances that it had reached are changed already; the others still run the former revision.'
  const never = trafficNeverMoved(outcome)
  if (never === 'unknown')
    return 'Whether its traffic had begun to move was not read. Look at the target group to see which instances serve.'
  return never
    ? `The traffic never moved: ${revisionWord(previousCommit, 'the old version')} never stopped serving.`
    : `Traffic had begun to move, so both revisions may answer (${trafficLine(outcome.targets)}).`
}

/** How long the way back within moments is open, and what it costs meanwhile. */
export const blueLives = (deployment: Deployment, targets: readonly Target[], now: Date): string => {
  if (deployment.waits?.blueAction === 'KEEP_ALIVE')
    return 'The blue fleet is kept alive, out of service: it costs until somebody deletes its Auto Scaling group.'
  const until = blueLivesUntil(deployment, targets)
  const end = until === undefined ? 'its termination' : clockSeenFrom(now, until)
  return `The blue fleet lives until ${end}. Until then \`command: rollback\` can give it the traffic back without a new fleet; other deployments of the group wait as long.`
}
