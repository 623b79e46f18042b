import { request } from 'node:http'
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

/** What a workflow says of previews at addresses of their own. */
export const previewInputs = ({ env }: Pick<Cloud, 'env'>): Record<string, string> => ({
  'preview-host': 'pr-{number}.preview.example.com',
  'preview-listener-arn': env['PREVIEW_LISTENER_ARN'] ?? '',
  'preview-launch-template': env['PREVIEW_LAUNCH_TEMPLATE'] ?? '',
  'preview-service-role-arn': env['PREVIEW_SERVICE_ROLE_ARN'] ?? ''
})

/** What the listener answers for a host: the version of the application, or the status. */
export const askedAt = ({ env }: Cloud, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asking = request(env['PREVIEW_URL'] ?? '', { headers: { host }, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => (text += piece))
      answer.on('end', () => {
        const isFine = answer.statusCode === 200
        resolve(isFine ? (JSON.parse(text) as { version: string }).version : `HTTP ${answer.statusCode ?? 0}`)
      })
    })
    asking.on('error', reject)
    asking.end()
  })
