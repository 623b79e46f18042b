import { isCommit, short } from '../domain/commit.js'
import type { Deployment, Outcome } from '../domain/deployment.js'
import type { Fleet, LifecycleEvent, Target } from '../domain/event.js'
import { fleet, trafficHasBegun, trafficHasMoved } from '../domain/phase.js'
import { clockSeenFrom } from './units.js'

const TRAFFIC = /^(Allow|Block)Traffic$/

/** The last thing that was done, or is being done, to the traffic of this target. */
const lastTrafficEvent = (target: Target): LifecycleEvent | undefined =>
  target.events
    .filter((event) => TRAFFIC.test(event.name) && !['Pending', 'Skipped'].includes(event.status))
    .at(-1)

/**
 * Whether the load balancer sends this instance requests: from the moment AllowTraffic has succeeded until BlockTraffic
 * begins. Before either, an instance that is to be blocked still serves and one that is to be allowed does not yet; an
 * in-place instance behind a load balancer is to be blocked first.
 */
export const serves = (target: Target): boolean => {
  const last = lastTrafficEvent(target)
  if (last !== undefined) return last.name === 'AllowTraffic' && last.status === 'Succeeded'
  return target.events.some((event) => event.name === 'BlockTraffic')
}

const share = (targets: readonly Target[]): string => `${targets.filter(serves).length}/${targets.length}`

/** `traffic: green 1/2 · blue 2/2`: instances in service of all that the service has named; empty when traffic is no matter. */
export const trafficLine = (targets: readonly Target[]): string => {
  if (!targets.some((target) => target.events.some((event) => TRAFFIC.test(event.name)))) return ''
  const inPlace = fleet(targets, 'in-place')
  if (inPlace.length > 0) return `traffic: ${share(inPlace)} in service`
  const blue = fleet(targets, 'blue')
  const blueShare = blue.length > 0 ? share(blue) : 'serves'
  return `traffic: green ${share(fleet(targets, 'green'))} · blue ${blueShare}`
}

/** How many instances of a fleet the load balancer sends requests. */
export const servingCount = (targets: readonly Target[], side: Fleet): number =>
  fleet(targets, side).filter(serves).length

const latest = (moments: readonly (Date | undefined)[]): Date | undefined =>
  moments
    .filter((moment) => moment !== undefined)
    .reduce<Date | undefined>(
      (last, moment) => (last === undefined || moment > last ? moment : last),
      undefined
    )

/** When the last new instance took traffic; undefined while one of them, failed ones apart, has not. */
export const trafficMovedAt = (targets: readonly Target[]): Date | undefined => {
  const newcomers = targets.filter((target) => target.fleet !== 'blue' && target.status !== 'Failed')
  const events = newcomers.map((target) => target.events.find((event) => event.name === 'AllowTraffic'))
  return events.length > 0 && events.every((event) => event?.status === 'Succeeded')
    ? latest(events.map((event) => event?.endTime))
    : undefined
}

/**
 * Until when the old fleet lives: the termination wait counts from the last event of all. Undefined when the wait has not
 * begun, when blue is kept alive, or when the group's waits are not known.
 */
export const blueLivesUntil = (deployment: Deployment, targets: readonly Target[]): Date | undefined => {
  const { waits } = deployment
  if (waits === undefined || waits.blueAction === 'KEEP_ALIVE' || !trafficHasMoved(deployment, targets))
    return undefined
  const begun = latest(targets.flatMap((target) => target.events.map((event) => event.endTime)))
  return begun === undefined ? undefined : new Date(begun.getTime() + waits.terminationMinutes * 60_000)
}

/** A commit by its eight digits; other names of revisions as they are. */
export const revisionWord = (commit: string | undefined, other: string): string =>
  commit === undefined ? other : isCommit(commit) ? short(commit) : commit

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
