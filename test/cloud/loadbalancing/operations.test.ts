import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { refusalOf } from '../scripted/look.js'
import { VPC } from './model.js'

let cloud: ScriptedCloud
let arn: string

const call = async (
  operation: string,
  input: Record<string, unknown> = {}
): Promise<Record<string, unknown>> =>
  (await cloud.planes.elbv2[operation]?.(input, { arn: 'arn', accountId: '123456789012' })) as Record<
    string,
    unknown
  >

beforeEach(async () => {
  cloud = await scriptedCloud({
    balancing: { drain: (_id, delay) => cloud.clock.sleep(delay * 1000) },
    seed: { deregistrationDelaySeconds: 60 }
  })
  const { TargetGroups } = (await call('DescribeTargetGroups', { Names: ['web-blue-green'] })) as {
    TargetGroups: { TargetGroupArn: string }[]
  }
  arn = TargetGroups[0]?.TargetGroupArn ?? ''
})

afterEach(async () => {
  await cloud.planes.stop()
})

const states = async (): Promise<unknown> => {
  const { TargetHealthDescriptions } = (await call('DescribeTargetHealth', { TargetGroupArn: arn })) as {
    TargetHealthDescriptions: { TargetHealth: { State: string } }[]
  }
  return TargetHealthDescriptions.map((one) => one.TargetHealth.State)
}

const firstInstance = (): string => cloud.planes.inspect.fleets.allInstances()[0]?.id ?? ''

describe('target groups', () => {
  test('show their load balancer, listener, health check and delay', async () => {
    const balancers = await call('DescribeLoadBalancers')
    expect(balancers).toMatchObject({
      LoadBalancers: [{ LoadBalancerName: 'web-blue-green-lb', State: { Code: 'active' } }]
    })
    const { LoadBalancerArn } = (balancers['LoadBalancers'] as { LoadBalancerArn: string }[])[0] ?? {}
    expect(await call('DescribeListeners', { LoadBalancerArn })).toMatchObject({
      Listeners: [{ DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }] }]
    })
    expect(await call('DescribeTargetGroupAttributes', { TargetGroupArn: arn })).toMatchObject({
      Attributes: expect.arrayContaining([{ Key: 'deregistration_delay.timeout_seconds', Value: '60' }])
    })
  })

  test("are created with the service's defaults", async () => {
    const place = { Name: 'extra', Protocol: 'HTTP', Port: '80', VpcId: VPC }
    expect(await call('CreateTargetGroup', { ...place, HealthCheckPath: '/health' })).toMatchObject({
      TargetGroups: [
        {
          TargetGroupName: 'extra',
          HealthCheckPath: '/health',
          HealthyThresholdCount: 5,
          HealthCheckIntervalSeconds: 30
        }
      ]
    })
    expect(await refusalOf(call('CreateTargetGroup', place))).toContain('DuplicateTargetGroupName')
  })

  test('drain for their delay', async () => {
    expect(await states()).toEqual(['healthy', 'healthy'])
    await call('DeregisterTargets', { TargetGroupArn: arn, Targets: [{ Id: firstInstance() }] })
    expect(await states()).toEqual(['healthy', 'draining'])
    await cloud.pass(61)
    expect(await states()).toEqual(['healthy'])
    const asked = await call('DescribeTargetHealth', {
      TargetGroupArn: arn,
      Targets: [{ Id: firstInstance() }]
    })
    expect(asked).toMatchObject({
      TargetHealthDescriptions: [{ TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered' } }]
    })
    await call('RegisterTargets', { TargetGroupArn: arn, Targets: [{ Id: firstInstance() }] })
    expect(await states()).toEqual(['healthy', 'healthy'])
  })

  test('forget a terminated instance', async () => {
    cloud.planes.inspect.fleets.terminate(firstInstance(), true)
    await cloud.pass(1)
    expect(await states()).toEqual(['healthy'])
  })

  test('accept a new delay within its range', async () => {
    const delay = (Value: string): Promise<unknown> =>
      call('ModifyTargetGroupAttributes', {
        TargetGroupArn: arn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value }]
      })
    expect(await delay('0')).toMatchObject({
      Attributes: expect.arrayContaining([{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }])
    })
    expect(await refusalOf(delay('3601'))).toContain('InvalidConfigurationRequest')
  })
})

describe('refusals', () => {
  const rows: [name: string, operation: string, input: Record<string, unknown>, refusal: string][] = [
    ['an unknown balancer', 'DescribeLoadBalancers', { Names: ['x'] }, 'LoadBalancerNotFound'],
    ['an unknown target group', 'DescribeTargetGroups', { Names: ['x'] }, 'TargetGroupNotFound'],
    ['an unknown ARN', 'DescribeTargetHealth', { TargetGroupArn: 'x' }, 'TargetGroupNotFound'],
    ['no ARN', 'DescribeTargetHealth', {}, 'ValidationError']
  ]

  test.each(rows)('%s', async (_name, operation, input, refusal) => {
    expect(await refusalOf(call(operation, input))).toContain(refusal)
  })

  test('an instance that is not running', async () => {
    const input = { TargetGroupArn: arn, Targets: [{ Id: 'i-00000000000000000' }] }
    expect(await refusalOf(call('RegisterTargets', input))).toContain('InvalidTarget')
  })
})
