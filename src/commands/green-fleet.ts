import { holders } from '../domain/deployment.js'
import { greenMisfit, hasFixedFleets } from '../domain/green-choice.js'
import type { DeploymentInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import { greenLine, servingWarning, terminationWarning } from '../report/green-fleet.js'
import type { StartService } from '../steps/create.js'
import { findGreen, type GreenSources, requireInstances } from '../steps/green-fleet.js'
import { type LiveReading, readLive } from '../steps/live.js'
import type { EnteredGroup, Services } from './connect.js'

/**
 * Checks the fixed fleets before anything is changed, and logs which of them gets the deployment. While another deployment runs,
 * the fleets may still swap, so only their instances are checked.
 */
export const checkGreen = async (
  { greenFleets, identity }: DeploymentInputs,
  reading: LiveReading,
  { group, services }: EnteredGroup,
  world: World
): Promise<void> => {
  const misfit = greenMisfit(group, greenFleets)
  if (misfit !== undefined) throw misfit
  if (!hasFixedFleets(group)) return
  const terminates = terminationWarning(group)
  if (terminates !== undefined) world.runner.annotate('warning', terminates)
  const sources = await sourcesOf(identity.region, services, world)
  if (holders(reading.attempts.map(({ deployment }) => deployment)).length > 0) {
    await requireInstances(greenFleets, sources)
    return
  }
  const found = await findGreen(greenFleets, { group, ...reading }, sources)
  world.runner.once(greenLine(found, group))
  const serving = servingWarning(found.green, found.serving)
  if (serving !== undefined) world.runner.annotate('warning', serving)
}

/**
 * Chooses the green fleet at the last moment: while this run waited for the group, or stopped its deployment, the fleets may have
 * swapped.
 */
export const greenChooser =
  (
    { greenFleets, identity }: DeploymentInputs,
    { group: known, services }: Pick<EnteredGroup, 'group' | 'services'>,
    world: World
  ) =>
  (service: StartService): StartService => {
    const create: StartService['create'] = async (order) => {
      const group = await service.group(order.application, order.group)
      const misfit = greenMisfit(group, greenFleets)
      if (misfit !== undefined) throw misfit
      const reading = await readLive(group, services.live)
      const sources = await sourcesOf(identity.region, services, world)
      const found = await findGreen(greenFleets, { group, ...reading }, sources)
      world.runner.once(greenLine(found, group))
      return service.create({ ...order, green: found.green })
    }
    return hasFixedFleets(known) ? { ...service, create } : service
  }

const sourcesOf = async (
  region: string,
  { live, fleets }: Services,
  world: World
): Promise<GreenSources> => ({
  region,
  health: live.health,
  fleets: await fleets(),
  unchecked: world.runner.once
})
