import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import type { Switches } from '../cloud/contract.js'
import { commitOf } from './app.js'
import { openStage, readable, type Stage } from './stage.js'

let stage: Stage
beforeEach(async () => {
  stage = await openStage({ terminationWait: 0 })
  expect((await stage.deploy('v1')).code).toBe(0)
  // For the deployment that will be undone; the one before it has no wait.
  setWait(30)
})
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const setWait = (minutes: number): void => {
  const settings = stage.cloud.planes.inspect.deployments().at(-1)?.group.blueGreen
  const option = settings?.terminateBlueInstancesOnDeploymentSuccess
  if (option === undefined) throw new Error('the group has no termination wait')
  option.terminationWaitTimeInMinutes = minutes
}

/** The target is what visitors see, and the job succeeds. */
const expectLive = async (run: ActionRun, version: string): Promise<void> => {
  const served = await stage.serving()
  expect({ code: run.code, served }).toEqual({ code: 0, served: version })
  expect(run.outputs).toMatchObject({ status: 'succeeded', 'live-commit': commitOf(version) })
}

const WAYS: [position: Switches['stopInTerminationWait'], way: string][] = [
  ['rollback', 'fast'],
  ['refused', 'redeploy'],
  ['succeeds-anyway', 'redeploy'],
  ['no-rollback', 'redeploy']
]

describe('in the termination wait', () => {
  test.each(WAYS)('if a stop results in `%s`: %s', async (position, way) => {
    stage.cloud.switches.stopInTerminationWait = position
    expect((await stage.deploy('v2')).code).toBe(0)
    expect(await stage.serving()).toBe('v2')
    const run = await stage.rollback(commitOf('v1').slice(0, 8))
    await expectLive(run, 'v1')
    expect(run.outputs['rollback-way']).toBe(way)
    if (way === 'fast') {
      expect(run.outputs['rollback-deployment-id']).toMatch(/^d-/)
      expect(readable(run)).toMatch(/CodeDeploy_ExampleGroup_d-\w+ was left behind/)
    }
    // One screen for every way back.
    const undone = stage.cloud.planes.inspect.deployments()[1]?.id ?? '?'
    for (const commit of [commitOf('v2'), commitOf('v1')])
      expect(run.summary).toContain(`https://github.com/example-org/example-app/commit/${commit}`)
    expect(run.summary).toMatch(new RegExp(`undoes \\[<code>${undone}</code>\\]\\(https://`))
    expect(run.summary).toContain('Rolled back by octocat.')
    expect(run.summary.match(/^###.*$/gm)).toEqual(['### Timeline', '### Instances'])
  })
})

/** Deploys a version with a slow script, and rolls back once the log shows it running. */
const during = async (script: string, shows: RegExp): Promise<[deploy: ActionRun, back: ActionRun]> => {
  let seen: () => void = () => undefined
  const atWork = new Promise<void>((resolve) => (seen = resolve))
  let log = ''
  const deploying = stage.deploy('v2', {
    changes: { [script]: '#!/bin/sh\nsleep 5\n' },
    onLog: (text) => {
      log += text
      if (shows.test(log)) seen()
    }
  })
  await Promise.race([atWork, deploying])
  return Promise.all([deploying, stage.rollback(commitOf('v1'))])
}

/** The stop left new instances in the target group. CodeDeploy will not remove them, so the rollback is no success. */
const expectNotAlone = (back: ActionRun): void => {
  expect(back.code).toBe(1)
  expect(back.outputs).toMatchObject({ status: 'failed', 'rollback-way': 'redeploy', 'live-commit': '' })
  expect(readable(back)).toMatch(
    /is live on ExampleApp\/ExampleGroup, but not alone: 2 instances of d-\w+ may answer as well/
  )
  expect(readable(back)).toContain('aws autoscaling delete-auto-scaling-group')
  expect(back.summary).toMatch(/^## ❌/)
}

describe('while the traffic shifts', () => {
  test.each(WAYS)('if a stop results in `%s`', async (position) => {
    stage.cloud.switches.stopWhileShifting = position
    const [deploy, back] = await during('scripts/after.sh', /AfterAllowTraffic +\S*InProgress/)
    if (position === 'no-rollback') {
      expectNotAlone(back)
      return
    }
    await expectLive(back, 'v1')
    expect(deploy.outputs['status']).toMatch(
      position === 'rollback' ? /rolled-back/ : /succeeded|stopped|failed|rolled-back/
    )
  })
})

test('while the new fleet installs: the deployment is stopped, and the traffic never moves', async () => {
  const [deploy, back] = await during('scripts/validate.sh', /ValidateService +\S*InProgress/)
  await expectLive(back, 'v1')
  expect(back.outputs['rollback-way']).toBe('fast')
  expect(deploy.code).toBe(3)
  expect(deploy.outputs['live-commit']).toBe(commitOf('v1'))
})

test('without a termination wait, only the stored bundle is left to go back to', async () => {
  setWait(0)
  expect((await stage.deploy('v2', { inputs: { 'wait-for': 'complete' } })).code).toBe(0)
  const run = await stage.rollback('previous')
  await expectLive(run, 'v1')
  expect(run.outputs['rollback-way']).toBe('redeploy')
  expect(readable(run)).toMatch(/^The blue fleet (keeps running until|\(2 instances\) was terminated)/m)
})

test('after a fast rollback, `previous` is not what was rolled back from', async () => {
  expect((await stage.deploy('v2')).code).toBe(0)
  await expectLive(await stage.rollback('previous'), 'v1')
  const again = await stage.rollback('previous')
  expect(again.code).toBe(1)
  expect(readable(again)).toContain('There is no previous revision')
  await expectLive(await stage.rollback(commitOf('v2')), 'v2')
})
