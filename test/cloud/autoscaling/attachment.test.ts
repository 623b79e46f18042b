import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
  AttachLoadBalancerTargetGroupsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  type AutoScalingGroup,
  type CreateAutoScalingGroupCommandInput
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { steppedClock, type SteppedClock } from '../clock.js'
import type { Machine, TargetHealthState } from '../contract.js'
import { VPC } from '../loadbalancing/model.js'
import { PREVIEWS } from '../preview-place.js'
import { startCloud, type Cloud } from '../start.js'
import { administrator, refusalOf } from '../wire/clients.js'

let clock: SteppedClock
let cloud: Cloud
let scaling: AutoScalingClient
let elb: ElasticLoadBalancingV2Client
let ec2: EC2Client
let targetGroup: string
/** Health of the instances of the group under test. */
let health: TargetHealthState

const NAME = 'preview-7'
const TEMPLATE = { LaunchTemplateName: PREVIEWS.launchTemplate, Version: '$Default' }
const ZONES = 'subnet-0123456789abcdef0,subnet-0123456789abcdef1'

beforeEach(async () => {
  health = 'healthy'
  clock = steppedClock(Date.now())
  cloud = await startCloud({
    ...{ scripted: true, previews: true, clock, script: { bootSeconds: 10 } },
    balancing: { drain: 'for-the-delay', health: (_machine: Machine) => ({ state: health }) }
  })
  const options = {
    ...{ endpoint: cloud.url, region: 'ap-northeast-2', maxAttempts: 1 },
    credentials: administrator(cloud)
  }
  scaling = new AutoScalingClient(options)
  elb = new ElasticLoadBalancingV2Client(options)
  ec2 = new EC2Client(options)
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({ Name: NAME, Protocol: 'HTTP', Port: 80, VpcId: VPC })
  )
  targetGroup = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.send(
    new CreateRuleCommand({
      ...{ ListenerArn: cloud.env['PREVIEW_LISTENER_ARN'], Priority: 7 },
      Conditions: [{ Field: 'host-header', Values: ['pr-7.example.com'] }],
      Actions: [{ Type: 'forward', TargetGroupArn: targetGroup }]
    })
  )
})

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  for (const client of [scaling, elb, ec2]) client.destroy()
  await cloud.stop()
})

const create = (more: Partial<CreateAutoScalingGroupCommandInput> = {}) =>
  scaling.send(
    new CreateAutoScalingGroupCommand({
      ...{ AutoScalingGroupName: NAME, MinSize: 1, MaxSize: 2, DesiredCapacity: 1 },
      ...{ LaunchTemplate: TEMPLATE, VPCZoneIdentifier: ZONES, TargetGroupARNs: [targetGroup] },
      ...more
    })
  )

const pass = (seconds: number): Promise<void> => clock.advance(seconds * 1000)

const group = async (): Promise<AutoScalingGroup | undefined> =>
  (await scaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [NAME] })))
    .AutoScalingGroups?.[0]

const ids = async (): Promise<(string | undefined)[]> =>
  ((await group())?.Instances ?? []).map(({ InstanceId }) => InstanceId)

const targets = async (): Promise<string[]> => {
  const { TargetHealthDescriptions = [] } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup })
  )
  return TargetHealthDescriptions.map(({ Target, TargetHealth }) =>
    [Target?.Id, TargetHealth?.State].join(' ')
  )
}

describe('target groups', () => {
  test('get every instance that comes into service, and lose it before it ends', async () => {
    await create()
    expect(await targets()).toEqual([])
    await pass(11)
    const [first] = await ids()
    expect(await targets()).toEqual([`${first} healthy`])
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: NAME, DesiredCapacity: 2 }))
    await pass(11)
    expect(await targets()).toHaveLength(2)
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: NAME, DesiredCapacity: 1 }))
    expect(await targets()).toContain(`${first} draining`)
    await pass(301)
    expect(await ids()).toHaveLength(1)
    expect(await targets()).toEqual([`${(await ids())[0]} healthy`])
  })

  test('get none while AddToLoadBalancer is suspended', async () => {
    await create({ DesiredCapacity: 0, MinSize: 0 })
    await scaling.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: NAME, ScalingProcesses: ['AddToLoadBalancer'] })
    )
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: NAME, DesiredCapacity: 1 }))
    await pass(11)
    expect(await ids()).toHaveLength(1)
    expect(await targets()).toEqual([])
  })

  test('can be attached and detached later', async () => {
    await create({ TargetGroupARNs: [] })
    await pass(11)
    const input = { AutoScalingGroupName: NAME, TargetGroupARNs: [targetGroup] }
    await scaling.send(new AttachLoadBalancerTargetGroupsCommand(input))
    expect(await targets()).toHaveLength(1)
    expect((await group())?.TargetGroupARNs).toEqual([targetGroup])
    await scaling.send(new DetachLoadBalancerTargetGroupsCommand(input))
    await pass(301)
    expect(await targets()).toEqual([])
    expect((await group())?.TargetGroupARNs).toEqual([])
  })
})

describe('instances that their target group calls unhealthy', () => {
  test('stay with HealthCheckType EC2', async () => {
    await create({ HealthCheckType: 'EC2' })
    await pass(11)
    const before = await ids()
    health = 'unhealthy'
    await pass(3600)
    expect(await ids()).toEqual(before)
  })

  test('are replaced with ELB, once the grace period is over', async () => {
    await create({ HealthCheckType: 'ELB', HealthCheckGracePeriod: 120 })
    await pass(11)
    const before = await ids()
    health = 'unhealthy'
    await pass(100)
    expect(await ids()).toEqual(before)
    await pass(30)
    health = 'healthy'
    await pass(301)
    expect(await ids()).toHaveLength(1)
    expect(await ids()).not.toEqual(before)
  })

  test('are replaced as soon as an update says ELB', async () => {
    await create({ HealthCheckType: 'EC2' })
    await pass(11)
    const before = await ids()
    health = 'unhealthy'
    await scaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: NAME, HealthCheckType: 'ELB' })
    )
    await pass(20)
    health = 'healthy'
    await pass(301)
    expect(await ids()).not.toEqual(before)
  })
})

describe('groups', () => {
  const rows: [name: string, change: Partial<CreateAutoScalingGroupCommandInput>, refusal: string][] = [
    [
      'an unknown launch template',
      { LaunchTemplate: { LaunchTemplateName: 'x' } },
      'The specified launch template, with template name x, does not exist.'
    ],
    [
      'an unknown version',
      { LaunchTemplate: { ...TEMPLATE, Version: '2' } },
      'Could not find the specified version 2'
    ],
    ['an unknown subnet', { VPCZoneIdentifier: `${ZONES},subnet-x` }, "'subnet-x' does not exist"],
    ['an unknown target group', { TargetGroupARNs: ['arn:x'] }, 'Provided Target Groups may not be valid'],
    ['an unknown health check', { HealthCheckType: 'XYZ' }, "Invalid health check type 'XYZ'"],
    ['a maximum under the minimum', { MaxSize: 0 }, 'must be greater than or equal to min bound']
  ]
  test.each(rows)('with %s are refused', async (_name, change, words) => {
    await expect(create(change)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining(words)
    })
    expect(await group()).toBeUndefined()
  })

  test('take any version that the template has', async () => {
    const { templates } = cloud.planes.inspect
    const id = templates.find({ name: PREVIEWS.launchTemplate })?.id ?? ''
    expect(templates.addVersion(id, { profile: undefined })).toBe(2)
    const version = async (Version: string): Promise<string | undefined> => {
      const AutoScalingGroupName = `v${Version.replace('$', '')}`
      await create({ AutoScalingGroupName, LaunchTemplate: { LaunchTemplateId: id, Version } })
      await pass(11)
      const filter = { Name: 'tag:aws:autoscaling:groupName', Values: [AutoScalingGroupName] }
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: [filter] }))
      return Reservations[0]?.Instances?.[0]?.IamInstanceProfile?.Arn?.split('/')[1]
    }
    expect(await version('$Default')).toBe(PREVIEWS.instanceProfile)
    expect(await version('$Latest')).toBeUndefined()
    expect(await version('1')).toBe(PREVIEWS.instanceProfile)
  })

  test('of a name that is taken, and more than the quota, are refused', async () => {
    await create()
    expect(await refusalOf(create())).toBe('AlreadyExistsFault')
    cloud.planes.inspect.quotas.autoScalingGroups = 2
    expect(await refusalOf(create({ AutoScalingGroupName: 'one-more' }))).toBe('LimitExceededFault')
  })

  test('take their zones from their subnets, also from an update', async () => {
    await create()
    expect((await group())?.AvailabilityZones).toEqual(['ap-northeast-2a', 'ap-northeast-2b'])
    const VPCZoneIdentifier = 'subnet-2'
    await scaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: NAME, VPCZoneIdentifier }))
    expect(await group()).toMatchObject({ VPCZoneIdentifier, AvailabilityZones: ['ap-northeast-2b'] })
    const unknown = { AutoScalingGroupName: NAME, VPCZoneIdentifier: 'subnet-x' }
    expect(await refusalOf(scaling.send(new UpdateAutoScalingGroupCommand(unknown)))).toBe('ValidationError')
  })

  test('are found by tags', async () => {
    await create({ Tags: [{ Key: 'preview', Value: '7', PropagateAtLaunch: true }] })
    const found = async (Name: string, Values: string[]) => {
      const { AutoScalingGroups } = await scaling.send(
        new DescribeAutoScalingGroupsCommand({ Filters: [{ Name, Values }] })
      )
      return AutoScalingGroups?.map((one) => one.AutoScalingGroupName)
    }
    expect(await found('tag:preview', ['7'])).toEqual([NAME])
    expect(await found('tag-key', ['preview'])).toEqual([NAME])
    expect(await found('tag-value', ['8', '7'])).toEqual([NAME])
    expect(await found('tag:preview', ['8'])).toEqual([])
  })

  test('are deleted by force with their instances, which drain first', async () => {
    await create()
    await pass(11)
    const remove = (ForceDelete?: boolean) =>
      scaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: NAME, ForceDelete }))
    expect(await refusalOf(remove())).toBe('ResourceInUseFault')
    await remove(true)
    expect(await group()).toMatchObject({
      Status: 'Delete in progress',
      Instances: [{ LifecycleState: 'Terminating' }]
    })
    const grow = { AutoScalingGroupName: NAME, DesiredCapacity: 2 }
    expect(await refusalOf(scaling.send(new SetDesiredCapacityCommand(grow)))).toBe(
      'ScalingActivityInProgressFault'
    )
    expect(await refusalOf(create())).toBe('AlreadyExistsFault')
    await pass(301)
    expect(await group()).toBeUndefined()
    expect(await targets()).toEqual([])
  })
})
