import type { QueryOperations } from '../contract.js'
import type { Fleets } from './fleets.js'
import type { AsGiven, AutoScalingGroup } from './model.js'
import { named } from './named-group.js'
import { number, paged, required, text, texts, type Form } from './query.js'

const METRICS = [
  ...['GroupMinSize', 'GroupMaxSize', 'GroupDesiredCapacity', 'GroupInServiceInstances'],
  ...['GroupPendingInstances', 'GroupStandbyInstances', 'GroupTerminatingInstances', 'GroupTotalInstances']
]

const arn = (group: AutoScalingGroup, kind: string, name: string): string =>
  `${group.arn.replace(':autoScalingGroup:', `:${kind}:`)}:${kind}Name/${name}`

/** The extras of one kind, of the group that the request names or of all. */
const listed = (
  fleets: Fleets,
  input: Form,
  answer: (group: AutoScalingGroup) => object[]
): { page: object[]; next?: string } => {
  const groups = text(input, 'AutoScalingGroupName') === undefined ? fleets.all() : [named(fleets, input)]
  return paged(groups.flatMap(answer), text(input, 'NextToken'), number(input, 'MaxRecords') ?? 50)
}

const policyAnswer = (group: AutoScalingGroup, name: string, given: AsGiven): object => ({
  ...{ PolicyType: 'SimpleScaling', Enabled: true },
  ...given,
  AutoScalingGroupName: group.name,
  PolicyARN: arn(group, 'scalingPolicy', name),
  Alarms: []
})

/** Policies, schedules, notifications, metrics and warm pool of a group: kept as they come, and shown; none of them acts. */
export const extraOperations = (fleets: Fleets): QueryOperations => ({
  PutScalingPolicy: (input) => {
    const [group, name] = [named(fleets, input), required(input, 'PolicyName')]
    group.extras.policies.set(name, input)
    return { PolicyARN: arn(group, 'scalingPolicy', name), Alarms: [] }
  },
  DescribePolicies: (input) => {
    const { page, next } = listed(fleets, input, (group) =>
      [...group.extras.policies].map(([name, given]) => policyAnswer(group, name, given))
    )
    return { ScalingPolicies: page, NextToken: next }
  },
  PutScheduledUpdateGroupAction: (input) => {
    named(fleets, input).extras.schedules.set(required(input, 'ScheduledActionName'), input)
    return {}
  },
  DescribeScheduledActions: (input) => {
    const { page, next } = listed(fleets, input, (group) =>
      [...group.extras.schedules].map(([name, given]) => ({
        ...given,
        ...{
          AutoScalingGroupName: group.name,
          ScheduledActionARN: arn(group, 'scheduledUpdateGroupAction', name)
        }
      }))
    )
    return { ScheduledUpdateGroupActions: page, NextToken: next }
  },
  PutNotificationConfiguration: (input) => {
    const { notifications } = named(fleets, input).extras
    notifications.set(required(input, 'TopicARN'), texts(input, 'NotificationTypes'))
    return {}
  },
  DescribeNotificationConfigurations: (input) => {
    const names = texts(input, 'AutoScalingGroupNames')
    const groups = fleets.all().filter(({ name }) => names.length === 0 || names.includes(name))
    const all = groups.flatMap(({ name: AutoScalingGroupName, extras }) =>
      [...extras.notifications].flatMap(([TopicARN, events]) =>
        events.map((NotificationType) => ({ AutoScalingGroupName, TopicARN, NotificationType }))
      )
    )
    const { page, next } = paged(all, text(input, 'NextToken'), number(input, 'MaxRecords') ?? 50)
    return { NotificationConfigurations: page, NextToken: next }
  },
  EnableMetricsCollection: (input) => {
    const { metrics } = named(fleets, input).extras
    const given = texts(input, 'Metrics')
    for (const metric of given.length === 0 ? METRICS : given) metrics.add(metric)
    return {}
  },
  PutWarmPool: (input) => {
    const members = Object.entries(input).filter(([member]) => member !== 'AutoScalingGroupName')
    named(fleets, input).extras.warmPool = Object.fromEntries(members)
    return {}
  },
  DescribeWarmPool: (input) => ({
    WarmPoolConfiguration: named(fleets, input).extras.warmPool,
    Instances: []
  })
})
