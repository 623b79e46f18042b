import { unfit } from '../domain/fitness.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Identity } from '../domain/identity.js'
import type { CodeDeploy } from '../edge/codedeploy.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { LiveSources } from '../steps/live.js'
import type { World } from '../world.js'
import { identifyRun } from './identity.js'

/** Both views of CodeDeploy: one whose reads end with a cancel, and one that a cancel itself uses. */
export interface Services {
  cancelable: CodeDeploy
  steady: CodeDeploy
  /** Where to ask what is live. */
  live: LiveSources
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
    const cancelable = await world.codeDeploy(region, identity, world.canceled)
    const services = {
      cancelable,
      steady: await world.codeDeploy(region, identity, world.lastMoment),
      live: await liveSources(cancelable, { region, identity }, world)
    }
    const group = await services.cancelable.group(inputs.application, inputs.group)
    const objection = unfit(group)
    if (objection !== undefined) throw objection
    return { identity, services, group }
  })

/** Whom to ask what is live: CodeDeploy, and the load balancer where that is allowed. */
export const liveSources = async (
  service: CodeDeploy,
  { region, identity }: { region: string; identity: Identity },
  world: World
): Promise<LiveSources> => ({
  service,
  health: await world.targetHealth(region, identity, world.canceled),
  now: () => world.clock.now()
})
