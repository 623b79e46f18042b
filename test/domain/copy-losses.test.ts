import { describe, expect, test } from '@jest/globals'
import { copyLosses } from '../../src/domain/copy-losses.js'
import type { FleetSettings } from '../../src/domain/fleet-settings.js'
import { lossLines } from '../../src/report/copied-group.js'

const BLUE: FleetSettings = {
  name: 'web-1',
  members: {
    HealthCheckType: 'EC2,ELB',
    HealthCheckGracePeriod: 120,
    LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '$Default' }
  },
  suspended: [],
  metrics: [],
  tags: [],
  policies: [],
  schedules: [],
  hooks: [],
  notifications: []
}
const GREEN: FleetSettings = { ...BLUE, name: 'CodeDeploy_web_d-1' }

/** The lines for a difference that `blue` has and green has not, or has as `green` says. */
const linesOf = (blue: Partial<FleetSettings>, green: Partial<FleetSettings> = {}): string[] =>
  lossLines(
    { green: GREEN.name, losses: copyLosses({ ...BLUE, ...blue }, { ...GREEN, ...green }) },
    'eu-west-1'
  )

const member = (name: string, value: FleetSettings['members'][string]): Partial<FleetSettings> => ({
  members: { ...BLUE.members, [name]: value }
})

const CPU = {
  PolicyName: 'cpu-50',
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingConfiguration: { TargetValue: 50 }
}
const STEP = { PolicyName: 'step', PolicyType: 'StepScaling', AdjustmentType: 'ChangeInCapacity' }
const NIGHT = { ScheduledActionName: "it's night", Recurrence: '0 22 * * *', DesiredCapacity: 1 }
const HOOK = { LifecycleHookName: 'drain', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' }
const OF_GREEN = '--auto-scaling-group-name CodeDeploy_web_d-1'
const REGION = '--region eu-west-1'
const json = (call: string, request: object): string =>
  `    aws autoscaling ${call} --cli-input-json '${JSON.stringify({ AutoScalingGroupName: GREEN.name, ...request }).replaceAll("'", `'\\''`)}' ${REGION}`
const update = (flags: string): string =>
  `    aws autoscaling update-auto-scaling-group ${OF_GREEN} ${flags} ${REGION}`

test('two groups that differ only in name lose nothing', () => {
  expect(copyLosses(BLUE, GREEN)).toEqual([])
})

test.each<[string, Partial<FleetSettings>, string]>([
  ['health check type', member('HealthCheckType', 'EBS,EC2'), update('--health-check-type EBS,EC2')],
  [
    'health check grace period',
    member('HealthCheckGracePeriod', 300),
    update('--health-check-grace-period 300')
  ],
  ['default cooldown', member('DefaultCooldown', 60), update('--default-cooldown 60')],
  ['default instance warmup', member('DefaultInstanceWarmup', 90), update('--default-instance-warmup 90')],
  [
    'termination policies',
    member('TerminationPolicies', ['OldestInstance', 'Default']),
    update('--termination-policies OldestInstance Default')
  ],
  [
    'scale-in protection of new instances',
    member('NewInstancesProtectedFromScaleIn', true),
    update('--new-instances-protected-from-scale-in')
  ],
  ['capacity rebalancing', member('CapacityRebalance', true), update('--capacity-rebalance')],
  [
    'maximum instance lifetime',
    member('MaxInstanceLifetime', 604800),
    update('--max-instance-lifetime 604800')
  ],
  [
    'deletion protection',
    member('DeletionProtection', 'prevent-force-deletion'),
    update('--deletion-protection prevent-force-deletion')
  ],
  [
    'launch template',
    member('LaunchTemplate', { LaunchTemplateId: 'lt-1', Version: '7' }),
    json('update-auto-scaling-group', { LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '7' } })
  ],
  [
    'mixed instances policy',
    member('MixedInstancesPolicy', { InstancesDistribution: { OnDemandBaseCapacity: 1 } }),
    json('update-auto-scaling-group', {
      MixedInstancesPolicy: { InstancesDistribution: { OnDemandBaseCapacity: 1 } }
    })
  ],
  [
    'instance maintenance policy',
    member('InstanceMaintenancePolicy', { MinHealthyPercentage: 90, MaxHealthyPercentage: 120 }),
    json('update-auto-scaling-group', {
      InstanceMaintenancePolicy: { MinHealthyPercentage: 90, MaxHealthyPercentage: 120 }
    })
  ],
  [
    'scaling policy cpu-50',
    { policies: [{ request: CPU, alarms: ['one'] }] },
    json('put-scaling-policy', CPU)
  ],
  ["scheduled action it's night", { schedules: [NIGHT] }, json('put-scheduled-update-group-action', NIGHT)],
  ['lifecycle hook drain', { hooks: [HOOK] }, json('put-lifecycle-hook', HOOK)],
  [
    'warm pool',
    { warmPool: { MinSize: 2, PoolState: 'Stopped' } },
    json('put-warm-pool', { MinSize: 2, PoolState: 'Stopped' })
  ],
  [
    'metrics collection',
    { metrics: ['GroupMaxSize', 'GroupMinSize'] },
    `    aws autoscaling enable-metrics-collection ${OF_GREEN} --granularity 1Minute --metrics GroupMaxSize GroupMinSize ${REGION}`
  ],
  [
    'tag',
    { tags: [{ key: 'team', value: 'web & co', propagate: true }] },
    `    aws autoscaling create-or-update-tags --tags '[{"ResourceId":"CodeDeploy_web_d-1","ResourceType":"auto-scaling-group","Key":"team","Value":"web & co","PropagateAtLaunch":true}]' ${REGION}`
  ],
  [
    'notifications to arn:aws:sns:eu-west-1:1:ops',
    {
      notifications: [{ topic: 'arn:aws:sns:eu-west-1:1:ops', events: ['autoscaling:EC2_INSTANCE_LAUNCH'] }]
    },
    `    aws autoscaling put-notification-configuration ${OF_GREEN} --topic-arn arn:aws:sns:eu-west-1:1:ops --notification-types autoscaling:EC2_INSTANCE_LAUNCH ${REGION}`
  ],
  [
    'suspended processes',
    { suspended: ['AZRebalance'] },
    `    aws autoscaling suspend-processes ${OF_GREEN} --scaling-processes AZRebalance ${REGION}`
  ]
])('a lost %s is named, with the command that sets it', (what, blue, command) => {
  const lines = linesOf(blue)
  expect(lines[0]).toMatch(new RegExp(`^${what}: .+ → .+`))
  expect(lines.at(-1)).toBe(command)
  // With the same on green, nothing is lost.
  expect(linesOf(blue, blue)).toEqual([])
})

describe('what is no loss', () => {
  test('the processes that CodeDeploy resumes itself', () => {
    expect(linesOf({}, { suspended: ['AlarmNotification', 'ScheduledActions'] })).toEqual([])
  })
  test('the next run of a recurring action, and the alarms of a policy that owns them', () => {
    const at = (StartTime: string) => ({ schedules: [{ ...NIGHT, StartTime }] })
    expect(linesOf(at('2026-11-28T22:00:00Z'), at('2026-11-29T22:00:00Z'))).toEqual([])
    const by = (alarms: string[]) => ({ policies: [{ request: CPU, alarms }] })
    expect(linesOf(by(['one', 'two']), by([]))).toEqual([])
  })
  test('what green alone has', () => {
    expect(linesOf({}, { hooks: [HOOK], metrics: ['GroupMaxSize'] })).toEqual([])
  })
})

test('a process that is suspended on green alone is resumed', () => {
  expect(linesOf({}, { suspended: ['Launch'] })).toEqual([
    'suspended processes: none → Launch',
    `    aws autoscaling resume-processes ${OF_GREEN} --scaling-processes Launch ${REGION}`
  ])
})

test('a step policy whose alarms call the old policy only: the commands show both', () => {
  const lines = linesOf(
    { policies: [{ request: STEP, alarms: ['cpu-high'] }] },
    { policies: [{ request: STEP, alarms: [] }] }
  )
  expect(lines).toEqual([
    'alarms of scaling policy step: cpu-high → none',
    expect.stringMatching(/^An alarm calls a policy by its ARN/),
    `    aws autoscaling describe-policies ${OF_GREEN} --policy-names step ${REGION}`,
    `    aws cloudwatch describe-alarms --alarm-names cpu-high ${REGION}`
  ])
})

test('what a terminal would not show is escaped in the command', () => {
  const [, , command = ''] = linesOf({ tags: [{ key: 'a\u202eb', value: 'x\ny', propagate: false }] })
  expect(command).toContain(String.raw`"Key":"a\u202eb","Value":"x\ny"`)
})
