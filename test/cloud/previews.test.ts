import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand
} from '@aws-sdk/client-auto-scaling'
import {
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand
} from '@aws-sdk/client-codedeploy'
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import { VPC } from './loadbalancing/model.js'
import { tar, treeOf } from './machines/fixture.js'
import { startCloud } from './start.js'
import { administrator, clientsOf } from './wire/clients.js'

const APP = fileURLToPath(new URL('../../examples/app', import.meta.url))
const [APPLICATION, NAME, HOST] = ['ExampleApp-previews', 'pr-7', 'pr-7.preview.example.com']

/** What a visitor of this host gets: status and body. */
const visit = (url: string, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const call = request(url, { headers: { host }, agent: false }, (answer) => {
      let body = ''
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
      answer.on('end', () => resolve(`${answer.statusCode ?? 0} ${body}`))
    })
    call.on('error', reject)
    call.end()
  })

test('a preview on a server that really runs answers at its own host, and is gone with its fleet', async () => {
  const cloud = await startCloud({ previews: true, instances: 1, timeScale: 500 })
  const options = { endpoint: cloud.url, region: 'ap-northeast-2', credentials: administrator(cloud) }
  const [elb, scaling] = [new ElasticLoadBalancingV2Client(options), new AutoScalingClient(options)]
  const { codedeploy, s3 } = clientsOf(cloud)
  const { inspect } = cloud.planes
  const { fleets } = inspect
  const status = () => inspect.deployments()[0]?.status
  const ending = AbortSignal.timeout(60_000)
  const url = cloud.env['PREVIEW_URL'] ?? ''
  try {
    const { TargetGroups = [] } = await elb.send(
      new CreateTargetGroupCommand({
        ...{ Name: NAME, Protocol: 'HTTP', Port: 80, VpcId: VPC, HealthCheckPath: '/health' }
      })
    )
    const group = TargetGroups[0]?.TargetGroupArn ?? ''
    await elb.send(
      new CreateRuleCommand({
        ...{ ListenerArn: cloud.env['PREVIEW_LISTENER_ARN'], Priority: 7 },
        Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: [HOST] } }],
        Actions: [{ Type: 'forward', TargetGroupArn: group }]
      })
    )
    expect(await visit(url, HOST)).toMatch(/^503 /)
    await scaling.send(
      new CreateAutoScalingGroupCommand({
        ...{ AutoScalingGroupName: NAME, MinSize: 1, MaxSize: 1, HealthCheckType: 'EC2' },
        ...{ VPCZoneIdentifier: 'subnet-1', TargetGroupARNs: [group] },
        LaunchTemplate: { LaunchTemplateName: cloud.env['PREVIEW_LAUNCH_TEMPLATE'], Version: '1' }
      })
    )
    await fleets.until(() => fleets.inService(NAME).length === 1, ending)
    await codedeploy.send(new CreateApplicationCommand({ applicationName: APPLICATION }))
    await codedeploy.send(
      new CreateDeploymentGroupCommand({
        ...{ applicationName: APPLICATION, deploymentGroupName: NAME, autoScalingGroups: [NAME] },
        serviceRoleArn: cloud.env['PREVIEW_SERVICE_ROLE_ARN'],
        deploymentConfigName: 'CodeDeployDefault.AllAtOnce'
      })
    )
    const place = { Bucket: cloud.env['S3_BUCKET'], Key: 'pr-7.tar' }
    await s3.send(new PutObjectCommand({ ...place, Body: tar(treeOf(APP, { VERSION: 'pr-7\n' })) }))
    await codedeploy.send(
      new CreateDeploymentCommand({
        ...{ applicationName: APPLICATION, deploymentGroupName: NAME },
        revision: {
          revisionType: 'S3',
          s3Location: { bucket: place.Bucket, key: place.Key, bundleType: 'tar' }
        }
      })
    )
    while (!['Succeeded', 'Failed'].includes(status() ?? '')) {
      ending.throwIfAborted()
      await cloud.clock.sleep(5000, ending)
    }
    expect(status()).toBe('Succeeded')
    expect(await visit(url, HOST)).toMatch(/^200 .*"version":"pr-7"/)
    expect(await visit(url, 'pr-8.preview.example.com')).toBe('404 No such preview.\n')
    await scaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: NAME, ForceDelete: true }))
    await fleets.until(() => fleets.find(NAME) === undefined, ending)
    expect(await visit(url, HOST)).toMatch(/^503 /)
    expect(inspect.faults()).toEqual([])
  } finally {
    for (const client of [elb, scaling, codedeploy, s3]) client.destroy()
    await cloud.stop()
  }
}, 90_000)
