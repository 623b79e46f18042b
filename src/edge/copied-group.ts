import {
  type AutoScalingGroup,
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  DescribeNotificationConfigurationsCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  type LifecycleHook,
  type NotificationConfiguration,
  type ScalingPolicy,
  type ScheduledUpdateGroupAction
} from '@aws-sdk/client-auto-scaling'
import { type FleetSettings, type Json, type JsonObject, without } from '../domain/fleet-settings.js'
import type { Identity } from '../domain/identity.js'
import type { ScalingGroups } from '../copy-port.js'
import { type Connecting, open, patience } from './aws.js'
import { aborting, type Timeouts } from './client-config.js'
import { everyPage } from './pages.js'
import { retrying } from './retry.js'

/** Nothing depends on the answers, so nobody waits long for them, and no failure of theirs is logged. */
const PATIENCE_MS = 5_000
const TIMEOUTS: Timeouts = { connectMs: 3_000, requestMs: 5_000, silenceMs: 5_000 }

/** Instances of which the group is asked: most of them may be gone. (API: DescribeAutoScalingInstances takes up to 50.) */
const MOST_INSTANCES = 50

interface Page {
  NextToken?: string | undefined
}

/** Everything that Auto Scaling says of how a group is set. */
export const connectScalingGroups = (
  region: string,
  identity: Identity,
  { timeouts = TIMEOUTS, ...given }: Connecting
): ScalingGroups => {
  const connecting = { ...given, timeouts, tell: () => undefined }
  const policy = patience(connecting, PATIENCE_MS, identity)
  const client = open(AutoScalingClient, region, identity, connecting)
  const call = <T>(name: string, send: (signal: ReturnType<typeof aborting>) => Promise<T>): Promise<T> =>
    retrying(name, (signal) => send(aborting(signal)), policy)
  /** Every page of a list. */
  const all = <T extends Page>(
    name: string,
    send: (page: Page, signal: ReturnType<typeof aborting>) => Promise<T>
  ): Promise<T[]> =>
    everyPage(async (token) => {
      const page = await call(name, (signal) => send({ NextToken: token }, signal))
      return { items: [page], nextToken: page.NextToken }
    })

  return {
    groupOf: async (instanceIds) => {
      const { AutoScalingInstances = [] } = await call('DescribeAutoScalingInstances', (signal) =>
        client.send(
          new DescribeAutoScalingInstancesCommand({ InstanceIds: instanceIds.slice(0, MOST_INSTANCES) }),
          signal
        )
      )
      return AutoScalingInstances[0]?.AutoScalingGroupName
    },
    settings: async (name) => {
      const [groups, policies, schedules, hooks, notifications] = await Promise.all([
        call('DescribeAutoScalingGroups', (signal) =>
          client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }), signal)
        ),
        all('DescribePolicies', (page, signal) =>
          client.send(new DescribePoliciesCommand({ AutoScalingGroupName: name, ...page }), signal)
        ),
        all('DescribeScheduledActions', (page, signal) =>
          client.send(new DescribeScheduledActionsCommand({ AutoScalingGroupName: name, ...page }), signal)
        ),
        call('DescribeLifecycleHooks', (signal) =>
          client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: name }), signal)
        ),
        all('DescribeNotificationConfigurations', (page, signal) =>
          client.send(
            new DescribeNotificationConfigurationsCommand({ AutoScalingGroupNames: [name], ...page }),
            signal
          )
        )
      ])
      const [group] = groups.AutoScalingGroups ?? []
      if (group === undefined) return undefined
      return {
        ...groupSettings(name, group),
        policies: policies.flatMap(({ ScalingPolicies = [] }) => ScalingPolicies.map(toPolicy)),
        schedules: schedules.flatMap(({ ScheduledUpdateGroupActions = [] }) =>
          ScheduledUpdateGroupActions.map(toSchedule)
        ),
        hooks: (hooks.LifecycleHooks ?? []).filter(isUsers).map(toHook),
        notifications: toNotifications(
          notifications.flatMap(({ NotificationConfigurations = [] }) => NotificationConfigurations)
        )
      }
    }
  }
}

/** Tags of AWS are never copied, and this one names the deployment that made the group (docs/service.md, captures 7). */
const NOT_THE_USERS = /^(aws:|CodeDeployProvisioningDeploymentId$)/

const groupSettings = (
  name: string,
  group: AutoScalingGroup
): Pick<FleetSettings, 'name' | 'members' | 'suspended' | 'metrics' | 'tags' | 'warmPool'> => {
  const { HealthCheckType: type, LaunchTemplate, WarmPoolConfiguration: pool } = group
  return {
    name,
    members: plain({
      HealthCheckType: type?.split(',').sort().join(','),
      HealthCheckGracePeriod: group.HealthCheckGracePeriod,
      DefaultCooldown: group.DefaultCooldown,
      DefaultInstanceWarmup: group.DefaultInstanceWarmup,
      TerminationPolicies: group.TerminationPolicies,
      NewInstancesProtectedFromScaleIn: group.NewInstancesProtectedFromScaleIn,
      CapacityRebalance: group.CapacityRebalance,
      MaxInstanceLifetime: group.MaxInstanceLifetime,
      DeletionProtection: group.DeletionProtection,
      LaunchTemplate,
      LaunchConfigurationName: group.LaunchConfigurationName,
      MixedInstancesPolicy: group.MixedInstancesPolicy,
      InstanceMaintenancePolicy: group.InstanceMaintenancePolicy,
      AvailabilityZoneDistribution: group.AvailabilityZoneDistribution,
      AvailabilityZoneImpairmentPolicy: group.AvailabilityZoneImpairmentPolicy,
      InstanceLifecyclePolicy: group.InstanceLifecyclePolicy
    }),
    suspended: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []).sort(),
    metrics: (group.EnabledMetrics ?? []).flatMap(({ Metric }) => Metric ?? []).sort(),
    tags: (group.Tags ?? []).flatMap(({ Key: key = '', Value: value = '', PropagateAtLaunch }) =>
      NOT_THE_USERS.test(key) ? [] : [{ key, value, propagate: PropagateAtLaunch === true }]
    ),
    warmPool:
      pool === undefined
        ? undefined
        : plain({
            MaxGroupPreparedCapacity: pool.MaxGroupPreparedCapacity,
            MinSize: pool.MinSize,
            PoolState: pool.PoolState,
            InstanceReusePolicy: pool.InstanceReusePolicy
          })
  }
}

/** Without what the service adds, which no call takes. */
const toPolicy = (policy: ScalingPolicy): FleetSettings['policies'][number] => {
  const { Alarms = [], ...request } = policy
  return {
    request: requestOf(request, 'PolicyARN'),
    alarms: Alarms.flatMap(({ AlarmName }) => AlarmName ?? [])
  }
}

/** `Time` is an older name of `StartTime`, and no call takes both. */
const toSchedule = (action: ScheduledUpdateGroupAction): JsonObject =>
  requestOf(action, 'ScheduledActionARN', 'Time')

/** The service's launch and termination hooks (docs/service.md, captures 7). */
const isUsers = ({ LifecycleHookName = '' }: LifecycleHook): boolean =>
  !LifecycleHookName.startsWith('CodeDeploy-managed-')

const toHook = (hook: LifecycleHook): JsonObject => requestOf(hook, 'GlobalTimeout')

/** Every request names the group that it is for. */
const requestOf = (answer: object, ...added: readonly string[]): JsonObject =>
  without(plain(answer), 'AutoScalingGroupName', ...added)

const toNotifications = (found: readonly NotificationConfiguration[]): FleetSettings['notifications'] => {
  const topics = new Map<string, string[]>()
  for (const { TopicARN = '', NotificationType = '' } of found)
    topics.set(TopicARN, [...(topics.get(TopicARN) ?? []), NotificationType].sort())
  return [...topics].map(([topic, events]) => ({ topic, events }))
}

/** As JSON: without what is absent or an empty list, with times as text, and with a launch template by its id alone, as calls take it. */
const plain = (value: object): JsonObject => JSON.parse(JSON.stringify(value, taken)) as JsonObject

const taken = (_key: string, value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 0 ? undefined : (value as Json[])
  if (typeof value !== 'object' || value === null || !('LaunchTemplateId' in value)) return value
  return { ...value, LaunchTemplateName: undefined }
}
