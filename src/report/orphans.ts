import { greenGroupOf } from '../domain/deployment.js'
import type { Target } from '../domain/event.js'
import { shellQuoted } from './escape.js'
import { type Story, targetsOf } from './story.js'
import { serves } from './traffic.js'

/** The Auto Scaling group that a deployment created and left behind. */
export interface LeftoverGroup {
  name: string
  /** Whether the service named it; otherwise the name follows its naming rule, and the group may never have been created. */
  certain: boolean
  /** Why it must not be deleted without a check; empty when it is safe to delete. */
  objections: string[]
}

/** Targets in the state that the last deployment left them in; the fleet is still that of the first deployment. */
export const lastSeen = (targets: readonly Target[], later: readonly Target[] = []): Target[] => {
  const newest = new Map(later.map((target) => [target.id, target]))
  return targets.map((target) => {
    const touched = newest.get(target.id)
    return touched === undefined ? target : { ...touched, fleet: target.fleet }
  })
}

/**
 * The green group of a deployment that failed or was stopped: the service leaves it at full size, even after a rollback, and
 * it keeps costing money (docs/service.md, captures 5). It is safe to delete only when its name ends in this deployment's ID,
 * the deployment group does not refer to it, and none of its instances is in service.
 */
export const leftoverGroup = ({
  ending,
  referencedGroups
}: Pick<Story, 'ending' | 'referencedGroups'>): LeftoverGroup | undefined => {
  const { deployment } = ending
  if (deployment.style !== 'BLUE_GREEN' || !['Failed', 'Stopped'].includes(deployment.status))
    return undefined
  const name = deployment.fixedGreen === undefined ? greenGroupOf(deployment) : undefined
  // A fixed fleet is there to stay.
  if (name === undefined) return undefined
  const rollbackTargets = ending.name === 'started' ? [] : ending.rollbackTargets
  const green = lastSeen(targetsOf(ending), rollbackTargets).filter((target) => target.fleet === 'green')
  return {
    name,
    certain: deployment.greenAutoScalingGroup !== undefined,
    objections: [
      ...(name.endsWith(`_${deployment.id}`) ? [] : ['its name does not end in the ID of this deployment']),
      ...(referencedGroups === undefined
        ? ['it is not known whether the deployment group refers to it']
        : []),
      ...(referencedGroups?.includes(name) === true ? ['the deployment group refers to it'] : []),
      ...(green.some(serves) ? ['some of its instances are still in service'] : [])
    ]
  }
}

/** The command that deletes the group and its instances. */
export const deleteCommand = ({ name }: LeftoverGroup, region: string): string =>
  `aws autoscaling delete-auto-scaling-group --auto-scaling-group-name ${shellQuoted(name)} --force-delete --region ${region}`

/** Said before the run deletes the group; how that ended is said afterwards. */
export const deletionSentence = ({ name }: LeftoverGroup): string =>
  `The Auto Scaling group ${name} was left behind. This run deletes it now, unless something needs it (\`delete-left-over: true\`).`

export const leftoverSentence = ({ name, certain, objections }: LeftoverGroup): string => {
  const is = certain
    ? 'was left behind and keeps costing money'
    : 'may have been left behind and would keep costing money'
  const next =
    objections.length > 0
      ? `Check before you delete it: ${objections.join('; ')}.`
      : 'Delete it once you no longer need to inspect its instances (an error that it is not found is fine).'
  return `The Auto Scaling group ${name} ${is}. ${next}`
}
