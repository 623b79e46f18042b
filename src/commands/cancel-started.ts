import { type Deployment, isOver, type Outcome } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { Journal } from '../journal.js'
import type { CodeDeploy, World } from '../ports.js'
import { cancel } from '../steps/cancel.js'
import { outcomeOf } from '../steps/follow.js'
import { targetsOf } from '../steps/history.js'

/** Does what `on-cancel` says with a deployment that was started, and returns its last known state. */
export const cancelStarted = async (
  started: Deployment,
  service: CodeDeploy,
  { inputs, world, journal }: { inputs: DeploymentInputs; world: World; journal: Journal }
): Promise<Outcome> => {
  const deployment = await cancel(started, service, {
    policy: inputs.onCancel,
    clock: world.clock,
    lastMoment: world.lastMoment,
    tell: journal.say
  })
  const targets = await targetsSeen(deployment.id, service)
  return {
    ...outcomeOf({ deployment, targets, end: isOver(deployment.status) ? 'over' : 'deadline', reasons: [] }),
    rollback: await rollbackOf(deployment, service),
    canceled: inputs.onCancel === 'leave' ? 'left' : 'stopping'
  }
}

/** The deployment that restores the former revision: it keeps running after this job has ended. */
const rollbackOf = async ({ rollback }: Deployment, service: CodeDeploy): Promise<Deployment | undefined> => {
  try {
    return rollback?.by === undefined ? undefined : await service.deployment(rollback.by)
  } catch {
    return undefined
  }
}

/** The instances at this moment; if they cannot be read, the cancel continues without them. */
const targetsSeen = async (id: string, service: CodeDeploy): Promise<Target[]> => {
  try {
    return await targetsOf(id, service)
  } catch {
    return []
  }
}
