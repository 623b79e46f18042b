import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand, DescribeInstanceStatusCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { DecodeAuthorizationMessageCommand, STSClient } from '@aws-sdk/client-sts'
import type { Identity } from '../domain/identity.js'
import type { LaunchRefusal } from '../domain/launch.js'
import type { Machine } from '../domain/machine.js'
import type { FleetFacts } from '../ports.js'
import { type Connecting, open, patience } from './aws.js'
import { aborting, type Timeouts } from './client-config.js'
import { retrying } from './retry.js'

/** Nothing depends on the answers, so nobody waits long for them, and no failure of theirs is logged. */
const PATIENCE_MS = 5_000
const TIMEOUTS: Timeouts = { connectMs: 3_000, requestMs: 5_000, silenceMs: 5_000 }

/** Activities in one answer; the newest say why an instance cannot be launched. */
const MOST_ACTIVITIES = 50
const DEREGISTRATION_DELAY = 'deregistration_delay.timeout_seconds'

/** Why the instances of a deployment are not where they should be. Each service's client is made when it is first asked. */
export const connectFleet = (
  region: string,
  identity: Identity,
  { timeouts = TIMEOUTS, ...given }: Connecting
): FleetFacts => {
  const connecting = { ...given, timeouts, tell: () => undefined }
  const policy = patience(connecting, PATIENCE_MS, identity)
  const client = <Client extends object>(Sdk: Parameters<typeof open<Client>>[0]): (() => Client) => {
    let made: Client | undefined
    return () => (made ??= open(Sdk, region, identity, connecting))
  }
  const [autoScaling, ec2] = [client(AutoScalingClient), client(EC2Client)]
  const [balancing, sts] = [client(ElasticLoadBalancingV2Client), client(STSClient)]
  const call = <T>(name: string, send: (signal: ReturnType<typeof aborting>) => Promise<T>): Promise<T> =>
    retrying(name, (signal) => send(aborting(signal)), policy)

  const delayOf = async (arn: string | undefined): Promise<number> => {
    const { Attributes = [] } = await call('DescribeTargetGroupAttributes', (signal) =>
      balancing().send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }), signal)
    )
    return Number(Attributes.find(({ Key }) => Key === DEREGISTRATION_DELAY)?.Value ?? 0)
  }

  const checksOf = async (ids: string[]): Promise<Map<string, string>> => {
    if (ids.length === 0) return new Map()
    const { InstanceStatuses = [] } = await call('DescribeInstanceStatus', (signal) =>
      ec2().send(new DescribeInstanceStatusCommand({ InstanceIds: ids, IncludeAllInstances: true }), signal)
    )
    return new Map(
      InstanceStatuses.map(({ InstanceId = '', SystemStatus, InstanceStatus }) => [
        InstanceId,
        worse(SystemStatus?.Status, InstanceStatus?.Status)
      ])
    )
  }

  return {
    launches: async (group) => {
      const { Activities = [] } = await call('DescribeScalingActivities', (signal) =>
        autoScaling().send(
          new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: MOST_ACTIVITIES }),
          signal
        )
      )
      return Activities.map(({ StatusCode: status = '', StatusMessage: message = '', StartTime: at }) => ({
        ...{ status, message, at }
      }))
    },
    group: async (name) => {
      const { AutoScalingGroups: [found] = [] } = await call('DescribeAutoScalingGroups', (signal) =>
        autoScaling().send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }), signal)
      )
      if (found === undefined) return undefined
      const instances = (found.Instances ?? []).map(
        ({ InstanceId: id = '', LifecycleState: state = '' }) => ({
          ...{ id, state }
        })
      )
      return { desired: found.DesiredCapacity ?? 0, instances }
    },
    refusal: async (encoded) => {
      const { DecodedMessage: text = '' } = await call('DecodeAuthorizationMessage', (signal) =>
        sts().send(new DecodeAuthorizationMessageCommand({ EncodedMessage: encoded }), signal)
      )
      return toRefusal(text)
    },
    tagged: async (tags) => {
      const Filters = [
        { Name: 'instance-state-name', Values: ['running'] },
        ...tags.map(({ key, value }) =>
          value === undefined ? { Name: 'tag-key', Values: [key] } : { Name: `tag:${key}`, Values: [value] }
        )
      ]
      const { Reservations = [] } = await call('DescribeInstances', (signal) =>
        ec2().send(new DescribeInstancesCommand({ Filters }), signal)
      )
      return Reservations.flatMap(({ Instances = [] }) =>
        Instances.flatMap(({ InstanceId }) => InstanceId ?? [])
      )
    },
    machines: async (ids) => {
      // A filter leaves out instances that are gone; by their ids, the call would be refused.
      const Filters = [{ Name: 'instance-id', Values: [...ids] }]
      const { Reservations = [] } = await call('DescribeInstances', (signal) =>
        ec2().send(new DescribeInstancesCommand({ Filters }), signal)
      )
      const found = Reservations.flatMap(({ Instances = [] }) => Instances)
      const checks = await checksOf(found.flatMap(({ InstanceId }) => InstanceId ?? []))
      return found.map(({ InstanceId: id = '', State, StateReason, IamInstanceProfile }): Machine => ({
        id,
        state: State?.Name ?? 'unknown',
        stateReason: StateReason?.Message,
        profile: IamInstanceProfile?.Arn?.split('/').at(-1),
        checks: checks.get(id)
      }))
    },
    drainSeconds: async (targetGroups) => {
      const { TargetGroups = [] } = await call('DescribeTargetGroups', (signal) =>
        balancing().send(new DescribeTargetGroupsCommand({ Names: [...targetGroups] }), signal)
      )
      const delays = await Promise.all(TargetGroups.map(({ TargetGroupArn }) => delayOf(TargetGroupArn)))
      return Math.max(0, ...delays)
    }
  }
}

/** The parts of a decoded message that say what was refused (STS: DecodeAuthorizationMessage). */
const toRefusal = (text: string): LaunchRefusal => {
  const { context } = JSON.parse(text) as {
    context?: { principal?: { arn?: string }; action?: string; resource?: string }
  }
  const { principal, action = '', resource = '' } = context ?? {}
  return { principal: principal?.arn ?? '', action, resource }
}

/** From the best to the worst. */
const CHECKS = ['ok', 'not-applicable', 'initializing', 'insufficient-data', 'impaired']

const worse = (one = 'ok', other = 'ok'): string =>
  CHECKS.indexOf(one) > CHECKS.indexOf(other) ? one : other
