import type { Deployment, Outcome, OutcomeName } from '../domain/deployment.js'
import { firstFailure, trafficHasBegun, trafficHasMoved } from '../domain/phase.js'
import { type Observation, watch, type Watched, type WatchOptions } from './watch.js'

/** How often a rollback that must come is looked for, after the deployment that it undoes has ended. */
const ROLLBACK_LOOKS = 4

/**
 * Follows a deployment to the outcome that the service's answers show. A deployment that failed or was stopped is
 * followed on into the deployment that rolls it back: it never changes to a status of its own (reference §1.5).
 */
export const follow = async (id: string, service: Watched, options: WatchOptions): Promise<Outcome> => {
  const end = await watch(id, service, options)
  const seen = { ...end, deployment: await withRollback(end, service, options) }
  const rolledBackBy = isUndone(seen) ? seen.deployment.rollback?.by : undefined
  if (rolledBackBy === undefined) return outcomeOf(seen)
  const rollback = await watch(rolledBackBy, service, { ...options, until: 'complete' })
  return {
    ...outcomeOf(seen),
    name:
      rollback.end === 'deadline'
        ? 'timed-out'
        : rollback.deployment.status === 'Succeeded'
          ? 'rolled-back'
          : 'failed',
    rollback: rollback.deployment,
    rollbackTargets: rollback.targets
  }
}

/** The outcome of what was seen last, without any rollback. */
export const outcomeOf = ({ deployment, targets, end }: Observation): Outcome => {
  const failure = firstFailure(targets)
  return {
    name: nameOf(deployment, end),
    deployment,
    targets,
    blueStillAlive: end === 'traffic' || (end === 'deadline' && trafficHasMoved(deployment, targets)),
    ...(failure === undefined ? {} : { firstFailure: failure })
  }
}

const nameOf = (deployment: Deployment, end: Observation['end']): OutcomeName => {
  if (end === 'traffic') return 'succeeded'
  if (end === 'deadline') return 'timed-out'
  return deployment.status === 'Succeeded'
    ? 'succeeded'
    : deployment.status === 'Stopped'
      ? 'stopped'
      : 'failed'
}

/** Over and not succeeded: the only ends that the service rolls back from. */
const isUndone = ({ deployment, end }: Observation): boolean =>
  end === 'over' && deployment.status !== 'Succeeded'

/**
 * The deployment with its rollbackInfo: an id, or a message that says that there is none (captures §3: usual when traffic had not
 * begun to move). Where neither is there and traffic had moved, the service may only be late, so it is asked a few times more.
 */
const withRollback = async (
  observation: Observation,
  service: Watched,
  { clock, signal, pollMs }: WatchOptions
): Promise<Deployment> => {
  const { deployment, targets } = observation
  let latest = deployment
  if (!isUndone(observation)) return latest
  const mayBeLate = deployment.style === 'IN_PLACE' || trafficHasBegun(targets)
  for (let look = 0; look < ROLLBACK_LOOKS && mayBeLate; look++) {
    if (latest.rollback?.by !== undefined || (latest.rollback?.message ?? '') !== '') break
    await clock.sleep(pollMs, signal)
    latest = await service.deployment(deployment.id)
  }
  return latest
}
