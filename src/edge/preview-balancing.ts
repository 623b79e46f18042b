import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteRuleCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type Rule,
  type TargetGroup as Described
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Tags } from '../domain/preview/environment.js'
import type { TargetGroupLike } from '../domain/preview/place.js'
import type { ListenerRule } from '../domain/preview/routing.js'
import type { PreviewBalancing, TargetGroup } from '../preview-port.js'
import { everyPage } from './pages.js'
import type { Call } from './client-config.js'
import { unless, unlessNamed } from './expected.js'

/** ELB API: DescribeTags takes up to 20 ARNs. */
const ARNS_AT_ONCE = 20

/** Target groups and rules of previews. */
export const previewBalancing = (client: ElasticLoadBalancingV2Client, call: Call): PreviewBalancing => ({
  listener: async (arn) => {
    const found = await unless(
      call('DescribeListeners', (options) =>
        client.send(new DescribeListenersCommand({ ListenerArns: [arn] }), options)
      ),
      'ListenerNotFound'
    )
    const listener = found?.Listeners?.[0]
    if (listener === undefined) return undefined
    const { LoadBalancers: [balancer] = [] } = await call('DescribeLoadBalancers', (options) =>
      client.send(
        new DescribeLoadBalancersCommand({ LoadBalancerArns: [listener.LoadBalancerArn ?? ''] }),
        options
      )
    )
    return {
      ...{ arn, protocol: listener.Protocol ?? '', port: listener.Port ?? 0 },
      balancer: {
        name: balancer?.LoadBalancerName ?? '',
        type: balancer?.Type ?? '',
        vpc: balancer?.VpcId ?? '',
        securityGroups: balancer?.SecurityGroups ?? [],
        dnsName: balancer?.DNSName ?? ''
      }
    }
  },
  rules: (listenerArn) =>
    everyPage(async (Marker) => {
      const { Rules = [], NextMarker: nextToken } = await call('DescribeRules', (options) =>
        client.send(new DescribeRulesCommand({ ListenerArn: listenerArn, Marker }), options)
      )
      return { items: Rules.map(toRule), nextToken }
    }),
  targetGroup: async (name) => {
    const found = await unless(
      call('DescribeTargetGroups', (options) =>
        client.send(new DescribeTargetGroupsCommand({ Names: [name] }), options)
      ),
      'TargetGroupNotFound'
    )
    return found?.TargetGroups?.map(toTargetGroup)[0]
  },
  targetGroups: () =>
    everyPage(async (Marker) => {
      const { TargetGroups = [], NextMarker: nextToken } = await call('DescribeTargetGroups', (options) =>
        client.send(new DescribeTargetGroupsCommand({ Marker }), options)
      )
      return { items: TargetGroups.map(toTargetGroup), nextToken }
    }),
  createTargetGroup: (name, like, tags) =>
    unlessNamed(
      call('CreateTargetGroup', (options) =>
        client.send(new CreateTargetGroupCommand(targetGroupRequest(name, like, tags)), options)
      ),
      'DuplicateTargetGroupName'
    ),
  deleteTargetGroup: (arn) =>
    gone(
      call('DeleteTargetGroup', (options) =>
        client.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn }), options)
      ),
      () =>
        call('DescribeTargetGroups', (options) =>
          client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }), options)
        )
    ),
  createRule: ({ listener, priority, host, targetGroup, tags }) =>
    unlessNamed(
      call('CreateRule', (options) =>
        client.send(
          new CreateRuleCommand({
            ...{ ListenerArn: listener, Priority: priority, Tags: tagList(tags) },
            Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: [host] } }],
            Actions: [{ Type: 'forward', TargetGroupArn: targetGroup }]
          }),
          options
        )
      ),
      'PriorityInUse'
    ),
  deleteRule: (arn) =>
    gone(
      call('DeleteRule', (options) => client.send(new DeleteRuleCommand({ RuleArn: arn }), options)),
      () =>
        call('DescribeRules', (options) =>
          client.send(new DescribeRulesCommand({ RuleArns: [arn] }), options)
        )
    ),
  tags: async (arns) => tagsByArn(client, call, arns)
})

const GONE = ['TargetGroupNotFound', 'RuleNotFound'] as const

/**
 * Resolves once something is deleted. The answer to a first attempt may have been lost; then the service says that it is gone or, where a policy asks for its tags, that
 * the second attempt is not allowed. So a look decides.
 */
const gone = async (deleting: Promise<unknown>, look: () => Promise<unknown>): Promise<void> => {
  try {
    await unless(deleting, ...GONE)
  } catch (error) {
    if ((await unless(look(), ...GONE)) !== undefined) throw error
  }
}

/** One ARN that is gone makes the service refuse all of them, so what fails together is asked one by one. */
const tagsByArn = async (
  client: ElasticLoadBalancingV2Client,
  call: Call,
  arns: readonly string[]
): Promise<Map<string, Tags>> => {
  const tags = new Map<string, Tags>()
  const read = async (some: readonly string[]): Promise<void> => {
    const found = await unless(
      call('DescribeTags', (options) =>
        client.send(new DescribeTagsCommand({ ResourceArns: [...some] }), options)
      ),
      ...GONE
    )
    if (found === undefined && some.length > 1) for (const one of some) await read([one])
    for (const { ResourceArn = '', Tags: list = [] } of found?.TagDescriptions ?? [])
      tags.set(ResourceArn, Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value])))
  }
  for (let at = 0; at < arns.length; at += ARNS_AT_ONCE) await read(arns.slice(at, at + ARNS_AT_ONCE))
  return tags
}

const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

/** ELB API: CreateTargetGroup. The service takes the same request again and then makes no second group. */
const targetGroupRequest = (
  name: string,
  like: TargetGroupLike,
  tags: Tags
): CreateTargetGroupCommand['input'] => ({
  ...{ Name: name, VpcId: like.vpc, Port: like.port, TargetType: 'instance', Tags: tagList(tags) },
  Protocol: like.protocol as Described['Protocol'],
  ProtocolVersion: like.protocolVersion,
  HealthCheckProtocol: like.check.protocol as Described['HealthCheckProtocol'],
  HealthCheckPort: like.check.port,
  HealthCheckPath: like.check.path,
  HealthCheckIntervalSeconds: like.check.intervalSeconds,
  HealthCheckTimeoutSeconds: like.check.timeoutSeconds,
  HealthyThresholdCount: like.check.healthyCount,
  UnhealthyThresholdCount: like.check.unhealthyCount,
  Matcher: like.check.codes === undefined ? undefined : { HttpCode: like.check.codes }
})

const toTargetGroup = (group: Described): TargetGroup => ({
  arn: group.TargetGroupArn ?? '',
  name: group.TargetGroupName ?? '',
  vpc: group.VpcId ?? '',
  protocol: group.Protocol ?? '',
  protocolVersion: group.ProtocolVersion,
  port: group.Port ?? 0,
  check: {
    protocol: group.HealthCheckProtocol,
    port: group.HealthCheckPort,
    path: group.HealthCheckPath,
    codes: group.Matcher?.HttpCode,
    intervalSeconds: group.HealthCheckIntervalSeconds,
    timeoutSeconds: group.HealthCheckTimeoutSeconds,
    healthyCount: group.HealthyThresholdCount,
    unhealthyCount: group.UnhealthyThresholdCount
  }
})

/** Older rules have their hosts in `Values` (ELB API: RuleCondition). */
const toRule = ({ RuleArn = '', Priority, Conditions = [], Actions = [], IsDefault }: Rule): ListenerRule => {
  const onHosts = Conditions.filter(({ Field }) => Field === 'host-header')
  return {
    arn: RuleArn,
    priority: IsDefault === true || Priority === 'default' ? undefined : Number(Priority),
    hosts: onHosts.flatMap(({ HostHeaderConfig, Values }) => HostHeaderConfig?.Values ?? Values ?? []),
    onlyHosts: onHosts.length === Conditions.length,
    targetGroups: Actions.flatMap(({ TargetGroupArn, ForwardConfig }) => [
      ...new Set([
        ...(TargetGroupArn === undefined ? [] : [TargetGroupArn]),
        ...(ForwardConfig?.TargetGroups ?? []).flatMap((one) => one.TargetGroupArn ?? [])
      ])
    ])
  }
}
