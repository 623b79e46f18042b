import type { Switches } from '../contract.js'
import { isOver, type Deployment, type FleetSelection } from './model.js'
import { seconds } from './plane.js'

const STATUSES = ['Pending', 'InProgress', 'Succeeded', 'Failed', 'Skipped', 'Ready'] as const

// Absent until there is a target (docs/service.md, captures 1). Whether blue counts is not known (docs/service.md, reference
// 2.5).
const overview = ({ targets }: Deployment, countsBlue: boolean): Record<string, number> | undefined => {
  if (targets === undefined) return undefined
  const counts: Record<string, number> = Object.fromEntries(STATUSES.map((status) => [status, 0]))
  for (const target of targets.values()) {
    if (target.label === 'Blue' && !countsBlue) continue
    counts[target.status] = (counts[target.status] ?? 0) + 1
  }
  return counts
}

const rollback = ({ by, of, message }: Deployment['rollback']): object => ({
  ...(by === undefined ? {} : { rollbackDeploymentId: by }),
  ...(of === undefined ? {} : { rollbackTriggeringDeploymentId: of }),
  ...(message === undefined ? {} : { rollbackMessage: message })
})

// As the request named it; nobody has recorded the answer.
const named = ({ autoScalingGroups, tags }: FleetSelection): object => ({
  ...(autoScalingGroups.length === 0 ? {} : { autoScalingGroups }),
  ...(tags.length === 0
    ? {}
    : tags.length === 1
      ? { tagFilters: tags[0] }
      : { ec2TagSet: { ec2TagSetList: tags } })
})

const green = (deployment: Deployment, switches: Switches): object | undefined => {
  if (deployment.targetInstances !== undefined) return named(deployment.targetInstances)
  if (deployment.plan !== 'blue-green' || deployment.green === undefined) return undefined
  if (switches.greenGroupNamed === 'at-the-end' && !isOver(deployment)) return undefined
  return { autoScalingGroups: [deployment.green.group] }
}

const time = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : seconds(ms))

/** DeploymentInfo as GetDeployment shows it now; members without a value are left out (docs/service.md, reference 1.2). */
export const deploymentAnswer = (deployment: Deployment, switches: Switches): object => {
  const info = {
    applicationName: deployment.application,
    deploymentGroupName: deployment.group.name,
    deploymentConfigName: deployment.configName,
    deploymentId: deployment.id,
    previousRevision: deployment.previousRevision,
    revision: deployment.restart && switches.restartRevision === 'absent' ? undefined : deployment.revision,
    deploymentMode: deployment.restart ? 'RESTART' : undefined,
    status: deployment.status,
    errorInformation: deployment.error,
    createTime: seconds(deployment.createdAt),
    startTime: time(deployment.startedAt),
    completeTime: time(deployment.completedAt),
    deploymentOverview: overview(deployment, switches.overviewCountsBlue === 'yes'),
    description: deployment.description,
    creator: deployment.creator,
    ignoreApplicationStopFailures: deployment.ignoreApplicationStopFailures,
    autoRollbackConfiguration: deployment.autoRollback,
    overrideAlarmConfiguration: deployment.overrideAlarms,
    updateOutdatedInstancesOnly: deployment.updateOutdatedInstancesOnly,
    rollbackInfo: rollback(deployment.rollback),
    deploymentStyle: deployment.style,
    targetInstances: green(deployment, switches),
    instanceTerminationWaitTimeStarted: deployment.terminationWaitStarted,
    blueGreenDeploymentConfiguration: deployment.blueGreen,
    loadBalancerInfo: deployment.loadBalancer,
    fileExistsBehavior: deployment.fileExistsBehavior,
    deploymentStatusMessages: [],
    computePlatform: 'Server'
  }
  return Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined))
}
