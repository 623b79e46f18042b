import { ServiceError, type QueryOperations } from '../contract.js'
import type { Background } from './background.js'
import type { Fleets } from './fleets.js'
import { groupOperations, readTags, tagAnswer } from './group-operations.js'
import type { Activity, AutoScalingGroup, LifecycleHook } from './model.js'
import { flag, forms, number, paged, required, text, texts, type Form } from './query.js'

const PROCESSES = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions'
]

const groupOf = (fleets: Fleets, name: string): AutoScalingGroup => {
  const group = fleets.find(name)
  if (group === undefined) {
    throw new ServiceError(
      'ValidationError',
      `AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`
    )
  }
  return group
}

const named = (fleets: Fleets, input: Form): AutoScalingGroup =>
  groupOf(fleets, required(input, 'AutoScalingGroupName'))

const processesOf = (input: Form): string[] => {
  const given = texts(input, 'ScalingProcesses')
  const unknown = given.filter((process) => !PROCESSES.includes(process))
  if (unknown.length > 0)
    throw new ServiceError('ValidationError', `${unknown.join(', ')} is not a valid scaling process`)
  return given.length === 0 ? PROCESSES : given
}

const hookOf = (input: Form): LifecycleHook => {
  const transition = required(input, 'LifecycleTransition')
  if (
    transition !== 'autoscaling:EC2_INSTANCE_LAUNCHING' &&
    transition !== 'autoscaling:EC2_INSTANCE_TERMINATING'
  ) {
    throw new ServiceError('ValidationError', `Lifecycle transition '${transition}' is not valid`)
  }
  const [target, metadata] = [text(input, 'NotificationTargetARN'), text(input, 'NotificationMetadata')]
  return {
    name: required(input, 'LifecycleHookName'),
    transition,
    heartbeatSeconds: number(input, 'HeartbeatTimeout') ?? 3600,
    defaultResult: text(input, 'DefaultResult') === 'CONTINUE' ? 'CONTINUE' : 'ABANDON',
    ...(target === undefined ? {} : { notificationTarget: target }),
    ...(metadata === undefined ? {} : { notificationMetadata: metadata })
  }
}

const hookAnswer = (group: string, hook: LifecycleHook): object => ({
  LifecycleHookName: hook.name,
  AutoScalingGroupName: group,
  LifecycleTransition: hook.transition,
  NotificationTargetARN: hook.notificationTarget,
  NotificationMetadata: hook.notificationMetadata,
  HeartbeatTimeout: hook.heartbeatSeconds,
  // A hook waits at most this long in all, however often it is extended (captures §7).
  GlobalTimeout: Math.min(hook.heartbeatSeconds * 100, 172_800),
  DefaultResult: hook.defaultResult
})

const activityAnswer = (group: string, activity: Activity): object => ({
  ActivityId: activity.id,
  AutoScalingGroupName: group,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: new Date(activity.startedAt),
  EndTime: activity.endedAt === undefined ? undefined : new Date(activity.endedAt),
  StatusCode: activity.status,
  Progress: activity.endedAt === undefined ? 50 : 100
})

const describeActivities = (fleets: Fleets, input: Form): object => {
  const name = text(input, 'AutoScalingGroupName')
  const groups = name === undefined ? fleets.all() : [groupOf(fleets, name)]
  const all = groups.flatMap((group) =>
    group.activities.map((activity) => activityAnswer(group.name, activity))
  )
  const { page, next } = paged(all, text(input, 'NextToken'), number(input, 'MaxRecords') ?? 100)
  return { Activities: page, NextToken: next }
}

const describeInstances = (fleets: Fleets, input: Form): object => {
  const ids = texts(input, 'InstanceIds')
  const found = fleets.allInstances().filter((instance) => ids.length === 0 || ids.includes(instance.id))
  const { page, next } = paged(found, text(input, 'NextToken'), number(input, 'MaxRecords') ?? 50)
  return {
    AutoScalingInstances: page.map((instance) => ({
      InstanceId: instance.id,
      InstanceType: 't3.micro',
      AutoScalingGroupName: instance.group,
      AvailabilityZone: instance.zone,
      LifecycleState: instance.state,
      HealthStatus: 'HEALTHY',
      ProtectedFromScaleIn: instance.protectedFromScaleIn
    })),
    NextToken: next
  }
}

const tag = (fleets: Fleets, input: Form): object => {
  forms(input, 'Tags').forEach((given, index) => {
    const group = groupOf(fleets, required(given, 'ResourceId'))
    const added = readTags(input)[index]
    if (added !== undefined) group.tags = [...group.tags.filter((one) => one.key !== added.key), added]
  })
  return {}
}

const describeTags = (fleets: Fleets, input: Form): object => {
  const wanted = new Map(
    forms(input, 'Filters').map((filter) => [text(filter, 'Name') ?? '', texts(filter, 'Values')])
  )
  const fits = (name: string, value: string): boolean => wanted.get(name)?.includes(value) ?? true
  const found = fleets
    .all()
    .flatMap((group) =>
      group.tags
        .filter(
          (one) => fits('auto-scaling-group', group.name) && fits('key', one.key) && fits('value', one.value)
        )
        .map((one) => tagAnswer(group.name, one))
    )
  const { page, next } = paged(found, text(input, 'NextToken'), number(input, 'MaxRecords') ?? 50)
  return { Tags: page, NextToken: next }
}

const instanceOperations = (fleets: Fleets): QueryOperations => ({
  DescribeAutoScalingInstances: (input) => describeInstances(fleets, input),
  DescribeScalingActivities: (input) => describeActivities(fleets, input),
  TerminateInstanceInAutoScalingGroup: (input) => {
    const id = required(input, 'InstanceId')
    const group = fleets.instance(id)?.group ?? ''
    fleets.terminate(id, flag(input, 'ShouldDecrementDesiredCapacity'))
    const activity = fleets.find(group)?.activities.find((one) => one.description.endsWith(id))
    return { Activity: activity === undefined ? undefined : activityAnswer(group, activity) }
  }
})

const hookOperations = (fleets: Fleets): QueryOperations => ({
  PutLifecycleHook: (input) => {
    fleets.putHook(required(input, 'AutoScalingGroupName'), hookOf(input))
    return {}
  },
  DeleteLifecycleHook: (input) => {
    fleets.deleteHook(required(input, 'AutoScalingGroupName'), required(input, 'LifecycleHookName'))
    return {}
  },
  DescribeLifecycleHooks: (input) => {
    const group = named(fleets, input)
    const names = texts(input, 'LifecycleHookNames')
    const hooks = [...group.hooks.values()].filter((hook) => names.length === 0 || names.includes(hook.name))
    return { LifecycleHooks: hooks.map((hook) => hookAnswer(group.name, hook)) }
  }
})

/** The Auto Scaling API as far as a deployment, its preflight and its cleanup need it. */
export const autoscalingOperations = (fleets: Fleets, background: Background): QueryOperations => ({
  ...groupOperations(fleets, (work) => {
    // A refusal comes at once, with the call; only the end of the instances is left to the background.
    background.run(() => work)
  }),
  ...instanceOperations(fleets),
  ...hookOperations(fleets),
  SuspendProcesses: (input) => {
    const group = named(fleets, input)
    for (const process of processesOf(input)) group.suspended.add(process)
    return {}
  },
  ResumeProcesses: (input) => {
    const group = named(fleets, input)
    for (const process of processesOf(input)) group.suspended.delete(process)
    // What was due while Launch or Terminate slept is done now.
    fleets.resize(group.name, {})
    return {}
  },
  CreateOrUpdateTags: (input) => tag(fleets, input),
  DescribeTags: (input) => describeTags(fleets, input)
})
