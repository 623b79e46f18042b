import type { Target } from '../domain/event.js'
import { type Story, targetsOf } from './story.js'
import { serves } from './traffic.js'

/** The Auto Scaling group that a deployment made and left behind. */
export interface LeftoverGroup {
  name: string
  /** Whether the service named it; else the name follows from its rule, and the group may never have been made. */
  certain: boolean
  /** Why it must not be deleted by the way; empty when nothing speaks against it. */
  objections: string[]
}

/** Targets as the last deployment that touched them left them; the fleet stays that of the first. */
export const lastSeen = (targets: readonly Target[], later: readonly Target[] = []): Target[] => {
  const newest = new Map(later.map((target) => [target.id, target]))
  return targets.map((target) => {
    const touched = newest.get(target.id)
    return touched === undefined ? target : { ...touched, fleet: target.fleet }
  })
}

/**
 * The green group of a deployment that failed or was stopped: the service leaves it at full size, with a rollback too, and it
 * keeps costing (captures §5). It is only safe to delete when its name ends in this deployment's id, the
 * deployment group does not refer to it, and none of its instances is in service (the same place).
 */
export const leftoverGroup = ({
  ending,
  referencedGroups
}: Pick<Story, 'ending' | 'referencedGroups'>): LeftoverGroup | undefined => {
  const { deployment } = ending
  if (deployment.style !== 'BLUE_GREEN' || !['Failed', 'Stopped'].includes(deployment.status))
    return undefined
  const name = deployment.greenAutoScalingGroup ?? `CodeDeploy_${deployment.group}_${deployment.id}`
  const rollbackTargets = ending.name === 'started' ? [] : ending.rollbackTargets
  const green = lastSeen(targetsOf(ending), rollbackTargets).filter((target) => target.fleet === 'green')
  return {
    name,
    certain: deployment.greenAutoScalingGroup !== undefined,
    objections: [
      ...(name.endsWith(`_${deployment.id}`) ? [] : ['its name does not end in the id of this deployment']),
      ...(referencedGroups === undefined ? ['whether the deployment group refers to it was not read'] : []),
      ...(referencedGroups?.includes(name) === true ? ['the deployment group refers to it'] : []),
      ...(green.some(serves) ? ['instances of it are still in service'] : [])
    ]
  }
}

const quoted = (word: string): string => `'${word.replace(/'/g, `'\\''`)}'`

/** The command that deletes it with its instances. */
export const deleteCommand = ({ name }: LeftoverGroup, region: string): string =>
  `aws autoscaling delete-auto-scaling-group --auto-scaling-group-name ${quoted(name)} --force-delete --region ${region}`

/** What to say of the group that is left behind. */
export const leftoverSentence = ({ name, certain, objections }: LeftoverGroup): string => {
  const is = certain ? 'is left behind and keeps costing' : 'may be left behind, and would keep costing'
  const next =
    objections.length > 0
      ? `Look before you delete it: ${objections.join('; ')}.`
      : 'Delete it when you have seen enough of its instances (that it is not found is fine).'
  return `The Auto Scaling group ${name} ${is}. ${next}`
}
