import { counted, grouped } from '../domain/counted.js'
import { isCommit, short } from '../domain/commit.js'
import type { Deployment, Outcome } from '../domain/deployment.js'
import type { Fleet, LifecycleEvent, Target } from '../domain/event.js'
import { blueLivesUntil, fleet, saysTrafficStayed, trafficHasBegun } from '../domain/phase.js'
import { seenFrom, type Times } from './times.js'

const TRAFFIC = /^(Allow|Block)Traffic$/

/** The last traffic event of this target that ran or is running. */
const lastTrafficEvent = (target: Target): LifecycleEvent | undefined =>
  target.events
    .filter((event) => TRAFFIC.test(event.name) && !['Pending', 'Skipped'].includes(event.status))
    .at(-1)

/**
 * Whether the load balancer sends this instance requests: from the end of AllowTraffic until the start of BlockTraffic.
 * Before either event, an instance with a BlockTraffic event still serves and one with only AllowTraffic does not yet. An
 * in-place instance behind a load balancer is blocked first.
 */
export const serves = (target: Target): boolean => {
  const last = lastTrafficEvent(target)
  if (last !== undefined) return last.name === 'AllowTraffic' && last.status === 'Succeeded'
  return target.events.some((event) => event.name === 'BlockTraffic')
}

const share = (targets: readonly Target[]): string =>
  `${grouped(targets.filter(serves).length)}/${grouped(targets.length)}`

/** `traffic: green 1/2 · blue 2/2`: instances in service out of all that the service has listed; empty without any traffic event. */
export const trafficLine = (targets: readonly Target[]): string => {
  if (!targets.some((target) => target.events.some((event) => TRAFFIC.test(event.name)))) return ''
  const inPlace = fleet(targets, 'in-place')
  // Beside green ones, they are instances that have not been read yet.
  if (inPlace.length === targets.length) return `traffic: ${share(inPlace)} in service`
  const blue = fleet(targets, 'blue')
  const blueShare = blue.length > 0 ? share(blue) : 'serves'
  return `traffic: green ${share(fleet(targets, 'green'))} · blue ${blueShare}`
}

/** How many instances of a fleet the load balancer sends requests. */
export const servingCount = (targets: readonly Target[], side: Fleet): number =>
  fleet(targets, side).filter(serves).length

/** A commit as its first eight digits; any other revision name unchanged. */
export const revisionWord = (commit: string | undefined, other: string): string =>
  commit === undefined ? other : isCommit(commit) ? short(commit) : commit

/**
 * Whether traffic stayed where it was. For most failures the service says so itself (docs/service.md, captures 2; its
 * apostrophe varies). Otherwise the events show it; without any target the fleet is only being provisioned.
 */
export const trafficNeverMoved = ({ deployment, targets }: Outcome): boolean | 'unknown' => {
  if (trafficHasBegun(targets)) return false
  if (saysTrafficStayed(deployment) || targets.length > 0) return true
  return deployment.overview === undefined ? true : 'unknown'
}

/** Which revision visitors see after a deployment that did not complete. */
export const whoServes = (outcome: Outcome, previousCommit: string | undefined): string => {
  const { deployment, rollback } = outcome
  if (rollback !== undefined && outcome.canceled !== undefined)
    return `Its rollback ${rollback.id} is bringing ${revisionWord(previousCommit, 'the old version')} back (${rollback.status}). It keeps running although this job has ended.`
  if (rollback !== undefined)
    return `Its rollback ${rollback.id} did not succeed either (${rollback.status}). Check the target group to see which instances are serving.`
  if (deployment.style === 'IN_PLACE')
    return 'The instances that it reached have already changed; the others still run the previous revision.'
  const never = trafficNeverMoved(outcome)
  if (never === 'unknown')
    return 'It is not known whether traffic had started to move. Check the target group to see which instances are serving.'
  return never
    ? `The traffic never moved: ${revisionWord(previousCommit, 'the old version')} never stopped serving.`
    : `Traffic had started to move, so both revisions may be serving (${trafficLine(outcome.targets)}).`
}

/** The end that `wait-for: complete` waits for: a deployment that terminates blue succeeds only after that. */
const blueIsGone = (count: number): string =>
  `The blue fleet${count === 0 ? '' : ` (${counted(count, 'instance')})`} was terminated, so from now on a rollback redeploys its stored bundle.`

/** What is left of the fleet that served before: it still runs, it is kept, or it is gone. Empty in place. */
export const blueEnd = (outcome: Outcome, times: Times): string[] => {
  const { deployment, targets, blueStillAlive } = outcome
  if (blueStillAlive || (deployment.style === 'BLUE_GREEN' && deployment.waits?.blueAction === 'KEEP_ALIVE'))
    return [blueLives(deployment, targets, times)]
  return deployment.style === 'BLUE_GREEN' && deployment.waits?.blueAction === 'TERMINATE'
    ? [blueIsGone(fleet(targets, 'blue').length)]
    : []
}

/** How long an instant rollback stays possible, and what it costs meanwhile. */
export const blueLives = (deployment: Deployment, targets: readonly Target[], times: Times): string => {
  if (deployment.waits?.blueAction === 'KEEP_ALIVE')
    return deployment.fixedGreen === undefined
      ? 'The blue fleet is kept running, out of service. It costs money until someone deletes its Auto Scaling group.'
      : 'The blue fleet is kept running, out of service. The next deployment goes to it, and so does a rollback.'
  const until = blueLivesUntil(deployment, targets)
  const end = until === undefined ? 'its termination' : seenFrom(times, until)
  return `The blue fleet keeps running until ${end}. Until then, \`command: rollback\` can send traffic back to it without a new fleet, and other deployments of the group must wait.`
}
