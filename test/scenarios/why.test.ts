import { afterEach, describe, expect, test } from '@jest/globals'
import type { NewFleet } from '../cloud/contract.js'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { openFastStage, openScriptedStage, readable, type Settings, type Stage } from './stage.js'
import type { ActionRun } from '../action/run.js'

// What a deployment waits for, as other services than CodeDeploy know it.

let stage: Stage
afterEach(() => stage.close())

const allow = (...optional: string[]): void => {
  stage.cloud.role.policy = rolePolicy(PLACE, ...optional)
}
const WAITING = 'optional-waiting-reasons.json'
const HEALTH = 'optional-target-health.json'

const asked = (operation: string): number =>
  stage.cloud.requests.filter((request) => request.operation === operation).length

/** A fleet serves; the next one has this trouble, until the log says so. */
const deployInto = async (
  trouble: NewFleet,
  { until, ...settings }: Settings & { until?: string }
): Promise<{ run: ActionRun; log: string }> => {
  expect((await stage.deploy('v1')).code).toBe(0)
  stage.cloud.switches.newFleet = trouble
  const run = await stage.deploy('v2', {
    ...settings,
    onLog: (text) => {
      if (until !== undefined && text.includes(until)) stage.cloud.switches.newFleet = 'works'
    }
  })
  return { run, log: readable(run) }
}

describe('a fleet that is not launched', () => {
  const SINCE = String.raw`Auto Scaling has launched no instance of CodeDeploy_ExampleGroup_d-\w+ since \d\d:\d\d`

  test.each<[NewFleet, RegExp, string, string?]>([
    [
      'no-capacity',
      /: We currently do not have sufficient t3\.micro capacity in the Availability Zone you requested \(ap-northeast-2a\)\. .*\.$/m,
      'AWS has no room for this instance type in that Availability Zone now. Auto Scaling keeps trying by itself.'
    ],
    [
      'no-image',
      /: The image id '\[ami-0123456789abcdef0\]' does not exist\.$/m,
      'The image of the launch template is gone, or is not shared with this account.'
    ],
    [
      'not-allowed',
      /: You are not authorized to perform this operation \(arn:aws:sts::123456789012:assumed-role\/CodeDeployServiceRole\/CodeDeploy lacks iam:PassRole on arn:aws:iam::123456789012:role\/ExampleInstanceRole\)\.$/m,
      "A right is missing, usually one of the deployment group's service role. Allow it.",
      'lacks iam:PassRole'
    ]
  ])(
    'for %s: the log says why, and goes on once it works',
    async (trouble, why, advice, until = advice.slice(0, 30)) => {
      stage = await openScriptedStage()
      allow(WAITING)
      const { run, log } = await deployInto(trouble, { until })
      expect(run.code === 0 ? '' : log).toBe('')
      expect(log).toMatch(new RegExp(`^${SINCE}`, 'm'))
      expect(log).toMatch(why)
      expect(log).toContain(`\n${advice}`)
      expect(log).not.toContain('Encoded authorization failure message')
    }
  )

  test('a refusal that may not be decoded says how to read it', async () => {
    stage = await openScriptedStage()
    allow(WAITING)
    stage.cloud.role.policy.Statement.push({
      Effect: 'Deny',
      Action: 'sts:DecodeAuthorizationMessage',
      Resource: '*'
    })
    const { log } = await deployInto('not-allowed', { until: 'To see which right' })
    expect(log).toMatch(
      /To see which right, read the whole message with `aws autoscaling describe-scaling-activities --auto-scaling-group-name CodeDeploy_ExampleGroup_d-\w+`, and decode its end with `aws sts decode-authorization-message`\.$/m
    )
  })

  test('is given up when asked to, and the first red line is the cause', async () => {
    stage = await openFastStage(60)
    allow(WAITING)
    const { run, log } = await deployInto('no-image', { inputs: { 'stop-when-unhealthy-minutes': '5' } })
    expect(run.code).toBe(3)
    const [first] = /^::error.*$/m.exec(log) ?? []
    expect(first).toMatch(
      /This run stopped d-\w+ because nothing got better for \d min \(`stop-when-unhealthy-minutes`\)\. Auto Scaling has launched no instance of CodeDeploy_ExampleGroup_d-\w+ since \d\d:\d\d \(\d+ attempts\): The image id .* does not exist\./
    )
    expect(log).toMatch(
      /^No instance of the new fleet has come up for 5 min \(`stop-when-unhealthy-minutes`\), so d-\w+ is stopped with rollback\.$/m
    )
    expect(run.outputs['live-commit'] ?? run.outputs['previous-commit']).toMatch(/^[0-9a-f]{40}$/)
    expect(stage.cloud.planes.inspect.deployments().at(-1)?.status).toBe('Stopped')
  })

  test('without the rights, a heartbeat says once what to allow, and nothing else changes', async () => {
    stage = await openFastStage(60)
    const { run, log } = await deployInto('no-capacity', { until: 'To see more of what' })
    expect(run.code === 0 ? '' : log).toBe('')
    expect(log.match(/^To see more of what a deployment waits for, allow the role .*\.$/gm)).toEqual([
      'To see more of what a deployment waits for, allow the role autoscaling:DescribeScalingActivities, as docs/iam/optional-waiting-reasons.json does. Nothing else depends on it.'
    ])
    expect(log).not.toContain('Auto Scaling has launched no instance')
    expect({
      activities: asked('DescribeScalingActivities'),
      groups: asked('DescribeAutoScalingGroups')
    }).toEqual({
      activities: 1,
      groups: 1
    })
  })

  test('that a launch hook holds: so it says', async () => {
    stage = await openFastStage(60)
    allow(WAITING)
    const { run, log } = await deployInto('held', { inputs: { 'wait-for-minutes': '4' } })
    expect(run.code).toBe(4)
    expect(log).toMatch(/^A launch hook has held i-\w+, i-\w+ since \d\d:\d\d \(Pending:Wait\)\.$/m)
    expect(log).toMatch(/^Waiting for d-\w+: .*; 0 of 2 instances in service, 2 Pending:Wait · /m)
  })
})

describe('an agent that does not answer', () => {
  test.each<[NewFleet, RegExp, string]>([
    [
      'no-profile',
      /^No agent has answered on i-\w+, i-\w+ since \d\d:\d\d\. EC2 says: running \(status checks ok\)\.$/m,
      'It has no instance profile, so its agent has no credentials. Stop the deployment, add an instance profile'
    ],
    [
      'slow-boot',
      /^No agent has answered on i-\w+, i-\w+ since \d\d:\d\d\. EC2 says: running \(instance profile ExampleInstanceProfile, status checks initializing\)\.$/m,
      'It is still booting. CodeDeploy gives up after 5 minutes.'
    ],
    [
      'no-agent',
      /^No agent has answered on i-\w+, i-\w+ since \d\d:\d\d\. EC2 says: running \(instance profile ExampleInstanceProfile, status checks ok\)\.$/m,
      'It has booted and has an instance profile, so its agent is not installed, has stopped, or has no way to CodeDeploy.'
    ]
  ])('for %s: the log says what EC2 knows', async (trouble, why, advice) => {
    stage = await openFastStage(60)
    allow(WAITING)
    const { run, log } = await deployInto(trouble, {})
    expect(run.code).toBe(trouble === 'slow-boot' ? 0 : 1)
    expect(log).toMatch(why)
    expect(log).toContain(`\n${advice}`)
    if (trouble !== 'slow-boot') expect(/^::error.*$/m.exec(log)?.[0]).toContain('agent')
  })

  test('any more: its event runs for longer than it may', async () => {
    stage = await openFastStage(120)
    allow(WAITING)
    const { run, log } = await deployInto('agent-dies', { inputs: { 'wait-for-minutes': '15' } })
    expect(run.code).toBe(4)
    expect(log).toMatch(/^Waiting for d-\w+: .*AfterInstall is running on i-\w+ since \d\d:\d\d .*/m)
    expect(log).toMatch(
      /^d-\w+ has been silent for long\. To see more, and to end it with a rollback:\n {4}aws ssm start-session --target i-\w+ --region ap-northeast-2\n {4}aws deploy stop-deployment --deployment-id d-\w+ --auto-rollback-enabled --region ap-northeast-2$/m
    )
  })
})

describe('a service that never answers its health check', () => {
  const sick = {
    state: 'unhealthy',
    reason: 'Target.FailedHealthChecks',
    description: 'Health checks failed'
  } as const
  let isBroken = false
  let old = new Set<string>()
  const open = async (scale: number): Promise<void> => {
    isBroken = false
    stage = await openFastStage(scale, {
      balancing: { health: ({ id }) => (isBroken && !old.has(id) ? sick : { state: 'healthy' }) }
    })
    allow(WAITING, HEALTH)
    expect((await stage.deploy('v1')).code).toBe(0)
    old = new Set(stage.cloud.planes.inspect.fleets.allInstances().map(({ id }) => id))
    isBroken = true
  }
  const SAID =
    /AllowTraffic has waited since \d\d:\d\d for i-\w+(, i-\w+)?: the load balancer says unhealthy \(Target\.FailedHealthChecks, Health checks failed\)/

  test('is given up when asked to: the traffic stays, and the first red line names the check', async () => {
    await open(60)
    const run = await stage.deploy('v2', { inputs: { 'stop-when-unhealthy-minutes': '5' } })
    const log = readable(run)
    expect(run.code).toBe(2)
    expect(log).toMatch(new RegExp(`^${SAID.source}`, 'm'))
    const [first = ''] = /^::error.*$/m.exec(log) ?? []
    expect(first).toMatch(/This run stopped d-\w+ because nothing got better/)
    expect(first).toMatch(SAID)
    expect(run.summary).toContain('Target.FailedHealthChecks')
  })

  test('is watched on if the service refuses to stop it', async () => {
    await open(60)
    stage.cloud.switches.stopWhileShifting = 'refused'
    const run = await stage.deploy('v2', {
      inputs: { 'stop-when-unhealthy-minutes': '5', 'wait-for-minutes': '12' },
      onLog: (text) => {
        if (text.includes('could not be stopped')) isBroken = false
      }
    })
    const log = readable(run)
    expect(log).toMatch(/^d-\w+ could not be stopped: .* It keeps running, and is watched to its end\.$/m)
    expect(run.code === 0 ? '' : log).toBe('')
  })

  test('ends after an hour by itself: the first red line names the check too', async () => {
    await open(600)
    const run = await stage.deploy('v2')
    const log = readable(run)
    expect(run.code).toBe(1)
    expect(log).toMatch(new RegExp(`^::error.*${SAID.source}`, 'm'))
  })
})

test('all of this takes at most four calls a minute, and a fleet that is fine adds no line', async () => {
  stage = await openFastStage(60, { instances: 10, script: { bootSeconds: 150, eventSeconds: 20 } })
  allow(WAITING, HEALTH)
  expect((await stage.deploy('v1')).code).toBe(0)
  const before = stage.cloud.requests.length
  const run = await stage.deploy('v2')
  expect(run.code).toBe(0)
  const minutes = new Map<number, number>()
  for (const { operation, time } of stage.cloud.requests.slice(before))
    if (/^(Describe(Scaling|AutoScaling|Instance|TargetHealth)|Decode)/.test(operation)) {
      const minute = Math.floor(time / 60_000)
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1)
    }
  const counts = [...minutes.values()]
  expect(counts.length).toBeGreaterThan(1)
  // What is live is asked before and after; those questions fall into the first and the last minute.
  expect(Math.max(...counts.slice(1, -1))).toBeLessThanOrEqual(4)
  const log = readable(run)
  expect(log).not.toMatch(/launched no instance|No agent|has waited since|silent|To see more/)
  expect(log).toMatch(/^Waiting for d-\w+: provisioning .*; \d+ of 10 instances in service/m)
})

test('requests that still run on the old fleet are a fact of the heartbeat', async () => {
  stage = await openFastStage(60, {
    balancing: { drain: 'for-the-delay' }
  })
  allow(WAITING, HEALTH)
  expect((await stage.deploy('v1')).code).toBe(0)
  expect(readable(await stage.deploy('v2'))).toMatch(
    /^Waiting for d-\w+: .*; open requests on \d instances? may end until \d\d:\d\d \(deregistration delay 300 s\) · /m
  )
})
