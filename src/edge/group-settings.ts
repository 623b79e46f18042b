import type {
  AutoRollbackConfiguration,
  AutoRollbackEvent,
  BlueGreenDeploymentConfiguration,
  CreateDeploymentGroupCommandInput,
  DeploymentGroupInfo,
  DeploymentStyle,
  UpdateDeploymentGroupCommandInput
} from '@aws-sdk/client-codedeploy'
import { configName, type GroupWish, type PresentGroup } from '../domain/group-wish.js'

/** API: DeploymentGroupInfo, as far as a setup file describes it. */
export const presentGroup = (info: DeploymentGroupInfo): PresentGroup => {
  const { blueGreenDeploymentConfiguration: waits, alarmConfiguration: alarms } = info
  const { terminateBlueInstancesOnDeploymentSuccess: ending, deploymentReadyOption: ready } = waits ?? {}
  const rollback = info.autoRollbackConfiguration
  return {
    serviceRole: info.serviceRoleArn ?? '',
    autoScalingGroups: (info.autoScalingGroups ?? []).flatMap(({ name }) => name ?? []),
    byTags: [info.ec2TagFilters, info.onPremisesInstanceTagFilters, info.ec2TagSet?.ec2TagSetList].some(
      (filters = []) => filters.length > 0
    ),
    targetGroups: (info.loadBalancerInfo?.targetGroupInfoList ?? []).flatMap(({ name }) => name ?? []),
    strategy: info.deploymentStyle?.deploymentType === 'BLUE_GREEN' ? 'blue-green' : 'in-place',
    trafficControl: info.deploymentStyle?.deploymentOption === 'WITH_TRAFFIC_CONTROL',
    provisioning: waits?.greenFleetProvisioningOption?.action,
    deploymentConfig: info.deploymentConfigName ?? '',
    keepOldFleet:
      ending?.action === 'KEEP_ALIVE' ? 'forever' : ending && (ending.terminationWaitTimeInMinutes ?? 0),
    readyWait: ready && (ready.actionOnTimeout === 'STOP_DEPLOYMENT' ? (ready.waitTimeInMinutes ?? 0) : 0),
    alarms: {
      enabled: alarms?.enabled ?? false,
      ignorePollAlarmFailure: alarms?.ignorePollAlarmFailure ?? false,
      names: (alarms?.alarms ?? []).flatMap(({ name }) => name ?? [])
    },
    automaticRollback: rollback?.enabled === true ? [...(rollback.events ?? [])] : []
  }
}

/** The request that makes the group (API: CreateDeploymentGroup). Only this one knows tags. */
export const createdGroup = (wish: GroupWish): CreateDeploymentGroupCommandInput => {
  const { application: applicationName, group: deploymentGroupName } = wish
  return {
    applicationName,
    deploymentGroupName,
    autoScalingGroups: [wish.fleet.name],
    tags: Object.entries(wish.tags).map(([Key, Value]) => ({ Key, Value })),
    ...settings(wish, undefined)
  }
}

/**
 * The request that changes the group (API: UpdateDeploymentGroup). What it leaves out stays; a structure replaces the former one, so each
 * is sent whole. The Auto Scaling group is the one that the group has: copying it requires one in every such request, and the file may
 * name one that a deployment has replaced since (docs/service.md, reference 2.6).
 */
export const updatedGroup = (wish: GroupWish, present: PresentGroup): UpdateDeploymentGroupCommandInput => ({
  applicationName: wish.application,
  currentDeploymentGroupName: wish.group,
  autoScalingGroups:
    present.autoScalingGroups.length === 0 ? [wish.fleet.name] : [...present.autoScalingGroups],
  ...settings(wish, present)
})

const settings = (
  wish: GroupWish,
  present: PresentGroup | undefined
): Omit<CreateDeploymentGroupCommandInput, 'applicationName' | 'deploymentGroupName'> & {
  serviceRoleArn: string
} => ({
  serviceRoleArn: wish.serviceRole,
  deploymentConfigName: configName(wish.traffic),
  deploymentStyle: styleOf(wish),
  // An empty list removes what is there; leaving it out would keep it.
  loadBalancerInfo: { targetGroupInfoList: wish.targetGroups.map((name) => ({ name })) },
  blueGreenDeploymentConfiguration: wish.strategy === 'blue-green' ? blueGreenOf(wish, present) : undefined,
  alarmConfiguration: wish.alarms && {
    enabled: wish.alarms.length > 0,
    ignorePollAlarmFailure: present?.alarms.ignorePollAlarmFailure ?? false,
    alarms: wish.alarms.map((name) => ({ name }))
  },
  autoRollbackConfiguration: wish.automaticRollback && rollbackOf(wish.automaticRollback)
})

const styleOf = ({ strategy, targetGroups }: GroupWish): DeploymentStyle => ({
  deploymentType: strategy === 'blue-green' ? 'BLUE_GREEN' : 'IN_PLACE',
  deploymentOption: targetGroups.length > 0 ? 'WITH_TRAFFIC_CONTROL' : 'WITHOUT_TRAFFIC_CONTROL'
})

const rollbackOf = (events: readonly string[]): AutoRollbackConfiguration => ({
  enabled: events.length > 0,
  events: events as AutoRollbackEvent[]
})

/** An hour, as the console has it, for a group that never had a wait and a file that does not name one. */
const USUAL_KEEP_MINUTES = 60

/** A wait belongs to only one of two actions, and is refused with the other (docs/service.md, captures 6). */
const blueGreenOf = (
  { keepOldFleet, readyWait }: GroupWish,
  present: PresentGroup | undefined
): BlueGreenDeploymentConfiguration => {
  const kept = keepOldFleet ?? present?.keepOldFleet ?? USUAL_KEEP_MINUTES
  const ready = readyWait ?? present?.readyWait ?? 0
  return {
    greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' },
    terminateBlueInstancesOnDeploymentSuccess:
      kept === 'forever'
        ? { action: 'KEEP_ALIVE' }
        : { action: 'TERMINATE', terminationWaitTimeInMinutes: kept },
    deploymentReadyOption:
      ready === 0
        ? { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 0 }
        : { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: ready }
  }
}
