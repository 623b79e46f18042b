import type { Deployment } from '../domain/deployment.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { CodeDeploy } from '../edge/codedeploy.js'
import { holderLine } from '../report/waits.js'
import { makeWay } from '../steps/make-way.js'
import type { World } from '../world.js'

/** Frees the group as the inputs say, and tells who holds it meanwhile. */
export const wayMaker =
  (
    inputs: DeploymentInputs,
    services: { cancelable: CodeDeploy },
    { world, deadline }: { world: World; deadline: number }
  ) =>
  (holder: Deployment): Promise<void> =>
    makeWay(holder, services.cancelable, {
      policy: inputs.onConflict,
      endTerminationWait: inputs.endTerminationWait,
      clock: world.clock,
      signal: world.canceled,
      deadline,
      pollMs: inputs.pollSeconds * 1000,
      tellHolder: (latest, targets) =>
        world.runner.info(holderLine(latest, targets, new Date(world.clock.now()))),
      tell: world.runner.info
    })
