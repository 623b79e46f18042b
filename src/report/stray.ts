import type { Deployment } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { deleteCommand, lastSeen, type LeftoverGroup } from './leftover.js'
import { serves } from './traffic.js'

/** New instances of a deployment that is over and was not finished: they got traffic, and nothing took it from them since. */
export interface Stray {
  deployment: Deployment
  /** Instance ids. */
  instances: string[]
}

/**
 * What a deployment that failed or was stopped left in service. `later` are the targets of deployments
 * that touched them since. Undefined when no new instance of it serves.
 */
export const strayOf = (
  deployment: Deployment,
  targets: readonly Target[],
  later: readonly Target[]
): Stray | undefined => {
  if (deployment.style !== 'BLUE_GREEN' || !/^(Failed|Stopped)$/.test(deployment.status)) return undefined
  const instances = lastSeen(targets, later)
    .filter((target) => target.fleet === 'green' && serves(target))
    .map(({ id }) => id)
  return instances.length === 0 ? undefined : { deployment, instances }
}

const NAMED = 10

/** Why a revision is not the only one that answers, though its own deployment went through. */
export const straySentence = ({ deployment: { id, status }, instances }: Stray): string => {
  const rest = instances.length > NAMED ? ` and ${instances.length - NAMED} more` : ''
  return `${id} ended as ${status} after its instances ${instances.slice(0, NAMED).join(', ')}${rest} had got traffic, and nothing has taken it from them: a new deployment replaces only the fleet that the group refers to. As long as they are in the target group they answer as well. Delete their Auto Scaling group; where that was done already, all is well.`
}

/** The command that ends them. */
export const strayCommand = ({ deployment }: Stray, region: string): string => {
  const name = deployment.greenAutoScalingGroup ?? `CodeDeploy_${deployment.group}_${deployment.id}`
  const group: LeftoverGroup = { name, certain: true, objections: [] }
  return deleteCommand(group, region)
}
