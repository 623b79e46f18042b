import { ServiceError, type QueryOperations } from '../contract.js'
import type { Background } from './background.js'
import type { Fleets } from './fleets.js'
import { attachmentOperations } from './attachment-operations.js'
import { groupOperations, type GroupsPlane } from './group-operations.js'
import { hookOperations } from './hook-operations.js'
import type { Activity } from './model.js'
import { groupOf, named } from './named-group.js'
import { extraOperations } from './extra-operations.js'
import { flag, number, paged, required, text, texts, type Form } from './query.js'
import { tagOperations } from './tag-operations.js'

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

const processesOf = (input: Form): string[] => {
  const given = texts(input, 'ScalingProcesses')
  const unknown = given.filter((process) => !PROCESSES.includes(process))
  if (unknown.length > 0)
    throw new ServiceError('ValidationError', `${unknown.join(', ')} is not a valid scaling process`)
  return given.length === 0 ? PROCESSES : given
}

const activityAnswer = (group: string, activity: Activity): object => ({
  ActivityId: activity.id,
  AutoScalingGroupName: group,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: new Date(activity.startedAt),
  EndTime: activity.endedAt === undefined ? undefined : new Date(activity.endedAt),
  StatusCode: activity.status,
  StatusMessage: activity.message,
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

/** The part of the Auto Scaling API that a deployment, its preflight and its cleanup need. */
export const autoscalingOperations = ({
  fleets,
  background,
  ...plane
}: Omit<GroupsPlane, 'background'> & { background: Background }): QueryOperations => ({
  ...groupOperations({ ...plane, fleets, background: (work) => background.run(() => work) }),
  ...attachmentOperations(fleets, plane.attachment),
  ...instanceOperations(fleets),
  ...hookOperations(fleets),
  ...tagOperations(fleets),
  ...extraOperations(fleets),
  DescribeInstanceRefreshes: (input) => {
    const group = named(fleets, input)
    return {
      InstanceRefreshes: (group.refreshes ?? []).map((Status, index) => ({
        InstanceRefreshId: `refresh-${index}`,
        AutoScalingGroupName: group.name,
        Status
      }))
    }
  },
  SuspendProcesses: (input) => {
    const group = named(fleets, input)
    for (const process of processesOf(input)) group.suspended.add(process)
    return {}
  },
  ResumeProcesses: (input) => {
    const group = named(fleets, input)
    for (const process of processesOf(input)) group.suspended.delete(process)
    // Does now what was due while Launch or Terminate was suspended.
    fleets.resize(group.name, {})
    return {}
  }
})
