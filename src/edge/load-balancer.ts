import type { TargetHealth } from '../ports.js'
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { aborting } from './client-config.js'
import { retrying, type RetryPolicy } from './retry.js'

/**
 * Asks the load balancer for the health of its targets. A deployment group has only the names of target groups (API:
 * TargetGroupInfo), so it looks up their ARNs first. Neither action can be limited to a resource.
 */
export const targetHealth =
  (client: ElasticLoadBalancingV2Client, patience: RetryPolicy): TargetHealth =>
  async (names) => {
    const { TargetGroups: groups = [] } = await retrying(
      'DescribeTargetGroups',
      (abortSignal) =>
        client.send(new DescribeTargetGroupsCommand({ Names: [...names] }), aborting(abortSignal)),
      patience
    )
    const health = await Promise.all(
      groups.map(({ TargetGroupArn }) =>
        retrying(
          'DescribeTargetHealth',
          (abortSignal) =>
            client.send(new DescribeTargetHealthCommand({ TargetGroupArn }), aborting(abortSignal)),
          patience
        )
      )
    )
    return health.flatMap(({ TargetHealthDescriptions: descriptions = [] }) =>
      descriptions.flatMap(({ Target, TargetHealth: state }) =>
        Target?.Id === undefined ? [] : [{ id: Target.Id, state: state?.State ?? 'unknown' }]
      )
    )
  }
