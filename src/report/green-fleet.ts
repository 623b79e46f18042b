import { counted } from '../domain/counted.js'
import { type FixedFleet, fleetName } from '../domain/fixed-fleet.js'
import type { DeploymentGroup } from '../domain/group.js'

const names = (fleets: readonly FixedFleet[]): string => fleets.map(fleetName).join(' and ')

/** Which of the fixed fleets gets the deployment, and what becomes of the other one. */
export const greenLine = (
  {
    green,
    blue,
    instances
  }: { green: FixedFleet; blue: readonly FixedFleet[]; instances?: readonly string[] | undefined },
  { waits }: DeploymentGroup
): string => {
  const count = instances === undefined ? '' : ` (${counted(instances.length, 'instance')} in service)`
  const end = waits.blueAction === 'KEEP_ALIVE' ? 'kept' : 'terminated'
  return `Green fleet: ${fleetName(green)}${count}; blue fleet: ${names(blue)}, ${end} after the deployment`
}

/** Why a group with fixed fleets should not terminate one of them; undefined if it does not. */
export const terminationWarning = ({ waits, application, name }: DeploymentGroup): string | undefined =>
  waits.blueAction === 'KEEP_ALIVE'
    ? undefined
    : `${application}/${name} terminates blue once a deployment has succeeded, so the fleet that serves until then will have no instances left, and CodeDeploy may delete its Auto Scaling group: the next deployment and a rollback then have no fleet to go to. Set terminateBlueInstancesOnDeploymentSuccess of the group to KEEP_ALIVE (docs/fixed-fleets.md).`

/** What happens to visitors that are on green already; undefined if none are. */
export const servingWarning = (green: FixedFleet, serving: readonly string[]): string | undefined =>
  serving.length === 0
    ? undefined
    : `${serving.join(', ')} of ${fleetName(green)} ${serving.length === 1 ? 'takes' : 'take'} requests although an unfinished deployment left ${serving.length === 1 ? 'it' : 'them'} there. The installation stops the application on ${serving.length === 1 ? 'it' : 'them'}, so some visitors will see errors until the traffic has moved. To avoid that, deregister ${serving.length === 1 ? 'it' : 'them'} from the target group first.`
