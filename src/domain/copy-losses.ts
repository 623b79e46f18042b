import {
  type AwsCommand,
  type CopyLoss,
  type FleetSettings,
  groupOption,
  type GroupTag,
  isSame,
  json,
  type Json,
  type JsonObject,
  NONE,
  put,
  text,
  without
} from './fleet-settings.js'
import { memberLosses } from './copy-members.js'

/**
 * What green lacks of blue. What CodeDeploy copies is known only in part (docs/service.md, captures 7), so everything is compared. Sizes
 * are not, since both groups scale; nor is what green alone has, except for suspended processes and settings that every group has.
 */
export const copyLosses = (blue: FleetSettings, green: FleetSettings): CopyLoss[] => [
  ...memberLosses(blue, green),
  ...policyLosses(blue, green),
  ...lost(blue.schedules, green.schedules, {
    what: 'scheduled action',
    name: 'ScheduledActionName',
    // Of a recurring action, the service shows when it runs next.
    same: ({ StartTime, ...rest }) => (rest['Recurrence'] === undefined ? { StartTime, ...rest } : rest),
    put: (request) => put('put-scheduled-update-group-action', request, green)
  }),
  ...lost(blue.hooks, green.hooks, {
    what: 'lifecycle hook',
    name: 'LifecycleHookName',
    put: (request) => put('put-lifecycle-hook', request, green)
  }),
  ...warmPoolLoss(blue, green),
  ...metricLoss(blue, green),
  ...tagLoss(blue, green),
  ...notificationLosses(blue, green),
  ...suspensionLosses(blue, green)
]

/** The alarms of these types belong to the policy, which makes them anew (API: PutScalingPolicy). */
const OWNS_ALARMS = new Set<Json | undefined>(['TargetTrackingScaling', 'PredictiveScaling'])

const policyLosses = (blue: FleetSettings, green: FleetSettings): CopyLoss[] =>
  blue.policies.flatMap(({ request, alarms }): CopyLoss[] => {
    const { PolicyName: name = '', PolicyType: type, ...rest } = request
    const what = `scaling policy ${text(name)}`
    const own = green.policies.find((policy) => policy.request['PolicyName'] === name)
    const missing = OWNS_ALARMS.has(type) ? 0 : alarms.length - (own?.alarms.length ?? 0)
    if (own === undefined || !isSame(request, own.request)) {
      const other = own?.request ?? {}
      return [
        {
          what,
          blue: `${text(type)} ${text(rest)}`,
          green:
            own === undefined
              ? NONE
              : `${text(other['PolicyType'])} ${text(without(other, 'PolicyName', 'PolicyType'))}`,
          commands: [put('put-scaling-policy', request, green), ...(missing > 0 ? [showAlarms(alarms)] : [])],
          note: missing > 0 ? ALARMS : needsTargetGroup(rest) ? NEEDS_TARGET_GROUP : undefined
        }
      ]
    }
    if (missing <= 0) return []
    const commands = [showPolicy(text(name), green), showAlarms(alarms)]
    const [was, is] = [alarms, own.alarms].map((names) => (names.length === 0 ? NONE : names.join(', ')))
    return [{ what: `alarms of ${what}`, blue: was ?? NONE, green: is ?? NONE, commands, note: ALARMS }]
  })

const ALARMS =
  'An alarm calls a policy by its ARN: add the ARN of the new policy, which the first command shows, to the actions of each alarm that the second one shows (in the console of CloudWatch, or with `aws cloudwatch put-metric-alarm`).'

const NEEDS_TARGET_GROUP =
  'ALBRequestCountPerTarget needs a target group that is attached to the new group (`aws autoscaling attach-load-balancer-target-groups`); CodeDeploy registers the instances without attaching the group.'

const needsTargetGroup = (policy: JsonObject): boolean =>
  JSON.stringify(policy).includes('"ALBRequestCountPerTarget"')

const showPolicy = (name: string, green: FleetSettings): AwsCommand => ({
  call: 'autoscaling describe-policies',
  options: [groupOption(green), ['policy-names', name]]
})

const showAlarms = (names: readonly string[]): AwsCommand => ({
  call: 'cloudwatch describe-alarms',
  options: [['alarm-names', ...names]]
})

/** Things with a name of which a group has several. */
const lost = (
  blue: readonly JsonObject[],
  green: readonly JsonObject[],
  {
    what,
    name,
    same = (request) => request,
    put: command
  }: {
    what: string
    name: string
    same?: (request: JsonObject) => Readonly<Record<string, Json | undefined>>
    put: (request: JsonObject) => AwsCommand
  }
): CopyLoss[] =>
  blue.flatMap((request) => {
    const own = green.find((other) => other[name] === request[name])
    if (own !== undefined && isSame(same(request), same(own))) return []
    const { [name]: itsName = '', ...rest } = request
    return [
      {
        what: `${what} ${text(itsName)}`,
        blue: text(rest),
        green: own === undefined ? NONE : text(without(own, name)),
        commands: [command(request)]
      }
    ]
  })

const warmPoolLoss = (blue: FleetSettings, green: FleetSettings): CopyLoss[] =>
  blue.warmPool === undefined || isSame(blue.warmPool, green.warmPool)
    ? []
    : [
        {
          what: 'warm pool',
          blue: text(blue.warmPool),
          green: text(green.warmPool),
          commands: [put('put-warm-pool', blue.warmPool, green)]
        }
      ]

const metricLoss = (blue: FleetSettings, green: FleetSettings): CopyLoss[] => {
  const missing = blue.metrics.filter((metric) => !green.metrics.includes(metric))
  if (missing.length === 0) return []
  const options = [groupOption(green), ['granularity', '1Minute'], ['metrics', ...missing]]
  return [
    {
      what: 'metrics collection',
      blue: text(blue.metrics),
      green: text(green.metrics),
      commands: [{ call: 'autoscaling enable-metrics-collection', options }]
    }
  ]
}

const tagLoss = (blue: FleetSettings, green: FleetSettings): CopyLoss[] => {
  const missing = blue.tags.filter((tag) => !green.tags.some((other) => isSame({ ...tag }, { ...other })))
  if (missing.length === 0) return []
  const own = green.tags.filter(({ key }) => missing.some((tag) => tag.key === key))
  const tags = missing.map(({ key: Key, value: Value, propagate: PropagateAtLaunch }) => ({
    ...{ ResourceId: green.name, ResourceType: 'auto-scaling-group', Key, Value, PropagateAtLaunch }
  }))
  return [
    {
      what: missing.length === 1 ? 'tag' : 'tags',
      blue: missing.map(tagText).join(', '),
      green: own.map(tagText).join(', ') || NONE,
      commands: [{ call: 'autoscaling create-or-update-tags', options: [['tags', json(tags)]] }],
      note: 'Instances that run already do not get a tag that is added to their group.'
    }
  ]
}

const tagText = ({ key, value, propagate }: GroupTag): string =>
  `${key}=${value}${propagate ? ' (instances too)' : ''}`

const notificationLosses = (blue: FleetSettings, green: FleetSettings): CopyLoss[] =>
  blue.notifications.flatMap(({ topic, events }) => {
    const own = green.notifications.find((other) => other.topic === topic)?.events ?? []
    if (events.every((event) => own.includes(event))) return []
    const options = [groupOption(green), ['topic-arn', topic], ['notification-types', ...events]]
    return [
      {
        what: `notifications to ${topic}`,
        blue: text(events),
        green: text(own),
        commands: [{ call: 'autoscaling put-notification-configuration', options }]
      }
    ]
  })

/** CodeDeploy suspends these on green and resumes them itself once the traffic has moved (docs/service.md, captures 7). */
const RESUMED_LATER = new Set(['AddToLoadBalancer', 'AlarmNotification', 'ScheduledActions'])

const suspensionLosses = (blue: FleetSettings, green: FleetSettings): CopyLoss[] => {
  const missing = blue.suspended.filter((process) => !green.suspended.includes(process))
  const extra = green.suspended.filter(
    (process) => !blue.suspended.includes(process) && !RESUMED_LATER.has(process)
  )
  if (missing.length + extra.length === 0) return []
  const command = (call: string, processes: readonly string[]): AwsCommand[] =>
    processes.length === 0
      ? []
      : [{ call: `autoscaling ${call}`, options: [groupOption(green), ['scaling-processes', ...processes]] }]
  return [
    {
      what: 'suspended processes',
      blue: text(blue.suspended),
      green: text(green.suspended),
      commands: [...command('suspend-processes', missing), ...command('resume-processes', extra)]
    }
  ]
}
