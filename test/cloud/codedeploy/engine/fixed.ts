import { untilAborted } from '../../autoscaling/abort.js'
import type { DeploymentGroup, FleetSelection } from '../model.js'
import { blueSelection, selectedInstances } from '../target-instances.js'
import type { Engine, Run } from './engine.js'
import { DeploymentFailure, noBlueInstances } from './failure.js'
import { dropHook, putHook } from './hooks.js'
import { waitForEnd } from './termination.js'

/**
 * DISCOVER_EXISTING: finds both fleets instead of launching one. Blue is what the group refers to, green what the deployment
 * names.
 */
export const discover = ({ fleets }: Engine, { deployment }: Run, named: FleetSelection): void => {
  deployment.phase = 'provision'
  const from = blueSelection(deployment.group)
  const blue = selectedInstances(fleets, from)
  if (blue.length === 0) throw noBlueInstances()
  const green = selectedInstances(fleets, named).filter((id) => !blue.includes(id))
  // Nobody has seen which code this is.
  if (green.length === 0)
    throw new DeploymentFailure('NO_INSTANCES', 'No instances were found for your replacement environment.')
  deployment.blue = { group: from.autoScalingGroups[0] ?? '', instances: blue, fixed: from }
  deployment.green = { group: named.autoScalingGroups[0] ?? '', instances: green, fixed: named }
}

/**
 * What follows the traffic between fixed fleets. What the group refers to afterwards is not known (switch `fixedFleetsSwap`); blue
 * is kept, or loses its instances (switch `fixedBlueEnds`).
 */
export const settleFixed = async (engine: Engine, run: Run, named: FleetSelection): Promise<void> => {
  const { deployment } = run
  if (engine.switches.fixedFleetsSwap === 'yes') refer(engine, deployment.group, named)
  if (await waitForEnd(engine, run)) await terminate(engine, run)
}

/** The Auto Scaling group goes with its instances, as the copied one does, or launches others in their place. */
const terminate = async (
  { fleets, switches, journal }: Engine,
  { deployment, signal }: Run
): Promise<void> => {
  const { fixed, instances } = deployment.blue ?? { instances: [] }
  if (switches.fixedBlueEnds === 'instances-only' || fixed?.autoScalingGroups.length === 0) {
    for (const id of instances) if (fleets.instance(id)?.state === 'InService') fleets.terminate(id, false)
    return
  }
  const groups = (fixed?.autoScalingGroups ?? []).filter((name) => fleets.find(name) !== undefined)
  for (const name of groups)
    journal.note('autoscaling', 'DeleteAutoScalingGroup', { autoScalingGroupName: name, forceDelete: true })
  await untilAborted(Promise.all(groups.map((name) => fleets.remove(name, true))), signal)
}

/** Makes this selection what the group refers to; the launch hook moves with it. */
export const refer = (
  engine: Engine,
  group: DeploymentGroup,
  { autoScalingGroups, tags }: FleetSelection
): void => {
  for (const name of group.autoScalingGroups)
    if (!autoScalingGroups.includes(name)) dropHook(engine, group, name)
  for (const name of autoScalingGroups) if (!group.hooks.has(name)) putHook(engine, group, name)
  group.autoScalingGroups = [...autoScalingGroups]
  const [only = [], ...more] = tags
  group.ec2TagFilters = more.length === 0 ? [...only] : []
  if (more.length === 0) delete group.ec2TagSet
  else group.ec2TagSet = { ec2TagSetList: tags }
}
