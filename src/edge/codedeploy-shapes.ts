import type {
  AutoRollbackEvent,
  CreateDeploymentCommandInput,
  DeploymentGroupInfo,
  DeploymentInfo,
  DeploymentTarget,
  EC2TagFilter,
  EC2TagSet,
  LifecycleEvent as SdkEvent,
  RevisionLocation as SdkRevision,
  TargetInstances
} from '@aws-sdk/client-codedeploy'
import type { Deployment, Waits } from '../domain/deployment.js'
import type { Fleet, LifecycleEvent, Target } from '../domain/event.js'
import { filterOf, type FixedFleet, type FleetTag } from '../domain/fixed-fleet.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Order } from '../domain/order.js'
import type { BundleType, RevisionLocation } from '../domain/revision.js'

// Turns the SDK's shapes, in which every member is optional, into nouns. What the service leaves out is undefined here too; what
// every run needs gets a value that never means success.

const isBundleType = (type: string | undefined): type is BundleType =>
  type === 'zip' || type === 'tgz' || type === 'tar'

const toRevision = (revision: SdkRevision | undefined): RevisionLocation | undefined => {
  if (revision === undefined) return undefined
  const s3 = revision.s3Location
  if (s3?.bucket !== undefined && s3.key !== undefined && isBundleType(s3.bundleType))
    return {
      kind: 's3',
      bucket: s3.bucket,
      key: s3.key,
      bundleType: s3.bundleType,
      version: s3.version,
      etag: s3.eTag
    }
  const { repository, commitId } = revision.gitHubLocation ?? {}
  return {
    kind: 'foreign',
    text:
      repository === undefined
        ? (revision.revisionType ?? 'unknown revision')
        : `${repository}@${commitId ?? '?'}`
  }
}

const toWaits = (config: DeploymentInfo['blueGreenDeploymentConfiguration']): Waits => {
  const ready = config?.deploymentReadyOption
  const blue = config?.terminateBlueInstancesOnDeploymentSuccess
  const blueAction = blue?.action === 'KEEP_ALIVE' ? 'KEEP_ALIVE' : 'TERMINATE'
  return {
    readyMinutes: ready?.waitTimeInMinutes ?? 0,
    readyAction: ready?.actionOnTimeout === 'STOP_DEPLOYMENT' ? 'STOP_DEPLOYMENT' : 'CONTINUE_DEPLOYMENT',
    terminationMinutes: blueAction === 'KEEP_ALIVE' ? 0 : (blue?.terminationWaitTimeInMinutes ?? 0),
    blueAction
  }
}

const toOverview = (overview: DeploymentInfo['deploymentOverview']): Record<string, number> | undefined =>
  overview === undefined
    ? undefined
    : Object.fromEntries(
        Object.entries(overview).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
      )

export const toDeployment = (info: DeploymentInfo | undefined, askedFor: string): Deployment => {
  const rollback = info?.rollbackInfo
  const error = info?.errorInformation
  return {
    id: info?.deploymentId ?? askedFor,
    application: info?.applicationName ?? '',
    group: info?.deploymentGroupName ?? '',
    status: info?.status ?? 'Unknown',
    creator: info?.creator ?? 'unknown',
    description: info?.description ?? '',
    createdAt: info?.createTime ?? new Date(0),
    style: info?.deploymentStyle?.deploymentType === 'BLUE_GREEN' ? 'BLUE_GREEN' : 'IN_PLACE',
    terminationWaitStarted: info?.instanceTerminationWaitTimeStarted ?? false,
    error: error && { code: error.code ?? 'UNKNOWN', message: error.message ?? '' },
    rollback: rollback && {
      by: rollback.rollbackDeploymentId,
      of: rollback.rollbackTriggeringDeploymentId,
      message: rollback.rollbackMessage
    },
    waits: info?.blueGreenDeploymentConfiguration && toWaits(info.blueGreenDeploymentConfiguration),
    ignoresAlarms: info?.overrideAlarmConfiguration?.enabled === false ? true : undefined,
    revision: toRevision(info?.revision),
    completedAt: info?.completeTime,
    overview: toOverview(info?.deploymentOverview),
    greenAutoScalingGroup: info?.targetInstances?.autoScalingGroups?.[0],
    fixedGreen: toFixedGreen(info),
    restart: info?.deploymentMode === 'RESTART' ? true : undefined
  }
}

/** A deployment that copies a fleet shows the copy as its target instances too (docs/service.md, reference 3). */
const toFixedGreen = (info: DeploymentInfo | undefined): FixedFleet[] | undefined => {
  const { action } = info?.blueGreenDeploymentConfiguration?.greenFleetProvisioningOption ?? {}
  if (info?.deploymentStyle?.deploymentType !== 'BLUE_GREEN' || action !== 'DISCOVER_EXISTING')
    return undefined
  const { autoScalingGroups, tagFilters, ec2TagSet } = info.targetInstances ?? {}
  const tags = toTags(tagFilters, ec2TagSet)
  return [
    ...(autoScalingGroups ?? []).map((name) => ({ kind: 'auto-scaling-group', name }) as const),
    ...(tags === undefined ? [] : [{ kind: 'tags', tags } as const])
  ]
}

/** Filters are alternatives; the lists of a set are combined (API: EC2TagSet). */
const toTags = (
  filters: EC2TagFilter[] | undefined,
  set: EC2TagSet | undefined
): FleetTag[][] | undefined => {
  const lists = set?.ec2TagSetList ?? [filters ?? []]
  const tags = lists
    .map((list) => list.map(({ Key, Value }) => ({ key: Key ?? '', value: Value })))
    .filter((list) => list.length > 0)
  return tags.length === 0 ? undefined : tags
}

/** Tags and tag sets exclude each other (API: TargetInstances); one tag needs no set. */
const targetInstances = (green: FixedFleet): TargetInstances => {
  if (green.kind === 'auto-scaling-group') return { autoScalingGroups: [green.name] }
  const lists = green.tags.map((list) => list.map(filterOf) as EC2TagFilter[])
  const [only, ...more] = lists
  return more.length === 0 ? { tagFilters: only } : { ec2TagSet: { ec2TagSetList: lists } }
}

const toFleet = (label: string | undefined): Fleet =>
  label === 'Green' ? 'green' : label === 'Blue' ? 'blue' : 'in-place'

const toEvent = (event: SdkEvent): LifecycleEvent => ({
  name: event.lifecycleEventName ?? 'Unknown',
  status: event.status ?? 'Unknown',
  startTime: event.startTime,
  endTime: event.endTime,
  diagnostics: event.diagnostics && {
    errorCode: event.diagnostics.errorCode ?? '',
    scriptName: event.diagnostics.scriptName ?? '',
    message: event.diagnostics.message ?? '',
    logTail: event.diagnostics.logTail ?? ''
  }
})

/** Empty for a target of another platform, one without an id, and a null in the list. */
export const toTarget = (target: DeploymentTarget | null): Target[] => {
  const instance = target?.instanceTarget
  if (instance?.targetId === undefined) return []
  return [
    {
      id: instance.targetId,
      fleet: toFleet(instance.instanceLabel),
      status: instance.status ?? 'Unknown',
      events: (instance.lifecycleEvents ?? []).map(toEvent),
      lastUpdatedAt: instance.lastUpdatedAt
    }
  ]
}

export const toGroup = (
  info: DeploymentGroupInfo | undefined,
  application: string,
  name: string
): DeploymentGroup => {
  const balancers = info?.loadBalancerInfo
  const { deploymentId: lastOk, endTime, createTime } = info?.lastSuccessfulDeployment ?? {}
  const { deploymentId: lastTried, status } = info?.lastAttemptedDeployment ?? {}
  return {
    application,
    name,
    id: info?.deploymentGroupId ?? '',
    style: info?.deploymentStyle?.deploymentType === 'BLUE_GREEN' ? 'BLUE_GREEN' : 'IN_PLACE',
    trafficControl: info?.deploymentStyle?.deploymentOption === 'WITH_TRAFFIC_CONTROL',
    autoScalingGroups: (info?.autoScalingGroups ?? []).flatMap((group) => group.name ?? []),
    tags: toTags(info?.ec2TagFilters, info?.ec2TagSet),
    loadBalancers: [...(balancers?.elbInfoList ?? []), ...(balancers?.targetGroupInfoList ?? [])].flatMap(
      (balancer) => balancer.name ?? []
    ),
    targetGroups: (balancers?.targetGroupInfoList ?? []).flatMap((group) => group.name ?? []),
    deploymentConfig: info?.deploymentConfigName ?? 'CodeDeployDefault.OneAtATime',
    waits: toWaits(info?.blueGreenDeploymentConfiguration),
    autoRollbackEvents:
      info?.autoRollbackConfiguration?.enabled === true
        ? [...(info.autoRollbackConfiguration.events ?? [])]
        : [],
    alarms:
      info?.alarmConfiguration?.enabled === true
        ? (info.alarmConfiguration.alarms ?? []).flatMap((alarm) => alarm.name ?? [])
        : [],
    computePlatform: info?.computePlatform ?? 'Server',
    provisioning: info?.blueGreenDeploymentConfiguration?.greenFleetProvisioningOption?.action,
    lastSuccessful: lastOk === undefined ? undefined : { id: lastOk, endTime, createdAt: createTime },
    lastAttempted: lastTried === undefined ? undefined : { id: lastTried, status }
  }
}

/**
 * The request (API: CreateDeployment). Version and ETag pin exactly these bytes (docs/service.md, reference 4.3). A missing list of
 * alarms counts as a mistake (API: InvalidAlarmConfigException), so an override has an empty one.
 */
export const createRequest = (order: Order): CreateDeploymentCommandInput => {
  const { location, autoRollbackEvents: events } = order
  return {
    applicationName: order.application,
    deploymentGroupName: order.group,
    revision: {
      revisionType: 'S3',
      s3Location: {
        bucket: location.bucket,
        key: location.key,
        bundleType: location.bundleType,
        version: location.version,
        eTag: location.etag
      }
    },
    description: order.description,
    fileExistsBehavior: order.fileExistsBehavior,
    ignoreApplicationStopFailures: order.ignoreApplicationStopFailures,
    deploymentConfigName: order.deploymentConfig,
    targetInstances: order.green && targetInstances(order.green),
    overrideAlarmConfiguration: order.ignoreAlarms === true ? { enabled: false, alarms: [] } : undefined,
    autoRollbackConfiguration: events && {
      enabled: events.length > 0,
      events: events as AutoRollbackEvent[]
    }
  }
}
