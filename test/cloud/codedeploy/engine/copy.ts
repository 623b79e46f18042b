import { PROVISIONING_TAG } from '../../autoscaling/fleet-state.js'
import type { AsGiven, AutoScalingGroup, GroupDefinition } from '../../autoscaling/model.js'
import type { Switches } from '../../contract.js'

type Lost = Switches['copyLoses']

/** The settings with which the copy is made (docs/service.md, captures 7). */
export const copiedSettings = (
  source: AutoScalingGroup,
  lost: Lost
): Pick<
  GroupDefinition,
  | 'healthCheckType'
  | 'healthCheckGracePeriod'
  | 'defaultCooldown'
  | 'terminationPolicies'
  | 'newInstancesProtectedFromScaleIn'
  | 'tags'
> & { kept?: AsGiven } => {
  if (lost === 'everything')
    return {
      ...{ healthCheckType: 'EC2', healthCheckGracePeriod: 0, defaultCooldown: 300 },
      ...{ terminationPolicies: [], newInstancesProtectedFromScaleIn: false, tags: [] }
    }
  const { healthCheckType, healthCheckGracePeriod, defaultCooldown } = source
  const { terminationPolicies, newInstancesProtectedFromScaleIn, kept = {} } = source
  return {
    ...{ healthCheckType, healthCheckGracePeriod, defaultCooldown },
    ...{ terminationPolicies, newInstancesProtectedFromScaleIn },
    tags: source.tags.filter(({ key }) => key !== PROVISIONING_TAG && !key.startsWith('aws:')),
    ...(lost === 'nothing' ? { kept } : {})
  }
}

/** What is put on the copy once it is there. */
export const copyExtras = (source: AutoScalingGroup, copy: AutoScalingGroup, lost: Lost): void => {
  if (lost === 'everything') return
  const { policies, schedules, notifications, metrics, warmPool } = source.extras
  for (const [topic, events] of notifications) copy.extras.notifications.set(topic, events)
  for (const [name, policy] of policies)
    if (lost === 'nothing' || (policy['PolicyType'] ?? 'SimpleScaling') === 'SimpleScaling')
      copy.extras.policies.set(name, policy)
  if (lost === 'what-is-unproven') return
  for (const [name, action] of schedules) copy.extras.schedules.set(name, action)
  for (const metric of metrics) copy.extras.metrics.add(metric)
  copy.extras.warmPool = warmPool
  for (const process of source.suspended) copy.suspended.add(process)
  for (const hook of source.hooks.values())
    if (!hook.name.startsWith('CodeDeploy-managed-')) copy.hooks.set(hook.name, hook)
}
