import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { CheckReads } from '../check-port.js'
import type { Forward } from '../domain/check/facts.js'
import { factsOf } from '../domain/fault.js'
import type { Call } from './client-config.js'
import { everyPage } from './pages.js'

const DEREGISTRATION_DELAY = 'deregistration_delay.timeout_seconds'
/** Only listeners of an Application Load Balancer have rules (ELB API: Rule): `…:listener/app/NAME/ID/ID`. */
const OF_APPLICATIONS = ':listener/app/'

/** What `check` reads of Elastic Load Balancing. */
export const ofBalancing = (
  client: ElasticLoadBalancingV2Client,
  call: Call
): Pick<CheckReads, 'targetGroup' | 'listeners' | 'rules' | 'drainSeconds'> => ({
  targetGroup: async (name) => {
    const { TargetGroups: [found] = [] } = await call('DescribeTargetGroups', (options) =>
      client.send(new DescribeTargetGroupsCommand({ Names: [name] }), options)
    ).catch((error: unknown) => {
      if (factsOf(error).name.startsWith('TargetGroupNotFound')) return { TargetGroups: [] }
      throw error
    })
    if (found === undefined) return undefined
    return {
      name,
      arn: found.TargetGroupArn ?? '',
      balancers: found.LoadBalancerArns ?? [],
      targetType: found.TargetType ?? 'instance',
      checksHealth: found.HealthCheckEnabled !== false,
      path: found.HealthCheckPath ?? '',
      port: found.HealthCheckPort ?? 'traffic-port',
      intervalSeconds: found.HealthCheckIntervalSeconds ?? 0,
      healthyCount: found.HealthyThresholdCount ?? 0
    }
  },
  listeners: (balancer) =>
    everyPage(async (Marker) => {
      const { Listeners = [], NextMarker: nextToken } = await call('DescribeListeners', (options) =>
        client.send(new DescribeListenersCommand({ LoadBalancerArn: balancer, Marker }), options)
      )
      const items = Listeners.map(({ ListenerArn: arn = '', Port: port = 0, DefaultActions }) => ({
        ...{ arn, port, forwards: forwardsOf(DefaultActions) }
      }))
      return { items, nextToken }
    }),
  rules: async (listener) => {
    if (!listener.includes(OF_APPLICATIONS)) return []
    return everyPage(async (Marker) => {
      const { Rules = [], NextMarker: nextToken } = await call('DescribeRules', (options) =>
        client.send(new DescribeRulesCommand({ ListenerArn: listener, Marker }), options)
      )
      const items = Rules.filter(({ IsDefault }) => IsDefault !== true).map(
        ({ RuleArn: arn = '', Priority: priority = '', Actions }) => ({
          ...{ arn, priority, forwards: forwardsOf(Actions) }
        })
      )
      return { items, nextToken }
    })
  },
  drainSeconds: async (arn) => {
    const { Attributes = [] } = await call('DescribeTargetGroupAttributes', (options) =>
      client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }), options)
    )
    return Number(Attributes.find(({ Key }) => Key === DEREGISTRATION_DELAY)?.Value ?? 0)
  }
})

/** An action names one target group, or several with weights; the service may say both (ELB API: Action). */
const forwardsOf = (actions: readonly Action[] = []): Forward[] =>
  actions.flatMap(({ TargetGroupArn, ForwardConfig }) => {
    const { TargetGroups: several = [] } = ForwardConfig ?? {}
    if (several.length === 0) return TargetGroupArn === undefined ? [] : [{ arn: TargetGroupArn, weight: 1 }]
    return several.map(({ TargetGroupArn: arn = '', Weight: weight = 1 }) => ({ arn, weight }))
  })
