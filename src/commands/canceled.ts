import { isOver, type Deployment, type Outcome } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import type { CodeDeploy } from '../edge/codedeploy.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { Journal } from '../journal.js'
import { cancel } from '../steps/cancel.js'
import { outcomeOf } from '../steps/conclude.js'
import type { World } from '../world.js'

/** Does what `on-cancel` says with a deployment that was started, and tells what was seen of it last. */
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
  const rollback = await rollbackOf(deployment, service)
  return {
    ...outcomeOf({ deployment, targets, end: isOver(deployment.status) ? 'over' : 'deadline' }),
    ...(rollback === undefined ? {} : { rollback }),
    canceled: inputs.onCancel === 'leave' ? 'left' : 'stopping'
  }
}

/** The deployment that brings the former revision back: it goes on by itself when this job has ended. */
const rollbackOf = async ({ rollback }: Deployment, service: CodeDeploy): Promise<Deployment | undefined> => {
  try {
    return rollback?.by === undefined ? undefined : await service.deployment(rollback.by)
  } catch {
    return undefined
  }
}

/** What the instances show at that moment; a cancel is not held up when they cannot be read. */
const targetsSeen = async (id: string, service: CodeDeploy): Promise<Target[]> => {
  try {
    return await service.targets(id, await service.targetIds(id))
  } catch {
    return []
  }
}
