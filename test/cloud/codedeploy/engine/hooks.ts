import type { DeploymentGroup } from '../model.js'
import type { Engine } from './engine.js'

/**
 * Adds CodeDeploy's launch hook to an Auto Scaling group, so that new instances get the revision; a new uuid each time
 * (docs/service.md, captures 7).
 */
export const putHook = (engine: Engine, group: DeploymentGroup, autoScalingGroup: string): void => {
  if (engine.fleets.find(autoScalingGroup) === undefined) return
  const name = `CodeDeploy-managed-automatic-launch-deployment-hook-${group.name}-${engine.ids.uuid()}`
  engine.journal.note('autoscaling', 'PutLifecycleHook', {
    autoScalingGroupName: autoScalingGroup,
    lifecycleHookName: name
  })
  engine.fleets.putHook(autoScalingGroup, {
    name,
    transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    heartbeatSeconds: 600,
    defaultResult: 'ABANDON',
    notificationMetadata: engine.ids.uuid()
  })
  group.hooks.set(autoScalingGroup, name)
}

/** Removes CodeDeploy's launch hook from an Auto Scaling group; does nothing if there is none. */
export const dropHook = (engine: Engine, group: DeploymentGroup, autoScalingGroup: string): void => {
  const name = group.hooks.get(autoScalingGroup)
  group.hooks.delete(autoScalingGroup)
  const fleet = engine.fleets.find(autoScalingGroup)
  if (name === undefined || fleet?.hooks.has(name) !== true) return
  engine.journal.note('autoscaling', 'DeleteLifecycleHook', {
    autoScalingGroupName: autoScalingGroup,
    lifecycleHookName: name
  })
  engine.fleets.deleteHook(autoScalingGroup, name)
}

/** Makes `to` the group's Auto Scaling group instead of `from`: the pointer and the launch hook. */
export const repoint = (
  engine: Engine,
  group: DeploymentGroup,
  { from, to }: { from: string; to: string }
): void => {
  if (group.hooks.has(to) && group.autoScalingGroups[0] === to) return
  dropHook(engine, group, from)
  putHook(engine, group, to)
  group.autoScalingGroups = [to]
}
