import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteRuleCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  RemoveTagsCommand,
  type CreateRuleCommandInput,
  type CreateTargetGroupCommandInput,
  type RuleCondition
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startCloud, type Cloud } from '../start.js'
import { administrator, refusalOf } from '../wire/clients.js'
import { OTHER_VPC } from '../ec2/network.js'
import { VPC } from './model.js'

let cloud: Cloud
let elb: ElasticLoadBalancingV2Client
let listener: string
let number = 0

beforeAll(async () => {
  cloud = await startCloud({ scripted: true, previews: true })
  elb = new ElasticLoadBalancingV2Client({
    ...{ endpoint: cloud.url, region: 'ap-northeast-2', maxAttempts: 1 },
    credentials: administrator(cloud)
  })
  listener = cloud.env['PREVIEW_LISTENER_ARN'] ?? ''
})

afterAll(async () => {
  elb.destroy()
  await cloud.stop()
})

const createGroup = async (more: Partial<CreateTargetGroupCommandInput> = {}): Promise<string> => {
  number += 1
  const place = { Protocol: 'HTTP', Port: 80, VpcId: VPC } as const
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({ Name: `group-${number}`, ...place, ...more })
  )
  return TargetGroups?.[0]?.TargetGroupArn ?? ''
}

const forHost = (host: string): RuleCondition[] => [
  { Field: 'host-header', HostHeaderConfig: { Values: [host] } }
]

const createRule = async (
  Priority: number,
  more: Partial<CreateRuleCommandInput> & { group?: string } = {}
): Promise<string> => {
  const { group, ...given } = more
  const Actions = [{ Type: 'forward' as const, TargetGroupArn: group ?? (await createGroup()) }]
  const input = { ListenerArn: listener, Priority, Conditions: forHost('a.example.com'), Actions, ...given }
  const { Rules } = await elb.send(new CreateRuleCommand(input))
  return Rules?.[0]?.RuleArn ?? ''
}

const priorities = async (): Promise<(string | undefined)[]> => {
  const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn: listener }))
  return Rules.map((rule) => rule.Priority)
}

describe('rules', () => {
  test('are listed by priority, page by page, with the default last', async () => {
    const arns = [await createRule(30), await createRule(10), await createRule(20)]
    const first = await elb.send(new DescribeRulesCommand({ ListenerArn: listener, PageSize: 3 }))
    expect(first.Rules?.map((rule) => rule.Priority)).toEqual(['10', '20', '30'])
    const { Rules, NextMarker } = await elb.send(
      new DescribeRulesCommand({ ListenerArn: listener, Marker: first.NextMarker })
    )
    expect(NextMarker).toBeUndefined()
    expect(Rules).toMatchObject([
      { Priority: 'default', IsDefault: true, Actions: [{ Type: 'fixed-response' }] }
    ])
    for (const RuleArn of arns) await elb.send(new DeleteRuleCommand({ RuleArn }))
    expect(await priorities()).toEqual(['default'])
  })

  test('that are created twice are two rules, and a priority is taken once', async () => {
    const group = await createGroup()
    const arns = [await createRule(1, { group }), await createRule(2, { group })]
    expect(await refusalOf(createRule(2, { group }))).toBe('PriorityInUseException')
    const { Rules = [] } = await elb.send(new DescribeRulesCommand({ RuleArns: arns }))
    expect(Rules).toMatchObject([
      {
        Priority: '1',
        IsDefault: false,
        Conditions: [
          {
            ...{ Field: 'host-header', Values: ['a.example.com'] },
            HostHeaderConfig: { Values: ['a.example.com'] }
          }
        ],
        Actions: [{ Type: 'forward', TargetGroupArn: group }]
      },
      { Priority: '2' }
    ])
    for (const RuleArn of arns) await elb.send(new DeleteRuleCommand({ RuleArn }))
    expect(await refusalOf(elb.send(new DeleteRuleCommand({ RuleArn: arns[0] })))).toBe(
      'RuleNotFoundException'
    )
    expect(await refusalOf(elb.send(new DescribeRulesCommand({ RuleArns: arns })))).toBe(
      'RuleNotFoundException'
    )
  })

  test('can be changed, but the default cannot be deleted', async () => {
    const RuleArn = await createRule(5)
    const { Rules } = await elb.send(new ModifyRuleCommand({ RuleArn, Conditions: forHost('b.example.com') }))
    expect(Rules).toMatchObject([
      { Priority: '5', Conditions: [{ Values: ['b.example.com'] }], Actions: [{ Type: 'forward' }] }
    ])
    await elb.send(new DeleteRuleCommand({ RuleArn }))
    const all = await elb.send(new DescribeRulesCommand({ ListenerArn: listener }))
    const last = all.Rules?.at(-1)?.RuleArn
    expect(await refusalOf(elb.send(new DeleteRuleCommand({ RuleArn: last })))).toBe(
      'OperationNotPermittedException'
    )
  })

  test('end with the quotas of their load balancer', async () => {
    const { quotas } = cloud.planes.inspect
    const before = { ...quotas }
    const group = await createGroup()
    const RuleArn = await createRule(1, { group })
    quotas.rules = 1
    expect(await refusalOf(createRule(2, { group }))).toBe('TooManyRulesException')
    Object.assign(quotas, before, { targetGroupsPerBalancer: 1 })
    expect(await refusalOf(createRule(2))).toBe('TooManyUniqueTargetGroupsPerLoadBalancerException')
    Object.assign(quotas, before, { targetGroups: 1 })
    expect(await refusalOf(createGroup())).toBe('TooManyTargetGroupsException')
    Object.assign(quotas, before)
    await elb.send(new DeleteRuleCommand({ RuleArn }))
  })

  const rows: [
    name: string,
    change: Partial<CreateRuleCommandInput> & { group?: string },
    refusal: string
  ][] = [
    ['an unknown listener', { ListenerArn: 'arn:x' }, 'ListenerNotFoundException'],
    ['an unknown target group', { group: 'arn:x' }, 'TargetGroupNotFoundException'],
    ['a priority of 0', { Priority: 0 }, 'ValidationError'],
    ['a priority over 50000', { Priority: 50_001 }, 'ValidationError'],
    ['no condition', { Conditions: [] }, 'ValidationError'],
    ['a host without a dot', { Conditions: forHost('preview') }, 'ValidationError'],
    ['a host that ends with digits', { Conditions: forHost('127.0.0.1') }, 'ValidationError'],
    ['a host of 129 characters', { Conditions: forHost(`${'a'.repeat(125)}.com`) }, 'ValidationError'],
    [
      'two conditions on the host',
      { Conditions: [...forHost('a.com'), ...forHost('b.com')] },
      'ValidationError'
    ],
    [
      'six values',
      { Conditions: [{ Field: 'path-pattern', Values: ['/1', '/2', '/3', '/4', '/5', '/6'] }] },
      'ValidationError'
    ],
    ['seven wildcards', { Conditions: [{ Field: 'path-pattern', Values: ['/???????'] }] }, 'ValidationError'],
    ['an unknown condition', { Conditions: [{ Field: 'cookie', Values: ['x'] }] }, 'ValidationError'],
    [
      'an address that is no range',
      { Conditions: [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }] },
      'ValidationError'
    ],
    [
      'two actions',
      {
        Actions: [
          { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } },
          { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }
        ]
      },
      'TooManyActionsException'
    ]
  ]

  test.each(rows)('with %s are refused', async (_name, change, refusal) => {
    expect(await refusalOf(createRule(1, change))).toBe(refusal)
    expect(await priorities()).toEqual(['default'])
  })

  test('forward to no group of another network or another load balancer', async () => {
    expect(await refusalOf(createRule(1, { group: await createGroup({ VpcId: OTHER_VPC }) }))).toBe(
      'InvalidConfigurationRequestException'
    )
    const { TargetGroups = [] } = await elb.send(
      new DescribeTargetGroupsCommand({ Names: ['ExampleApp-blue-green'] })
    )
    expect(await refusalOf(createRule(1, { group: TargetGroups[0]?.TargetGroupArn ?? '' }))).toBe(
      'TargetGroupAssociationLimitException'
    )
  })
})

describe('target groups', () => {
  test('show the load balancer whose rules name them, and cannot be deleted before', async () => {
    const group = await createGroup()
    const balancersOf = async () =>
      (await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }))).TargetGroups?.[0]
        ?.LoadBalancerArns
    expect(await balancersOf()).toEqual([])
    const RuleArn = await createRule(1, { group })
    expect(await balancersOf()).toEqual([expect.stringContaining('loadbalancer/app/example-previews/')])
    const remove = () => elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: group }))
    expect(await refusalOf(remove())).toBe('ResourceInUseException')
    await elb.send(new DeleteRuleCommand({ RuleArn }))
    expect(await refusalOf(remove())).toBe('none')
    expect(await refusalOf(remove())).toBe('none')
    expect(await refusalOf(balancersOf())).toBe('TargetGroupNotFoundException')
  })

  test.each(['refused', 'answers-the-first'] as const)(
    'of the same name and settings are the same group; with other tags, a second call is %s',
    async (position) => {
      cloud.switches.sameNameOtherTags = position
      const Name = `same-${position}`
      const first = await createGroup({ Name, Tags: [{ Key: 'a', Value: 'b' }] })
      expect(await createGroup({ Name, Tags: [{ Key: 'a', Value: 'b' }] })).toBe(first)
      expect(await refusalOf(createGroup({ Name, Port: 81 }))).toBe('DuplicateTargetGroupNameException')
      expect(await refusalOf(createGroup({ Name, Tags: [] }))).toBe(
        position === 'refused' ? 'DuplicateTargetGroupNameException' : 'none'
      )
    }
  )

  const rows: [name: string, change: Partial<CreateTargetGroupCommandInput>][] = [
    ['33 characters', { Name: 'a'.repeat(33) }],
    ['an underscore', { Name: 'a_b' }],
    ['a hyphen at its end', { Name: 'a-' }],
    ['an unknown network', { VpcId: 'vpc-1' }],
    ['an interval of 4 seconds', { HealthCheckIntervalSeconds: 4 }]
  ]
  test.each(rows)('with %s are refused', async (_name, change) => {
    expect(await refusalOf(createGroup(change))).toBe('ValidationError')
  })
})

test('tags are read, added and removed by ARN, at most 20 at once', async () => {
  const group = await createGroup({ Tags: [{ Key: 'preview', Value: '7' }] })
  const rule = await createRule(1, { group, Tags: [{ Key: 'preview', Value: '7' }] })
  await elb.send(new AddTagsCommand({ ResourceArns: [rule], Tags: [{ Key: 'more', Value: 'x' }] }))
  await elb.send(new RemoveTagsCommand({ ResourceArns: [group], TagKeys: ['preview'] }))
  const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: [group, rule] }))
  expect(TagDescriptions).toEqual([
    { ResourceArn: group, Tags: [] },
    {
      ResourceArn: rule,
      Tags: [
        { Key: 'preview', Value: '7' },
        { Key: 'more', Value: 'x' }
      ]
    }
  ])
  const many = Array.from({ length: 21 }, () => rule)
  expect(await refusalOf(elb.send(new DescribeTagsCommand({ ResourceArns: many })))).toBe('ValidationError')
  await elb.send(new DeleteRuleCommand({ RuleArn: rule }))
  expect(await refusalOf(elb.send(new DescribeTagsCommand({ ResourceArns: [rule] })))).toBe(
    'RuleNotFoundException'
  )
})

test('a load balancer is made with its listener, and goes with all that belongs to it', async () => {
  const subnets = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1']
  const create = (Subnets: string[]) => elb.send(new CreateLoadBalancerCommand({ Name: 'own', Subnets }))
  const arn = (await create(subnets)).LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  expect((await create(subnets)).LoadBalancers?.[0]?.LoadBalancerArn).toBe(arn)
  expect(await refusalOf(create(['subnet-1', 'subnet-2']))).toBe('DuplicateLoadBalancerNameException')
  const listen = () =>
    elb.send(
      new CreateListenerCommand({
        ...{ LoadBalancerArn: arn, Protocol: 'HTTP', Port: 80 },
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }]
      })
    )
  const { Listeners = [] } = await listen()
  expect(await refusalOf(listen())).toBe('DuplicateListenerException')
  const [made] = Listeners
  expect(made).toMatchObject({ Protocol: 'HTTP', LoadBalancerArn: arn })
  const ListenerArns = [made?.ListenerArn ?? '']
  expect((await elb.send(new DescribeListenersCommand({ ListenerArns }))).Listeners).toEqual(Listeners)
  await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }))
  expect(await refusalOf(elb.send(new DescribeListenersCommand({ ListenerArns })))).toBe(
    'ListenerNotFoundException'
  )
  expect(await refusalOf(elb.send(new DescribeLoadBalancersCommand({ Names: ['own'] })))).toBe(
    'LoadBalancerNotFoundException'
  )
})
