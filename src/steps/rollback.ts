import type { CodeDeploy } from '../ports.js'
import { sameRevision } from '../domain/revision.js'
import { alarmCause } from '../domain/alarm.js'
import { type Deployment, holders, isOver, type Outcome } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import { isAllowed, trafficHasBegun, trafficHasMoved, trafficHasShifted } from '../domain/phase.js'
import type { Attempt, Course } from '../domain/serving.js'
import { follow } from './follow.js'
import type { LiveReading } from './live.js'
import type { RollbackTarget } from './locate.js'
import type { Watched } from './look.js'
import { watch, type WatchOptions } from './watch.js'

/** How a rollback reaches its target, given the current state. */
export type Plan =
  | { way: 'already-live'; live: Deployment }
  | { way: 'fast'; replacing: Deployment; targets: readonly Target[] }
  | { way: 'redeploy' }

/**
 * Chooses among the three ways by what is live. A running deployment decides first: while it replaces the target, the target
 * serves only for the moment. A mixed or unproven state never counts as live.
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

/** Whether the running deployment already serves and only waits to terminate its blue fleet. */
const hasPlaced = (running: Deployment, instances: readonly string[], { end }: Course): boolean =>
  instances.some((id) => end.instances.get(id)?.placedBy?.id === running.id)

/**
 * Whether stopping this deployment brings the target back: it is blue/green, started by a person or a run, and its blue fleet
 * runs the target. Before its traffic begins to move, blue is what is live; after that, its own blue instances show what they
 * run. The API's previousRevision is different ("before the most recent successful deployment", API: DeploymentInfo).
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

/** What a fast rollback needs of CodeDeploy. */
export type FastService = Watched & Pick<CodeDeploy, 'stop'>

/**
 * Stops the deployment that replaced the target, with rollback: traffic moves back to the running blue fleet within seconds.
 * What the service does with this late in an EC2 deployment is unproven (docs/service.md, captures 2), so only targets in
 * service count. Returns undefined when it failed and the bundle must be redeployed.
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

/** A stop accepted in the termination wait ends it within this time or had no effect (unproven: docs/service.md, captures 2). */
const HEEDED_WITHIN_MS = 60_000

/** Whether the stop took effect; a wait that continues anyway may last for hours while the site is broken. */
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
    // Already over, perhaps because of this very stop, whose answer was lost. The end of the deployment will show.
    if (factsOf(error).name === 'DeploymentAlreadyCompletedException') return true
    say(
      `The service refused to stop ${replacing.id}: ${wordsOf(error)}. The stored bundle will be redeployed.`
    )
    return false
  }
}

/** Why the former fleet does not provably have the traffic; undefined when the targets prove that it does. */
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
  if (rollback !== undefined) {
    const alarm = alarmCause(rollback)
    return `${rollback.id}, which should have brought it back, ended as ${rollback.status}${alarm === undefined ? '' : `, stopped by ${alarm}`}.`
  }
  if (isOver(deployment.status) && !trafficHasShifted(targets)) return undefined
  return `${deployment.id} ended as ${deployment.status} after traffic had begun to move, and the service started no rollback.`
}
