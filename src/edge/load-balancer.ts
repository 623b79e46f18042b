import type { Health, HealthCheck } from '../domain/health.js'
import type { TargetHealth } from '../ports.js'
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type TargetGroup,
  type ElasticLoadBalancingV2Client
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { aborting } from './client-config.js'
import { retrying, type RetryPolicy } from './retry.js'

/**
 * Asks the load balancer for the health of its targets. A deployment group has only the names of target groups (API:
 * TargetGroupInfo), so it looks up their ARNs, and how they check, the first time. Neither action can be limited to a resource.
 */
export const targetHealth = (client: ElasticLoadBalancingV2Client, patience: RetryPolicy): TargetHealth => {
  const known = new Map<string, TargetGroup[]>()
  const groupsOf = async (names: readonly string[]): Promise<TargetGroup[]> => {
    const before = known.get(names.join())
    if (before !== undefined) return before
    const { TargetGroups: groups = [] } = await retrying(
      'DescribeTargetGroups',
      (abortSignal) =>
        client.send(new DescribeTargetGroupsCommand({ Names: [...names] }), aborting(abortSignal)),
      patience
    )
    known.set(names.join(), groups)
    return groups
  }
  const healthIn = async (group: TargetGroup): Promise<Health[]> => {
    const { TargetHealthDescriptions: descriptions = [] } = await retrying(
      'DescribeTargetHealth',
      (abortSignal) =>
        client.send(
          new DescribeTargetHealthCommand({ TargetGroupArn: group.TargetGroupArn }),
          aborting(abortSignal)
        ),
      patience
    )
    return descriptions.flatMap(({ Target, TargetHealth: said }) =>
      Target?.Id === undefined
        ? []
        : [
            {
              id: Target.Id,
              state: said?.State ?? 'unknown',
              reason: said?.Reason,
              description: said?.Description,
              check: checkOf(group)
            }
          ]
    )
  }
  return async (names) => (await Promise.all((await groupsOf(names)).map(healthIn))).flat()
}

const checkOf = (group: TargetGroup): HealthCheck | undefined =>
  group.HealthCheckEnabled === false
    ? undefined
    : {
        protocol: group.HealthCheckProtocol ?? '',
        port: group.HealthCheckPort ?? '',
        path: group.HealthCheckPath ?? '',
        codes: group.Matcher?.HttpCode ?? group.Matcher?.GrpcCode ?? '',
        intervalSeconds: group.HealthCheckIntervalSeconds ?? 0,
        healthyCount: group.HealthyThresholdCount ?? 0
      }
