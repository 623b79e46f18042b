import { AutoScaling } from '@aws-sdk/client-auto-scaling'
import { CodeDeploy } from '@aws-sdk/client-codedeploy'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { PLACE } from '../cloud/parts.js'
import type { Cloud } from '../cloud/start.js'
import { administrator } from '../cloud/wire/clients.js'

/** Whatever is there of previews, and nothing else, as the account's administrator sees it: `rule 1`, `target group pr-7-…`, … */
export const previewParts = async (cloud: Cloud): Promise<string[]> => {
  const options = { endpoint: cloud.url, region: PLACE.region, credentials: administrator(cloud) }
  const [balancing, scaling, deploying] = [
    new ElasticLoadBalancingV2(options),
    new AutoScaling(options),
    new CodeDeploy(options)
  ]
  const [{ TargetGroups = [] }, { Rules = [] }, { AutoScalingGroups = [] }, groups] = await Promise.all([
    balancing.describeTargetGroups(),
    balancing.describeRules({ ListenerArn: cloud.env['PREVIEW_LISTENER_ARN'] ?? '' }),
    scaling.describeAutoScalingGroups(),
    deploying
      .listDeploymentGroups({ applicationName: `${PLACE.application}-previews` })
      .catch(() => ({ deploymentGroups: [] }))
  ])
  const isPreview = (name = ''): boolean => /^pr-\d/.test(name)
  return [
    ...TargetGroups.map(({ TargetGroupName }) => TargetGroupName)
      .filter(isPreview)
      .map((name) => `target group ${name ?? ''}`),
    ...Rules.filter(({ IsDefault }) => IsDefault !== true).map(({ Priority }) => `rule ${Priority ?? ''}`),
    ...AutoScalingGroups.filter(({ AutoScalingGroupName }) => isPreview(AutoScalingGroupName)).map(
      ({ AutoScalingGroupName, Instances = [] }) =>
        `Auto Scaling group ${AutoScalingGroupName ?? ''} with ${Instances.length}`
    ),
    ...(groups.deploymentGroups ?? []).map((name) => `deployment group ${name}`)
  ].sort()
}
