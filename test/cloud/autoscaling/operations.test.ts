import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { refusalOf } from '../scripted/look.js'

let cloud: ScriptedCloud

beforeEach(async () => {
  cloud = await scriptedCloud({ script: { bootSeconds: 10 } })
})

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

// Forms only contain text, as they arrive over the wire.
const call = async (
  operation: string,
  input: Record<string, unknown> = {}
): Promise<Record<string, unknown>> =>
  (await cloud.planes.autoscaling[operation]?.(input, { arn: 'arn', accountId: '123456789012' })) as Record<
    string,
    unknown
  >

interface Group {
  Instances: { InstanceId: string; LifecycleState: string }[]
  SuspendedProcesses: { ProcessName: string }[]
  [member: string]: unknown
}

const group = async (name: string): Promise<Group | undefined> =>
  (
    (await call('DescribeAutoScalingGroups', { AutoScalingGroupNames: [name] }))[
      'AutoScalingGroups'
    ] as Group[]
  )[0]

const create = (more: Record<string, unknown> = {}): Promise<unknown> =>
  call('CreateAutoScalingGroup', {
    AutoScalingGroupName: 'g',
    MinSize: '1',
    MaxSize: '3',
    AvailabilityZones: ['ap-northeast-2a'],
    ...more
  })

describe('groups', () => {
  test('launch the desired instances, which are in service once booted', async () => {
    await create({ DesiredCapacity: '2', Tags: [{ Key: 'Name', Value: 'x', PropagateAtLaunch: 'true' }] })
    expect((await group('g'))?.Instances.map((one) => one.LifecycleState)).toEqual(['Pending', 'Pending'])
    await cloud.pass(11)
    expect(await group('g')).toMatchObject({
      ...{ MinSize: 1, MaxSize: 3, DesiredCapacity: 2, HealthCheckType: 'EC2' },
      Instances: [{ LifecycleState: 'InService', HealthStatus: 'Healthy' }, { LifecycleState: 'InService' }],
      Tags: [{ Key: 'Name', Value: 'x', ResourceId: 'g', PropagateAtLaunch: true }]
    })
  })

  test('grow and shrink to the desired capacity', async () => {
    await create()
    await call('SetDesiredCapacity', { AutoScalingGroupName: 'g', DesiredCapacity: '3' })
    await cloud.pass(11)
    expect((await group('g'))?.Instances).toHaveLength(3)
    await call('UpdateAutoScalingGroup', { AutoScalingGroupName: 'g', MinSize: '0', MaxSize: '1' })
    await cloud.pass(1)
    expect((await group('g'))?.Instances).toHaveLength(1)
    const { Activities } = await call('DescribeScalingActivities', { AutoScalingGroupName: 'g' })
    expect(Activities).toHaveLength(5)
  })

  test('replace a terminated instance, unless the capacity is decremented with it', async () => {
    await create({ DesiredCapacity: '2' })
    await cloud.pass(11)
    const [one] = (await group('g'))?.Instances ?? []
    await call('TerminateInstanceInAutoScalingGroup', {
      InstanceId: one?.InstanceId,
      ShouldDecrementDesiredCapacity: 'false'
    })
    await cloud.pass(11)
    const [two, ...rest] = (await group('g'))?.Instances ?? []
    expect(rest).toHaveLength(1)
    expect(two?.InstanceId).not.toBe(one?.InstanceId)
    await call('TerminateInstanceInAutoScalingGroup', {
      InstanceId: two?.InstanceId,
      ShouldDecrementDesiredCapacity: 'true'
    })
    await cloud.pass(11)
    expect((await group('g'))?.Instances).toHaveLength(1)
  })

  test('are deleted if empty, or by force with their instances', async () => {
    await create()
    await cloud.pass(11)
    expect(await refusalOf(call('DeleteAutoScalingGroup', { AutoScalingGroupName: 'g' }))).toContain(
      'ResourceInUse'
    )
    await call('DeleteAutoScalingGroup', { AutoScalingGroupName: 'g', ForceDelete: 'true' })
    await cloud.pass(1)
    expect(await group('g')).toBeUndefined()
  })

  const rows: [name: string, operation: string, input: Record<string, unknown>, refusal: string][] = [
    [
      'a name that is taken',
      'CreateAutoScalingGroup',
      { AutoScalingGroupName: 'web-blue-green', MinSize: '0', MaxSize: '1' },
      'AlreadyExists'
    ],
    ['no name', 'CreateAutoScalingGroup', { MinSize: '0', MaxSize: '1' }, 'ValidationError'],
    [
      'a minimum over the maximum',
      'CreateAutoScalingGroup',
      { AutoScalingGroupName: 'x', MinSize: '2', MaxSize: '1' },
      'ValidationError'
    ],
    [
      'an unknown group',
      'DeleteAutoScalingGroup',
      { AutoScalingGroupName: 'x' },
      'AutoScalingGroup name not found'
    ],
    [
      'more than the maximum',
      'SetDesiredCapacity',
      { AutoScalingGroupName: 'web-blue-green', DesiredCapacity: '99' },
      'must be between'
    ],
    [
      'an unknown process',
      'SuspendProcesses',
      { AutoScalingGroupName: 'web-blue-green', ScalingProcesses: ['Nap'] },
      'ValidationError'
    ],
    [
      'an unknown instance',
      'TerminateInstanceInAutoScalingGroup',
      { InstanceId: 'i-1' },
      'Instance Id not found'
    ]
  ]

  test.each(rows)('refuse %s', async (_name, operation, input, refusal) => {
    expect(await refusalOf(call(operation, input))).toContain(refusal)
  })

  test('launch nothing while Launch is suspended, and catch up afterwards', async () => {
    await create()
    await cloud.pass(11)
    await call('SuspendProcesses', { AutoScalingGroupName: 'g', ScalingProcesses: ['Launch'] })
    await call('SetDesiredCapacity', { AutoScalingGroupName: 'g', DesiredCapacity: '2' })
    expect(await group('g')).toMatchObject({
      Instances: [{}],
      SuspendedProcesses: [{ ProcessName: 'Launch' }]
    })
    await call('ResumeProcesses', { AutoScalingGroupName: 'g' })
    expect((await group('g'))?.Instances).toHaveLength(2)
  })
})

describe('hooks', () => {
  test("CodeDeploy's hook exists and shows its times", async () => {
    const { LifecycleHooks } = await call('DescribeLifecycleHooks', {
      AutoScalingGroupName: 'web-blue-green'
    })
    expect(LifecycleHooks).toMatchObject([
      {
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        HeartbeatTimeout: 600,
        GlobalTimeout: 60_000,
        DefaultResult: 'ABANDON'
      }
    ])
  })

  test('of somebody else hold a new instance for their heartbeat', async () => {
    await create({ MinSize: '0' })
    await call('PutLifecycleHook', {
      AutoScalingGroupName: 'g',
      LifecycleHookName: 'h',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      HeartbeatTimeout: '60',
      DefaultResult: 'CONTINUE'
    })
    await call('SetDesiredCapacity', { AutoScalingGroupName: 'g', DesiredCapacity: '1' })
    await cloud.pass(30)
    expect((await group('g'))?.Instances[0]?.LifecycleState).toBe('Pending:Wait')
    await cloud.pass(50)
    expect((await group('g'))?.Instances[0]?.LifecycleState).toBe('InService')
    await call('DeleteLifecycleHook', { AutoScalingGroupName: 'g', LifecycleHookName: 'h' })
    expect((await call('DescribeLifecycleHooks', { AutoScalingGroupName: 'g' }))['LifecycleHooks']).toEqual(
      []
    )
  })
})

describe('tags and instances', () => {
  test('tags can be set, replaced and found', async () => {
    const tag = {
      ResourceId: 'web-blue-green',
      ResourceType: 'auto-scaling-group',
      Key: 'team',
      PropagateAtLaunch: 'true'
    }
    await call('CreateOrUpdateTags', { Tags: [{ ...tag, Value: 'a' }] })
    await call('CreateOrUpdateTags', { Tags: [{ ...tag, Value: 'b' }] })
    const { Tags } = await call('DescribeTags', { Filters: [{ Name: 'key', Values: ['team'] }] })
    expect(Tags).toMatchObject([{ Key: 'team', Value: 'b' }])
    const found = await call('DescribeAutoScalingGroups', { Filters: [{ Name: 'tag:team', Values: ['b'] }] })
    expect(found).toMatchObject({ AutoScalingGroups: [{ AutoScalingGroupName: 'web-blue-green' }] })
  })

  test('EC2 shows instances by tag and by id', async () => {
    const caller = { arn: 'arn', accountId: '123456789012' }
    const filter = [{ Name: 'tag:aws:autoscaling:groupName', Value: ['web-blue-green'] }]
    const answer = (await cloud.planes.ec2['DescribeInstances']?.({ Filter: filter }, caller)) as {
      reservationSet: { instancesSet: { instanceId: string }[] }[]
    }
    expect(answer.reservationSet).toHaveLength(2)
    const id = answer.reservationSet[0]?.instancesSet[0]?.instanceId ?? ''
    const one = await cloud.planes.ec2['DescribeInstances']?.({ InstanceId: [id] }, caller)
    expect(one).toMatchObject({
      reservationSet: [{ instancesSet: [{ instanceId: id, instanceState: { name: 'running' } }] }]
    })
    const { AutoScalingInstances } = await call('DescribeAutoScalingInstances', { InstanceIds: [id] })
    expect(AutoScalingInstances).toMatchObject([{ InstanceId: id, AutoScalingGroupName: 'web-blue-green' }])
  })
})
