import { afterEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import type { StartOptions } from '../cloud/start.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const OVERRIDE = 'optional-alarm-override.json'
const STATES = 'optional-alarm-states.json'

/** v2 replaced v1, whose fleet is gone, in a group that watches two alarms. The role has these policies beside its own. */
const afterV2 = async (policies: readonly string[], options: StartOptions = {}): Promise<void> => {
  stage = await openScriptedStage({ terminationWait: 0, seed: { alarms: ['5xx', 'latency'] }, ...options })
  stage.cloud.role.policy = rolePolicy(PLACE, ...policies)
  for (const version of ['v1', 'v2'])
    expect((await stage.deploy(version, { inputs: { 'wait-for': 'complete' } })).code).toBe(0)
}

/** Servers whose installations take so many seconds of service time from some moment on. */
const slowInstalls = (): StartOptions & { begin: (seconds: number) => void } => {
  let installSeconds = 0
  return {
    script: { event: ({ event }) => ({ seconds: event === 'Install' ? installSeconds : 0 }) },
    begin: (seconds) => void (installSeconds = seconds)
  }
}

const fire = (): void => void stage.cloud.planes.inspect.alarms.set('5xx', 'ALARM')

const back = (inputs: Record<string, string> = {}): Promise<ActionRun> =>
  stage.rollback(commitOf('v1').slice(0, 8), { inputs })

const expectLive = (run: ActionRun, way: string): void => {
  expect(run.code).toBe(0)
  expect(run.outputs).toMatchObject({
    status: 'succeeded',
    'rollback-way': way,
    'live-commit': commitOf('v1')
  })
}

const lastDeployment = () => stage.cloud.planes.inspect.deployments().at(-1)
const callsOf = (operation: string): number =>
  stage.cloud.requests.filter((request) => request.operation === operation).length

/** The annotation of the end, which a job's page shows in red. */
const redLines = (run: ActionRun): string[] =>
  (
    readable(run)
      .split('\n')
      .filter((line) => line.startsWith('::error::'))
      .at(-1) ?? ''
  )
    .slice('::error::'.length)
    .split('%0A')

const OFF_LINE =
  "This deployment ignores the group's alarms (5xx, latency), so the one behind this rollback can't stop it (`alarms-during-rollback: ignore`)."
const CLEAR = 'Or wait until the alarm is OK, and run this again.'

describe('a rollback by a new deployment, while an alarm of the group is active', () => {
  test('turns the alarms off for it', async () => {
    await afterV2([OVERRIDE])
    fire()
    const run = await back()
    expectLive(run, 'redeploy')
    expect(readable(run)).toContain(OFF_LINE)
    expect(lastDeployment()?.overrideAlarms).toEqual({
      enabled: false,
      ignorePollAlarmFailure: false,
      alarms: []
    })
    expect([callsOf('CreateDeployment'), callsOf('DescribeAlarms')]).toEqual([3, 0])
  })

  test('is stopped without the right, and says by what and how to get past it', async () => {
    await afterV2([STATES])
    fire()
    const run = await back()
    expect(run.code).toBe(3)
    expect(readable(run)).toContain(
      "::warning::An alarm may stop this deployment: the group's alarms could not be turned off for it (codedeploy:UpdateDeploymentGroup is not allowed). In ALARM now: 5xx. To let rollbacks turn alarms off, allow their role codedeploy:UpdateDeploymentGroup, as docs/iam/optional-alarm-override.json does; docs/security.md says what else that allows."
    )
    expect(redLines(run).slice(0, 2)).toEqual([
      `Rolling back to ${commitOf('v1').slice(0, 8)} on ExampleApp/ExampleGroup was stopped by the alarm 5xx`,
      `Allow the role of the rollback codedeploy:UpdateDeploymentGroup, as docs/iam/optional-alarm-override.json does, and run this again: the group's alarms are then off for its deployment. ${CLEAR}`
    ])
    expect(run.summary).toMatch(
      /^## .* Rolling back to \w+ on ExampleApp\/ExampleGroup was stopped by the alarm 5xx/
    )
    expect(run.outputs).toMatchObject({ status: 'stopped', 'live-commit': commitOf('v2') })
  })

  test('is stopped with `alarms-during-rollback: keep`, which asks for nothing', async () => {
    await afterV2([OVERRIDE])
    fire()
    const run = await back({ 'alarms-during-rollback': 'keep', reason: 'carts <b>are</b> lost' })
    expect(run.code).toBe(3)
    expect(run.summary).toContain(
      'Rollback started by octocat.<br>\nReason: carts &#60;b&#62;are&#60;/b&#62; lost\n'
    )
    expect(run.summary).toContain('What going back changes on the servers: 0 added, 1 changed, 0 removed')
    expect(redLines(run).slice(0, 2)).toEqual([
      `Rolling back to ${commitOf('v1').slice(0, 8)} on ExampleApp/ExampleGroup was stopped by the alarm 5xx`,
      `Run this again with \`alarms-during-rollback: ignore\`: the group's alarms are then off for the rollback's deployment, if the role is allowed codedeploy:UpdateDeploymentGroup, as docs/iam/optional-alarm-override.json does. ${CLEAR}`
    ])
    expect(lastDeployment()?.overrideAlarms).toBeUndefined()
    expect([callsOf('CreateDeployment'), callsOf('DescribeAlarms')]).toEqual([3, 0])
  })
})

describe('without the right, while no alarm is active', () => {
  test.each([
    ['names-the-right', 'codedeploy:UpdateDeploymentGroup is not allowed'],
    ['names-nothing', 'User is not authorized to perform this operation (AccessDeniedException)']
  ] as const)('a rollback goes through and warns (the refusal %s)', async (overrideRefusal, why) => {
    await afterV2([STATES])
    stage.cloud.switches.overrideRefusal = overrideRefusal
    const run = await back()
    expectLive(run, 'redeploy')
    expect(readable(run)).toContain(
      `could not be turned off for it (${why}). None is in ALARM now (5xx, latency).`
    )
    expect([callsOf('CreateDeployment'), callsOf('DescribeAlarms')]).toEqual([4, 1])
  })

  test('and without that to read alarms, it says what it cannot know', async () => {
    await afterV2([])
    const run = await back()
    expectLive(run, 'redeploy')
    expect(readable(run)).toContain(
      'Which of them are in ALARM now is not known (5xx, latency): to see that, allow cloudwatch:DescribeAlarms, as docs/iam/optional-alarm-states.json does.'
    )
  })

  test('and CloudWatch out of order, it goes through as well', async () => {
    await afterV2([STATES])
    stage.cloud.faults.add('DescribeAlarms:503-html:forever')
    const run = await back()
    expectLive(run, 'redeploy')
    expect(readable(run)).toContain('Which of them are in ALARM now is not known (5xx, latency): ')
  })
})

test('an order whose answer is lost is found again, with the alarms off', async () => {
  await afterV2([OVERRIDE])
  fire()
  stage.cloud.faults.add('CreateDeployment:reset-after')
  const run = await back()
  expectLive(run, 'redeploy')
  expect(readable(run)).toContain(OFF_LINE)
  expect(stage.cloud.planes.inspect.deployments()).toHaveLength(3)
})

test('a deployment of the same bundle that somebody started is followed, with a warning', async () => {
  const slow = slowInstalls()
  await afterV2([STATES], slow)
  slow.begin(2000)
  const started = await stage.deploy('v1', { inputs: { 'wait-for': 'none', 'skip-order-check': 'true' } })
  expect(started.code).toBe(0)
  const run = await back()
  expectLive(run, 'redeploy')
  expect(readable(run)).toContain(
    "::warning::An alarm may stop this deployment, which this run only follows: nothing says that it was started with the group's alarms off. None is in ALARM now (5xx, latency)."
  )
  expect(stage.cloud.planes.inspect.deployments()).toHaveLength(3)
})

test('a cancel while CloudWatch does not answer stops the deployment', async () => {
  const slow = slowInstalls()
  await afterV2([STATES], slow)
  slow.begin(8000)
  stage.cloud.faults.add('DescribeAlarms:hang:forever')
  let log = ''
  let sent = false
  const run = await stage.rollback(commitOf('v1'), {
    onLog: (text, child) => {
      log += text
      if (sent || !log.includes('Started deployment')) return
      sent = true
      child.kill('SIGINT')
    }
  })
  expect(run.code).toBe(3)
  expect(run.outputs).toMatchObject({ status: 'stopped' })
  expect(lastDeployment()).toMatchObject({ status: 'Stopped', error: { code: 'MANUAL_STOP' } })
})

test('a group that watches no alarm is rolled back as ever', async () => {
  await afterV2([OVERRIDE], { seed: {} })
  const run = await back()
  expectLive(run, 'redeploy')
  expect(readable(run)).not.toMatch(/alarm/i)
  expect(lastDeployment()?.overrideAlarms).toBeUndefined()
})

describe('back to the fleet that still runs, while an alarm of the group is active', () => {
  /** v2 replaced v1, which waits for its end. */
  const inTerminationWait = async (policies: readonly string[]): Promise<void> => {
    await afterV2(policies)
    const settings = lastDeployment()?.group.blueGreen?.terminateBlueInstancesOnDeploymentSuccess
    if (settings !== undefined) settings.terminationWaitTimeInMinutes = 600
    for (const version of ['v1', 'v2'])
      expect((await stage.deploy(version, { inputs: { 'on-conflict': 'supersede' } })).code).toBe(0)
  }

  test("takes seconds if alarms do not stop the service's own rollback", async () => {
    await inTerminationWait([])
    fire()
    const run = await back()
    expectLive(run, 'fast')
    expect(readable(run)).not.toMatch(/alarm/i)
  })

  test('ends as a new deployment with the alarms off if they do', async () => {
    await inTerminationWait([OVERRIDE])
    stage.cloud.switches.alarmStopsRollback = 'yes'
    fire()
    const run = await back()
    expectLive(run, 'redeploy')
    expect(readable(run)).toMatch(
      /The fast rollback did not bring the revision back: d-\w+, which should have brought it back, ended as Stopped, stopped by the alarm 5xx\. Its stored bundle will be redeployed\./
    )
    expect(readable(run)).toContain(OFF_LINE)
  })

  test('ends as a new deployment if the alarm has already stopped the one that is undone', async () => {
    await inTerminationWait([OVERRIDE])
    stage.cloud.switches.alarmInTerminationWait = 'stops'
    fire()
    const run = await back()
    expectLive(run, 'redeploy')
    expect(readable(run)).toContain(OFF_LINE)
  })
})
