import type { TargetGroup, TargetHealth } from './target-groups.js'

const NETWORK = 'vpc-0123456789abcdef0'

/** LoadBalancer of the API. */
export const balancerAnswer = (group: TargetGroup): object => ({
  LoadBalancerArn: group.loadBalancer.arn,
  DNSName: group.loadBalancer.dnsName,
  CanonicalHostedZoneId: 'Z0000000000000',
  CreatedTime: new Date(group.createdAt),
  LoadBalancerName: group.loadBalancer.name,
  Scheme: 'internet-facing',
  VpcId: NETWORK,
  State: { Code: 'active' },
  Type: 'application',
  IpAddressType: 'ipv4'
})

/** TargetGroup of the API. */
export const groupAnswer = (group: TargetGroup): object => ({
  TargetGroupArn: group.arn,
  TargetGroupName: group.name,
  Protocol: 'HTTP',
  Port: 80,
  VpcId: NETWORK,
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: 'traffic-port',
  HealthCheckEnabled: true,
  HealthCheckIntervalSeconds: group.check.intervalSeconds,
  HealthCheckTimeoutSeconds: group.check.timeoutSeconds,
  HealthyThresholdCount: group.check.healthyThreshold,
  UnhealthyThresholdCount: group.check.unhealthyThreshold,
  HealthCheckPath: group.check.path,
  Matcher: { HttpCode: group.check.matcher },
  LoadBalancerArns: [group.loadBalancer.arn],
  TargetType: 'instance',
  ProtocolVersion: 'HTTP1',
  IpAddressType: 'ipv4'
})

/** The attributes of a target group as the API shows them. */
export const attributesAnswer = (group: TargetGroup): object => ({
  Attributes: [...group.attributes].map(([Key, Value]) => ({ Key, Value }))
})

/** TargetHealthDescription of the API. */
export const healthAnswer = (health: TargetHealth): object => ({
  Target: { Id: health.machineId, Port: 80 },
  HealthCheckPort: '80',
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
    case 'Target.Timeout':
      return 'Request timed out'
    case 'Target.FailedHealthChecks':
      return 'Health checks failed'
    default:
      return undefined
  }
}
