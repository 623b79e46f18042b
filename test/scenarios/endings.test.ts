import { StopDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { afterEach, describe, expect, test } from '@jest/globals'
import { scriptFailed, type Script } from '../cloud/scripted/script.js'
import { clientsOf } from '../cloud/wire/clients.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const short = (version: string): string => commitOf(version).slice(0, 8)

/** Fails one event while `broken` returns true, on all instances or on the one with this index. */
const failing = (event: string, broken: () => boolean, index?: number): Script => ({
  event: (command, place) =>
    broken() && command.event === event && (index === undefined || place.index === index)
      ? { failure: scriptFailed(event, `scripts/${event}.sh`) }
      : undefined
})

describe('a failure after the traffic started to shift', () => {
  test('with automatic rollback: follows the rollback, ends with exit code 2, and names what is live', async () => {
    let broken = false
    stage = await openScriptedStage({
      seed: { autoRollbackEvents: ['DEPLOYMENT_FAILURE'] },
      script: {
        event: (command) =>
          broken && command.event === 'AfterAllowTraffic' && command.deploymentCreator === 'user'
            ? { failure: scriptFailed('AfterAllowTraffic', 'scripts/after.sh') }
            : undefined
      }
    })
    expect((await stage.deploy('v1')).code).toBe(0)
    broken = true
    const run = await stage.deploy('v2')
    const log = readable(run)
    expect(run.code).toBe(2)
    expect(run.outputs).toMatchObject({
      status: 'rolled-back',
      'live-commit': commitOf('v1'),
      'rollback-deployment-id': expect.stringMatching(/^d-/)
    })
    expect(log).toContain(
      `${short('v2')} was rolled back on ExampleApp/ExampleGroup: ${short('v1')} is live again`
    )
    expect(log).toContain(`was rolled back by ${run.outputs['rollback-deployment-id'] ?? '?'}`)
    expect(run.summary).toContain(run.outputs['rollback-deployment-id'])
  })

  test('whose rollback fails too: ends with exit code 1 and names no live commit', async () => {
    let broken = false
    stage = await openScriptedStage({
      seed: { autoRollbackEvents: ['DEPLOYMENT_FAILURE'] },
      script: failing('AfterAllowTraffic', () => broken)
    })
    await stage.deploy('v1')
    broken = true
    const run = await stage.deploy('v2')
    expect(run.code).toBe(1)
    expect(run.outputs['status']).toBe('failed')
    expect(run.outputs['live-commit']).toBeUndefined()
    expect(readable(run)).toMatch(/Its rollback d-\w+ did not succeed either/)
  })

  test('without automatic rollback: ends with exit code 1 and says that both revisions may be serving', async () => {
    let broken = false
    // What serves is read after the end of each run, and must not change in that moment because a wait is over.
    stage = await openScriptedStage({
      terminationWait: 10,
      script: failing('AfterAllowTraffic', () => broken)
    })
    await stage.deploy('v1')
    broken = true
    const run = await stage.deploy('v2')
    expect(run.code).toBe(1)
    expect(run.outputs['live-commit']).toBeUndefined()
    expect(readable(run)).toContain('both revisions may be serving')
    broken = false
    const next = await stage.deploy('v3')
    const id = run.outputs['deployment-id'] ?? '?'
    expect(next.code).toBe(0)
    expect(readable(next)).toMatch(
      new RegExp(`^::warning::i-\\w+, i-\\w+ serve \\w+ \\(${id}\\)\\. ${id} ended as Failed`, 'm')
    )
    expect(readable(next)).toContain(
      `delete-auto-scaling-group --auto-scaling-group-name 'CodeDeploy_ExampleGroup_${id}'`
    )
    // Each deployment warns about them as long as they serve.
    expect(readable(await stage.deploy('v4'))).toContain(`serve ${short('v2')} (${id})`)
  })
})

test('a deployment that somebody else stops ends with exit code 3, and the old version never stops serving', async () => {
  stage = await openScriptedStage({ script: { eventSeconds: 400 } })
  const { codedeploy } = clientsOf(stage.cloud)
  let stopped = false
  const run = await stage.deploy('v1', {
    onLog: (text) => {
      const id = /green .*(DownloadBundle|BeforeInstall)/.test(text)
        ? stage.cloud.planes.inspect.deployments()[0]?.id
        : undefined
      if (id === undefined || stopped) return
      stopped = true
      void codedeploy.send(new StopDeploymentCommand({ deploymentId: id }))
    }
  })
  expect(run.code).toBe(3)
  expect(run.outputs['status']).toBe('stopped')
  expect(readable(run)).toContain('was stopped')
  expect(readable(run)).toContain('The traffic never moved')
  expect(readable(run)).toContain('CodeDeploy_ExampleGroup_d-')
})

test('a timeout ends with exit code 4, leaves the deployment running, and says how to follow it', async () => {
  stage = await openScriptedStage({ timeScale: 30, script: { bootSeconds: 0, eventSeconds: 600 } })
  const run = await stage.deploy('v1', { inputs: { 'wait-for-minutes': '1' }, env: FAST_CLOCK })
  expect(run.code).toBe(4)
  expect(run.outputs['status']).toBe('timed-out')
  expect(stage.cloud.planes.inspect.deployments()[0]?.status).toBe('InProgress')
  expect(stage.cloud.requests.map(({ operation }) => operation)).not.toContain('StopDeployment')
  expect(readable(run)).toContain('The time limit for watching was reached')
  expect(readable(run)).toMatch(/run this job again: it finds d-\w+/)
})

/** A clock that jumps ahead one minute after 2.5 seconds, so the run reaches its time limit. */
const FAST_CLOCK = {
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(
    'const start=Date.now();const real=Date.now.bind(Date);let n=0;globalThis.Date.now=()=>{const now=real();return now-start<2500?now:now+60000}'
  )}`
}

test('a successful deployment with a failed instance ends as a success with a warning', async () => {
  stage = await openScriptedStage({ instances: 4, script: failing('AfterInstall', () => true, 1) })
  const run = await stage.deploy('v1')
  const log = readable(run)
  expect(run.code).toBe(0)
  expect(run.outputs['status']).toBe('succeeded')
  expect(log).toMatch(/^::warning::1 of \d instances failed or was skipped: i-\w+\./m)
  expect(log).toMatch(/✗ AfterInstall failed on i-\w+ \(green\)/)
  expect(run.summary).toContain('failed or was skipped')
})
