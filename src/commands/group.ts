import { unfit } from '../domain/fitness.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Identity } from '../domain/identity.js'
import type { CodeDeploy } from '../edge/codedeploy.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { World } from '../world.js'
import { identifyRun } from './identity.js'

/** Both views of CodeDeploy: one whose reads end with a cancel, and one that a cancel itself uses. */
export interface Services {
  cancelable: CodeDeploy
  steady: CodeDeploy
}

/** The group that a run works on, and as whom. */
export interface EnteredGroup {
  identity: Identity
  services: Services
  group: DeploymentGroup
}

/** Identifies the run and reads its group; throws when that cannot be deployed to. */
export const enterGroup = (inputs: DeploymentInputs, world: World): Promise<EnteredGroup> =>
  identifyRun(inputs.identity, world, async (identity) => {
    const { region } = inputs.identity
    const services = {
      cancelable: await world.codeDeploy(region, identity, world.canceled),
      steady: await world.codeDeploy(region, identity, world.lastMoment)
    }
    const group = await services.cancelable.group(inputs.application, inputs.group)
    const objection = unfit(group)
    if (objection !== undefined) throw objection
    return { identity, services, group }
  })
