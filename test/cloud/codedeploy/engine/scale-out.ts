import type { HookAnswer } from '../../autoscaling/fleet-state.js'
import type { Instance, LifecycleHook } from '../../autoscaling/model.js'
import { isOver, type Deployment, type DeploymentGroup, type RevisionLocation } from '../model.js'
import { deploymentsOf } from '../state.js'
import type { Engine } from './engine.js'

/**
 * Installs the group's revision on an instance that waits at CodeDeploy's launch hook, with a deployment by `autoscaling` that
 * runs in parallel with others (docs/service.md, captures 12). Undefined if nobody completes the hook. What happens before the group's
 * first successful deployment is not known (a switch).
 */
export const installOnNewcomer = (
  engine: Engine,
  instance: Instance,
  hook: LifecycleHook
): Promise<HookAnswer> | undefined => {
  const group = ownerOf(engine, instance, hook)
  if (group === undefined) return undefined
  const revision = liveRevision(engine, group)
  if (revision !== undefined) return installed(engine, { group, revision, instance })
  switch (engine.switches.launchHookBeforeFirstDeployment) {
    case 'continues':
      return Promise.resolve('CONTINUE')
    case 'abandons':
      return Promise.resolve('ABANDON')
    case 'waits':
      return undefined
  }
}

const ownerOf = (engine: Engine, instance: Instance, hook: LifecycleHook): DeploymentGroup | undefined =>
  [...engine.state.applications.values()]
    .flatMap((application) => [...application.groups.values()])
    .find((group) => group.hooks.get(instance.group) === hook.name)

// During the termination wait the group already points at green, and new instances get what green serves. Until the traffic has
// moved, they get the previous successful revision (docs/service.md, reference 3).
const liveRevision = (engine: Engine, group: DeploymentGroup): RevisionLocation | undefined => {
  const waiting = deploymentsOf(engine.state, group).find(
    (deployment) => !isOver(deployment) && deployment.phase.startsWith('terminat')
  )
  return waiting?.revision ?? group.targetRevision
}

const installed = async (
  engine: Engine,
  { group, revision, instance }: { group: DeploymentGroup; revision: RevisionLocation; instance: Instance }
): Promise<HookAnswer> => {
  const deployment: Deployment = engine.start({
    group,
    plan: 'in-place',
    creator: 'autoscaling',
    revision,
    style: { deploymentType: 'IN_PLACE', deploymentOption: group.style.deploymentOption },
    configName: group.deploymentConfigName,
    ignoreApplicationStopFailures: false,
    updateOutdatedInstancesOnly: false,
    fileExistsBehavior: 'DISALLOW',
    only: [instance.id]
  })
  await engine.runs.get(deployment.id)?.done
  return deployment.status === 'Succeeded' ? 'CONTINUE' : 'ABANDON'
}
