import type { CodeDeploy } from '../ports.js'
import { sameRevision } from '../domain/revision.js'
import { type Deployment, holders, isOver, type Outcome } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import { isAllowed, trafficHasBegun, trafficHasMoved, trafficHasShifted } from '../domain/phase.js'
import type { Attempt, Course } from '../domain/serving.js'
import { follow } from './follow.js'
import type { LiveReading } from './live.js'
import type { RollbackTarget } from './locate.js'
import { watch, type Watched, type WatchOptions } from './watch.js'

/** How a rollback gets there: what the present state allows for a target. */
export type Plan =
  | { way: 'already-live'; live: Deployment }
  | { way: 'fast'; replacing: Deployment; targets: readonly Target[] }
  | { way: 'redeploy' }

/**
 * Chooses among the three ways by what is live. A running deployment decides first: while it replaces the target, the target
 * serves only for the moment. What is mixed or can't be proven is never taken for live.
 */
export const planRollback = (target: RollbackTarget, reading: LiveReading): Plan => {
  const { live, attempts, course } = reading
  const running = holders(attempts.map(({ deployment }) => deployment))[0]
  const isLive = live.kind === 'commit' && sameRevision(live.deployment.revision, target.location)
  if (isLive && (running === undefined || hasPlaced(running, live.instances, course)))
    return { way: 'already-live', live: live.deployment }
  const targets = attempts.find(({ deployment }) => deployment.id === running?.id)?.targets ?? []
  if (running !== undefined && replaces({ deployment: running, targets }, target, { isLive, course }))
    return { way: 'fast', replacing: running, targets }
  return { way: 'redeploy' }
}

/** The running deployment itself is what serves: it only waits for the end of its blue fleet. */
const hasPlaced = (running: Deployment, instances: readonly string[], { end }: Course): boolean =>
  instances.some((id) => end.instances.get(id)?.placedBy?.id === running.id)

/**
 * Whether stopping this deployment brings the target back: blue/green, by a person or a run, and its blue fleet runs the target.
 * Before its traffic begins to move, that is what is live; then its own blue instances show it. previousRevision of the service
 * means something else ("before the most recent successful deployment", API: DeploymentInfo).
 */
const replaces = (
  { deployment, targets }: Attempt,
  { location }: RollbackTarget,
  { isLive, course }: { isLive: boolean; course: Course }
): boolean => {
  if (deployment.style !== 'BLUE_GREEN' || deployment.creator !== 'user') return false
  if (sameRevision(deployment.revision, location)) return false
  if (!trafficHasBegun(targets)) return isLive
  const blue = targets.filter((target) => target.fleet === 'blue')
  return (
    blue.length > 0 &&
    blue.every(({ id }) => {
      const instance = course.end.instances.get(id)
      return instance?.intact === true && sameRevision(instance.installedBy?.revision, location)
    })
  )
}

/** What the fast way needs of CodeDeploy. */
export type FastService = Watched & Pick<CodeDeploy, 'stop'>

/**
 * Stops the deployment that replaced the target, with rollback: traffic goes back to the living blue fleet, in seconds. Nobody has
 * proven what the service does with this late in an EC2 deployment (captures §2), so only targets in service count; the answer
 * is undefined when it did not work out and the bundle must be deployed anew.
 */
export const rollBackFast = async (
  replacing: Deployment,
  service: FastService,
  options: WatchOptions & { say: (sentence: string) => void }
): Promise<Outcome | undefined> => {
  options.say(
    `Stopping ${replacing.id} with rollback: its blue fleet is still running, so traffic can move back without a new fleet.`
  )
  if (!(await stopped(replacing, service, options))) return undefined
  if (!(await heeded(replacing.id, service, options))) return undefined
  const outcome = await follow(replacing.id, service, { ...options, until: 'complete' })
  const refusal = whyNotBack(outcome)
  if (refusal === undefined) return outcome
  options.say(
    `The fast rollback did not bring the revision back: ${refusal} Its stored bundle will be redeployed.`
  )
  return undefined
}

/** A stop that is accepted in the termination wait ends it within seconds, or was not heeded (captures §2: nobody has seen it). */
const HEEDED_WITHIN_MS = 60_000

/** Whether the stop shows; a wait that goes on all the same may last for hours while the site is broken. */
const heeded = async (
  id: string,
  service: FastService,
  options: WatchOptions & { say: (sentence: string) => void }
): Promise<boolean> => {
  const { clock, known } = options
  if (known === undefined || !trafficHasMoved(known.deployment, known.targets)) return true
  const deadline = Math.min(options.deadline, clock.now() + HEEDED_WITHIN_MS)
  const { end } = await watch(id, service, { ...options, until: 'complete', deadline })
  if (end === 'over') return true
  options.say(
    `${id} was asked to stop ${Math.round(HEEDED_WITHIN_MS / 1000)} s ago, but its termination wait continues. The stored bundle will be redeployed instead.`
  )
  return false
}

const stopped = async (
  replacing: Deployment,
  service: FastService,
  { say }: { say: (sentence: string) => void }
): Promise<boolean> => {
  try {
    await service.stop(replacing.id, true)
    return true
  } catch (error) {
    if (isDenied(error)) throw error
    // Over by now, perhaps by this very stop whose answer was lost: its end tells.
    if (factsOf(error).name === 'DeploymentAlreadyCompletedException') return true
    say(
      `The service refused to stop ${replacing.id}: ${wordsOf(error)}. The stored bundle will be redeployed.`
    )
    return false
  }
}

/** Undefined when the targets prove that the former fleet has the traffic. */
const whyNotBack = ({
  name,
  deployment,
  targets,
  rollback,
  rollbackTargets = []
}: Outcome): string | undefined => {
  if (name === 'rolled-back') {
    return rollbackTargets.some(isAllowed)
      ? undefined
      : `${rollback?.id ?? 'the rollback'} succeeded, but no instance of the former fleet took traffic.`
  }
  if (name === 'timed-out') return `${deployment.id} is still ${deployment.status}.`
  if (name === 'succeeded') return `${deployment.id} had succeeded before the stop came.`
  if (rollback !== undefined)
    return `${rollback.id}, which should have brought it back, ended as ${rollback.status}.`
  if (isOver(deployment.status) && !trafficHasShifted(targets)) return undefined
  return `${deployment.id} ended as ${deployment.status} after traffic had begun to move, and the service started no rollback.`
}
