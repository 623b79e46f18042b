import type { Deployment, Outcome, OutcomeName } from '../domain/deployment.js'
import { firstFailure, trafficHasBegun, trafficHasMoved } from '../domain/phase.js'
import type { Watched } from './look.js'
import { type Observation, watch, type WatchOptions } from './watch.js'

/** How often to look for an expected rollback after the deployment that it undoes has ended. */
const ROLLBACK_LOOKS = 4

/**
 * Follows a deployment to the outcome that the service's answers show. If it failed or was stopped, the deployment that rolls
 * it back is followed too: a rollback never shows in the status of the first (docs/service.md, reference 1.5).
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

/** The outcome of the last observation, without any rollback. */
export const outcomeOf = ({ deployment, targets, end, reasons, hopeless }: Observation): Outcome => ({
  name: nameOf(deployment, end),
  deployment,
  targets,
  blueStillAlive: end === 'traffic' || (end === 'deadline' && trafficHasMoved(deployment, targets)),
  firstFailure: firstFailure(targets),
  reasons,
  hopeless
})

const nameOf = (deployment: Deployment, end: Observation['end']): OutcomeName => {
  if (end === 'traffic') return 'succeeded'
  if (end === 'deadline') return 'timed-out'
  return deployment.status === 'Succeeded'
    ? 'succeeded'
    : deployment.status === 'Stopped'
      ? 'stopped'
      : 'failed'
}

/** Over without success: the only ends that the service rolls back from. */
const isUndone = ({ deployment, end }: Observation): boolean =>
  end === 'over' && deployment.status !== 'Succeeded'

/**
 * The deployment with its rollbackInfo: an id, or a message that there is no rollback (docs/service.md, captures 3: usual
 * before traffic begins to move). If both are missing after that, the service may just be late, so it is asked again.
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
