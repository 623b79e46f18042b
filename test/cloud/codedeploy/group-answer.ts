import type { DeploymentGroup } from './model.js'
import { seconds, type Plane } from './plane.js'

const last = ({ engine }: Plane, id: string | undefined): object | undefined => {
  const deployment = engine.state.deployments.get(id ?? '')
  if (deployment === undefined) return undefined
  return {
    deploymentId: deployment.id,
    status: deployment.status,
    ...(deployment.completedAt === undefined ? {} : { endTime: seconds(deployment.completedAt) }),
    createTime: seconds(deployment.createdAt)
  }
}

/**
 * DeploymentGroupInfo. Auto Scaling groups are objects with the hook's name (docs/service.md, reference 3), and the termination
 * hook only if it is enabled.
 */
export const groupAnswer = (plane: Plane, application: string, group: DeploymentGroup): object => ({
  applicationName: application,
  deploymentGroupId: group.id,
  deploymentGroupName: group.name,
  deploymentConfigName: group.deploymentConfigName,
  ec2TagFilters: group.ec2TagFilters,
  ...(group.ec2TagSet === undefined ? {} : { ec2TagSet: group.ec2TagSet }),
  onPremisesInstanceTagFilters: [],
  autoScalingGroups: group.autoScalingGroups.map((name) => ({
    name,
    ...(group.hooks.has(name) ? { hook: group.hooks.get(name) } : {})
  })),
  serviceRoleArn: group.serviceRoleArn,
  targetRevision: group.targetRevision,
  triggerConfigurations: [],
  alarmConfiguration: group.alarms,
  autoRollbackConfiguration: group.autoRollback,
  deploymentStyle: group.style,
  outdatedInstancesStrategy: group.outdatedInstancesStrategy,
  blueGreenDeploymentConfiguration: group.blueGreen,
  loadBalancerInfo: group.loadBalancer,
  lastSuccessfulDeployment: last(plane, group.lastSuccessful),
  lastAttemptedDeployment: last(plane, group.lastAttempted),
  computePlatform: 'Server',
  terminationHookEnabled: group.terminationHookEnabled
})
