import { actionAnswer } from './actions.js'
import { conditionAnswer } from './conditions.js'
import type { Listener, LoadBalancer, Rule } from './model.js'
import type { TargetGroup, TargetHealth } from './target-groups.js'

/** LoadBalancer of the API. */
export const balancerAnswer = (balancer: LoadBalancer, zoneOf: (subnet: string) => string): object => ({
  LoadBalancerArn: balancer.arn,
  DNSName: balancer.dnsName,
  CanonicalHostedZoneId: 'Z0000000000000',
  CreatedTime: new Date(balancer.createdAt),
  LoadBalancerName: balancer.name,
  Scheme: balancer.scheme,
  VpcId: balancer.vpcId,
  State: { Code: 'active' },
  Type: 'application',
  AvailabilityZones: balancer.subnets.map((SubnetId) => ({ ZoneName: zoneOf(SubnetId), SubnetId })),
  SecurityGroups: balancer.securityGroups,
  IpAddressType: 'ipv4'
})

/** Listener of the API; its port is the one on which it really listens. */
export const listenerAnswer = (listener: Listener): object => {
  const { port } = new URL(listener.plane.url)
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.balancer.arn,
    Port: Number(port === '' ? '80' : port),
    Protocol: listener.protocol,
    DefaultActions: [actionAnswer(listener.action)]
  }
}

/** Rule of the API. */
export const ruleAnswer = (rule: Rule): object => ({
  RuleArn: rule.arn,
  Priority: String(rule.priority),
  Conditions: rule.conditions.map(conditionAnswer),
  Actions: [actionAnswer(rule.action)],
  IsDefault: false
})

/** The default action of a listener, which the API shows as its last rule. */
export const defaultRuleAnswer = (listener: Listener): object => ({
  RuleArn: defaultRuleArn(listener),
  Priority: 'default',
  Conditions: [],
  Actions: [actionAnswer(listener.action)],
  IsDefault: true
})

export const defaultRuleArn = ({ arn }: Listener): string =>
  `${arn.replace(':listener/', ':listener-rule/')}/0000000000000000`

/** TargetGroup of the API. */
export const groupAnswer = (group: TargetGroup, balancers: readonly LoadBalancer[]): object => ({
  TargetGroupArn: group.arn,
  TargetGroupName: group.name,
  Protocol: group.protocol,
  Port: group.port,
  VpcId: group.vpcId,
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: 'traffic-port',
  HealthCheckEnabled: true,
  HealthCheckIntervalSeconds: group.check.intervalSeconds,
  HealthCheckTimeoutSeconds: group.check.timeoutSeconds,
  HealthyThresholdCount: group.check.healthyThreshold,
  UnhealthyThresholdCount: group.check.unhealthyThreshold,
  HealthCheckPath: group.check.path,
  Matcher: { HttpCode: group.check.matcher },
  LoadBalancerArns: balancers.map(({ arn }) => arn),
  TargetType: 'instance',
  ProtocolVersion: 'HTTP1',
  IpAddressType: 'ipv4'
})

/** The attributes of a target group as the API shows them. */
export const attributesAnswer = (group: TargetGroup): object => ({
  Attributes: [...group.attributes].map(([Key, Value]) => ({ Key, Value }))
})

/** TargetHealthDescription of the API. */
export const healthAnswer = ({ port }: TargetGroup, health: TargetHealth): object => ({
  Target: { Id: health.machineId, Port: port },
  HealthCheckPort: String(port),
  TargetHealth: {
    State: health.state,
    Reason: health.reason,
    Description: health.description ?? describe(health)
  }
})

const describe = ({ reason }: TargetHealth): string | undefined => {
  switch (reason) {
    case 'Elb.RegistrationInProgress':
      return 'Target registration is in progress'
    case 'Elb.InitialHealthChecking':
      return 'Initial health checks in progress'
    case 'Target.DeregistrationInProgress':
      return 'Target deregistration is in progress'
    case 'Target.NotRegistered':
      return 'Target is not registered to the target group'
    case 'Target.NotInUse':
      return 'Target group is not configured to receive traffic from the load balancer'
    case 'Target.Timeout':
      return 'Request timed out'
    case 'Target.FailedHealthChecks':
      return 'Health checks failed'
    default:
      return undefined
  }
}
