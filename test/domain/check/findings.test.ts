import { describe, expect, test } from '@jest/globals'
import { appSpecFindings } from '../../../src/domain/check/appspec.js'
import type {
  CheckedFleet,
  CheckedGroup,
  CheckedTargetGroup,
  LifecycleRule,
  NeighborGroup
} from '../../../src/domain/check/facts.js'
import {
  healthyHostFindings,
  leftoverFindings,
  neighborFindings,
  refreshFindings,
  templateFindings
} from '../../../src/domain/check/launch.js'
import {
  instanceRightsFindings,
  profileRoleFindings,
  serviceRightsFindings,
  serviceRoleFindings
} from '../../../src/domain/check/roles.js'
import { encryptionFindings, lifecycleFindings } from '../../../src/domain/check/lifecycle.js'
import { unread } from '../../../src/domain/check/finding.js'
import { fleetFindings, hookFindings } from '../../../src/domain/check/fleet.js'
import { groupFindings, isMissingGroup, missingGroupFindings } from '../../../src/domain/check/group.js'
import { drainFindings, targetGroupFindings } from '../../../src/domain/check/balancing.js'
import {
  alarmFindings,
  bucketFindings,
  publicAccessFindings,
  unwatched,
  versioningFindings
} from '../../../src/domain/check/surroundings.js'
import type { DeploymentGroup } from '../../../src/domain/group.js'

const HOOK = 'CodeDeploy-managed-automatic-launch-deployment-hook-web-1'

const group = (changes: Partial<DeploymentGroup> = {}): CheckedGroup => ({
  group: {
    ...{ application: 'festival', name: 'web', id: '1', style: 'BLUE_GREEN', trafficControl: true },
    ...{ provisioning: 'COPY_AUTO_SCALING_GROUP', autoScalingGroups: ['fleet'], loadBalancers: ['tg'] },
    ...{ targetGroups: ['tg'], deploymentConfig: 'CodeDeployDefault.AllAtOnce', computePlatform: 'Server' },
    waits: {
      ...{ readyMinutes: 0, readyAction: 'CONTINUE_DEPLOYMENT' },
      ...{ terminationMinutes: 60, blueAction: 'TERMINATE' }
    },
    autoRollbackEvents: ['DEPLOYMENT_FAILURE'],
    alarms: ['5xx'],
    ...changes
  },
  hooks: [HOOK],
  serviceRole: 'arn:aws:iam::111122223333:role/codedeploy',
  listedAlarms: ['5xx']
})

const waits = group().group.waits

const fleet = (changes: Partial<CheckedFleet> = {}): CheckedFleet => ({
  ...{ name: 'fleet', instances: ['i-1', 'i-2'], desired: 2, suspended: [], deletionProtection: 'none' },
  ...{ warmPool: false, mixedInstances: false },
  ...changes
})

const target = (changes: Partial<CheckedTargetGroup> = {}): CheckedTargetGroup => ({
  ...{ name: 'tg', arn: 'arn', balancers: ['lb'], targetType: 'instance', checksHealth: true, path: '/' },
  port: 'traffic-port',
  ...{ intervalSeconds: 10, healthyCount: 2 },
  ...changes
})

const ROLE = 'arn:aws:iam::111122223333:role/team/web'
const OBJECTS = 'arn:aws:s3:::bundles/cd/festival/*'
const TEMPLATE = { id: 'lt-1', version: '3' }
const neighbor = (name: string): NeighborGroup => ({ name, autoScalingGroups: ['fleet'] })
const other: NeighborGroup = { name: 'api', autoScalingGroups: ['api-fleet'] }
const rule = (changes: Partial<LifecycleRule>): LifecycleRule => ({
  ...{ id: 'clean', prefix: '', isNarrower: false, expiresAfterDays: 30, archives: [] },
  ...changes
})

const ofFleet = (changes: Partial<CheckedFleet>, of = group()) => fleetFindings('fleet', fleet(changes), of)

test.each([
  ['a group', groupFindings(group(), true)],
  ['fleets that take turns', groupFindings(group({ provisioning: 'DISCOVER_EXISTING' }), true)],
  ['a warm pool of such a fleet', ofFleet({ warmPool: true }, group({ provisioning: 'DISCOVER_EXISTING' }))],
  ['a fleet', ofFleet({})],
  ['its hooks', hookFindings('fleet', [{ name: HOOK, transition: 'launch' }], group())],
  ['a target group', targetGroupFindings('tg', target())],
  ['a target group that checks no health', targetGroupFindings('tg', target({ checksHealth: false }))],
  ['a short delay', drainFindings('tg', 60)],
  ['an alarm', alarmFindings(['5xx'], [{ name: '5xx', state: 'OK' }])],
  ['a bucket', bucketFindings('bundles', { exists: true, region: 'eu-west-1' }, 'eu-west-1')],
  ['versioning', versioningFindings('bundles', true)],
  ['a launch template', templateFindings(TEMPLATE, { instanceProfile: 'web' })],
  ['the default of one', templateFindings({ ...TEMPLATE, version: '$Default' }, { instanceProfile: 'web' })],
  ['no refresh', refreshFindings('fleet', [])],
  ['a neighbor with a fleet of its own', neighborFindings('web', 'fleet', [neighbor('web'), other])],
  ['half at a time', healthyHostFindings('half', { type: 'FLEET_PERCENT', value: 50 }, 1)],
  ['one at a time', healthyHostFindings('one', { type: 'MOST_CONCURRENCY', value: 1 }, 1)],
  ['one of two', healthyHostFindings('one', { type: 'HOST_COUNT', value: 1 }, 2)],
  ['the live copy', leftoverFindings('web', ['CodeDeploy_web_d-1'], ['CodeDeploy_web_d-1'])],
  ['a copy of another group', leftoverFindings('web', [], ['CodeDeploy_web2_d-1', 'web'])],
  ['a rule for another folder', lifecycleFindings('bundles', 'cd/festival/', [rule({ prefix: 'logs/' })])],
  [
    'a rule that ends uploads',
    lifecycleFindings('bundles', 'cd/festival/', [rule({ expiresAfterDays: undefined })])
  ],
  ['a service role', serviceRoleFindings(ROLE, { trusted: ['codedeploy.amazonaws.com'] })],
  ['one of a region', serviceRoleFindings(ROLE, { trusted: ['codedeploy.eu-west-1.amazonaws.com'] })],
  ['one of China', serviceRoleFindings(ROLE, { trusted: ['codedeploy.amazonaws.com.cn'] })],
  ['what it may do', serviceRightsFindings(ROLE, [])],
  ['what instances may read', instanceRightsFindings(ROLE, OBJECTS, [])],
  ['a KMS key', encryptionFindings('bundles', 'key')],
  ['an AppSpec', appSpecFindings('.', [])],
  ['public access', publicAccessFindings('bundles', true)],
  [
    'protection where blue is kept',
    ofFleet(
      { deletionProtection: 'prevent-all-deletion' },
      group({ waits: { ...waits, blueAction: 'KEEP_ALIVE' } })
    )
  ],
  ['a warm pool of a group in place', ofFleet({ warmPool: true }, group({ style: 'IN_PLACE' }))],
  [
    "long waits on a machine of one's own",
    groupFindings(group({ waits: { ...waits, terminationMinutes: 360 } }), false)
  ]
])('%s without a fault is ok', (_, findings) => {
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
})

const DEFECTS: [string, ReturnType<typeof groupFindings>, 'warning' | 'problem', string][] = [
  [
    'DISCOVER_EXISTING without a fleet',
    groupFindings(group({ provisioning: 'DISCOVER_EXISTING', autoScalingGroups: [] }), true),
    'problem',
    'no blue fleet to replace'
  ],
  [
    'two Auto Scaling groups',
    groupFindings(group({ autoScalingGroups: ['a', 'b'] }), true),
    'problem',
    '2 Auto Scaling groups'
  ],
  [
    'a wait that outlives the job',
    groupFindings(group({ waits: { ...waits, terminationMinutes: 360 } }), true),
    'warning',
    '360 min'
  ],
  [
    'a stop after the wait',
    groupFindings(group({ waits: { ...waits, readyAction: 'STOP_DEPLOYMENT' } }), true),
    'warning',
    'unless somebody continues'
  ],
  ['no automatic rollback', groupFindings(group({ autoRollbackEvents: [] }), true), 'warning', 'it is off'],
  [
    'a rollback for alarms alone',
    groupFindings(group({ autoRollbackEvents: ['DEPLOYMENT_STOP_ON_ALARM'] }), true),
    'warning',
    'without DEPLOYMENT_FAILURE'
  ],
  ['no such fleet', fleetFindings('fleet', undefined, group()), 'problem', 'does not exist'],
  ['a fleet that is deleted', ofFleet({ status: 'Delete in progress' }), 'problem', 'Delete in progress'],
  ['an empty fleet', ofFleet({ instances: [] }), 'problem', 'no instance in service'],
  ['a fleet that scales', ofFleet({ instances: ['i-1'] }), 'warning', '1 of 2'],
  ['Launch suspended', ofFleet({ suspended: ['Launch'] }), 'problem', 'Launch suspended'],
  ['AZRebalance suspended', ofFleet({ suspended: ['AZRebalance'] }), 'warning', 'AZRebalance suspended'],
  [
    'deletion protection',
    ofFleet({ deletionProtection: 'prevent-force-deletion' }),
    'problem',
    'prevent-force-deletion'
  ],
  ['a warm pool', ofFleet({ warmPool: true }), 'warning', 'has one'],
  ['mixed instances', ofFleet({ mixedInstances: true }), 'warning', 'mixed instances policy'],
  ['a lost hook', hookFindings('fleet', [], group()), 'problem', `lacks ${HOOK}`],
  [
    'a left-over hook',
    hookFindings(
      'fleet',
      [
        { name: HOOK, transition: '' },
        { name: `${HOOK}2`, transition: '' }
      ],
      group()
    ),
    'warning',
    `${HOOK}2`
  ],
  ['no such target group', targetGroupFindings('tg', undefined), 'problem', 'does not exist'],
  [
    'a target group without balancer',
    targetGroupFindings('tg', target({ balancers: [] })),
    'problem',
    'no load balancer'
  ],
  ['targets by address', targetGroupFindings('tg', target({ targetType: 'ip' })), 'problem', 'type ip'],
  ['a long delay', drainFindings('tg', 61), 'warning', '61 s'],
  [
    'a fleet that setup is to make',
    fleetFindings('fleet', undefined, {
      ...group(),
      planned: { create: { launchTemplate: 'web', subnets: ['s'], min: 1, max: 1, desired: 1 } }
    }),
    'problem',
    'does not exist yet'
  ],
  [
    'a fleet that nobody makes',
    fleetFindings('fleet', undefined, { ...group(), planned: {} }),
    'problem',
    'does not exist yet'
  ],
  [
    'no such template of a setup file',
    templateFindings({ id: 'web', isName: true, version: '$Default' }, undefined),
    'problem',
    'web has no version'
  ],
  ['alarms listed, but off', unwatched(group({ alarms: [] })), 'warning', 'monitoring is off'],
  ['an active alarm', alarmFindings(['5xx'], [{ name: '5xx', state: 'ALARM' }]), 'problem', 'in ALARM now'],
  [
    'an alarm without data',
    alarmFindings(['5xx'], [{ name: '5xx', state: 'INSUFFICIENT_DATA' }]),
    'warning',
    'INSUFFICIENT_DATA'
  ],
  ['no such alarm', alarmFindings(['5xx'], []), 'problem', 'does not exist'],
  ['no such bucket', bucketFindings('bundles', { exists: false }, 'eu-west-1'), 'problem', 'does not exist'],
  [
    'a bucket elsewhere',
    bucketFindings('bundles', { exists: true, region: 'us-east-1' }, 'eu-west-1'),
    'problem',
    'us-east-1'
  ],
  ['no such template', templateFindings(TEMPLATE, undefined), 'problem', 'or does not exist'],
  [
    '$Latest',
    templateFindings({ ...TEMPLATE, version: '$Latest' }, { instanceProfile: 'web' }),
    'warning',
    '$Latest'
  ],
  ['no instance profile', templateFindings(TEMPLATE, {}), 'problem', 'names none'],
  ['no such service role', serviceRoleFindings(ROLE, undefined), 'problem', 'web does not exist'],
  [
    'a service role of others',
    serviceRoleFindings(ROLE, { trusted: ['ec2.amazonaws.com', 'codedeploy.amazonaws.com.evil.com'] }),
    'problem',
    'does not trust codedeploy.amazonaws.com, only ec2'
  ],
  ['a role of no service', serviceRoleFindings(ROLE, { trusted: [] }), 'problem', 'only no service'],
  [
    'a service role that may not launch',
    serviceRightsFindings(ROLE, ['ec2:RunInstances', 'iam:PassRole']),
    'warning',
    'web ec2:RunInstances, iam:PassRole'
  ],
  [
    'instances that may not read bundles',
    instanceRightsFindings(ROLE, OBJECTS, ['s3:GetObject']),
    'warning',
    `s3:GetObject on ${OBJECTS}`
  ],
  ['a profile without a role', profileRoleFindings('web'), 'problem', 'web does not exist, or has no role'],
  ['a refresh', refreshFindings('fleet', ['InProgress']), 'warning', 'InProgress'],
  [
    'a neighbor on the same fleet',
    neighborFindings('web', 'fleet', [neighbor('web'), neighbor('api')]),
    'problem',
    'api also uses fleet'
  ],
  [
    'as many healthy hosts as there are',
    healthyHostFindings('two', { type: 'HOST_COUNT', value: 2 }, 2),
    'problem',
    '2 healthy, of 2'
  ],
  [
    'all hosts healthy',
    healthyHostFindings('all', { type: 'FLEET_PERCENT', value: 100 }, 9),
    'problem',
    '100 % healthy'
  ],
  [
    'a left-over copy',
    leftoverFindings('web', ['fleet'], ['fleet', 'CodeDeploy_web_d-1']),
    'warning',
    'CodeDeploy_web_d-1'
  ],
  ...['', 'cd/', 'cd/festival/old'].map((prefix): (typeof DEFECTS)[number] => [
    `bundles that expire below "${prefix}"`,
    lifecycleFindings('bundles', 'cd/festival/', [rule({ prefix })]),
    'warning',
    'after 30 days'
  ]),
  [
    'bundles that are archived',
    lifecycleFindings('bundles', 'cd/', [
      rule({ expiresAfterDays: undefined, archives: ['GLACIER'], isNarrower: true })
    ]),
    'warning',
    'moves bundles (those that its filter matches) to GLACIER'
  ],
  [
    'a mistake in the AppSpec',
    appSpecFindings('app', [
      { severity: 'warning', file: 'a', message: 'odd' },
      { severity: 'error', file: 'appspec.yml', line: 3, message: 'no version' }
    ]),
    'problem',
    '1 mistake in app; first, appspec.yml:3: no version'
  ],
  [
    'a surprise in the AppSpec',
    appSpecFindings('app', [{ severity: 'warning', file: 'a', message: 'odd' }]),
    'warning',
    '1 warning in app; first, a: odd'
  ],
  ['no versions', versioningFindings('bundles', false), 'warning', 'off for bundles'],
  ['no block of public access', publicAccessFindings('bundles', false), 'warning', 'does not block']
]

test.each(DEFECTS)('%s is found, with a reason and a cure', (_, findings, verdict, found) => {
  const bad = findings.filter((finding) => finding.verdict !== 'ok')
  expect(bad).toMatchObject([{ verdict, found: expect.stringContaining(found) }])
  expect([bad[0]?.why, bad[0]?.remedy]).not.toContain(undefined)
})

describe('a read that failed', () => {
  const named = (name: string, message = 'no'): Error => Object.assign(new Error(message), { name })

  test('for lack of a permission names it', () => {
    expect(unread('Alarms', 'DescribeAlarms', named('AccessDenied'))).toMatchObject({
      verdict: 'not-checked',
      found: 'not checked: needs cloudwatch:DescribeAlarms (docs/iam/check-policy.json)'
    })
  })

  test('for another reason is not checked either', () => {
    expect(unread('Alarms', 'DescribeAlarms', named('InternalFailure', 'try later'))).toMatchObject({
      verdict: 'not-checked',
      found: expect.stringContaining('try later')
    })
  })

  test('since there is no application says that there is no group either', () => {
    const gone = named('ApplicationDoesNotExistException')
    expect(isMissingGroup(gone)).toBe(true)
    expect(missingGroupFindings({ application: 'festival', group: 'web' }, gone)).toMatchObject([
      { area: 'Application', verdict: 'problem', remedy: expect.stringContaining('application-name') },
      { area: 'Deployment group', verdict: 'problem', remedy: expect.stringContaining('command: setup') }
    ])
  })

  test('since there is no group says that there is an application', () => {
    const gone = named('DeploymentGroupDoesNotExistException')
    expect(missingGroupFindings({ application: 'festival', group: 'web' }, gone)).toMatchObject([
      { area: 'Application', verdict: 'ok' },
      { area: 'Deployment group', verdict: 'problem' }
    ])
    expect(isMissingGroup(named('AccessDeniedException'))).toBe(false)
  })

  test('since there is no such group is a problem', () => {
    const gone = named('DeploymentGroupDoesNotExistException')
    expect(unread('Deployment group', 'GetDeploymentGroup', gone)).toMatchObject({
      verdict: 'problem',
      remedy: expect.stringContaining('deployment-group-name')
    })
  })
})
