import { afterEach, describe, expect, test } from '@jest/globals'
import { openScriptedStage, openStage, readable, type Stage } from './stage.js'
import { scriptFailed } from '../cloud/scripted/script.js'

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const instancesOf = (log: string): Set<string> =>
  new Set([...log.matchAll(/in-place +(i-\w+)/g)].map(([, id = '']) => id))

describe('a group that deploys in place', () => {
  test('behind a load balancer: each instance leaves it, is updated and comes back', async () => {
    stage = await openStage({ inPlace: true, seed: { deploymentConfigName: 'CodeDeployDefault.OneAtATime' } })
    const first = await stage.deploy('v1')
    const second = await stage.deploy('v2')
    const log = readable(second)
    expect([first.code, second.code]).toEqual([0, 0])
    expect(await stage.serving()).toBe('v2')
    expect(instancesOf(log).size).toBe(2)
    for (const event of ['BlockTraffic', 'Install', 'AllowTraffic'])
      expect(log.match(new RegExp(`in-place .* ${event} +Succeeded`, 'g'))).toHaveLength(2)
    expect(log.replace(/^CodeDeploy blue.green.*/, '')).not.toMatch(/green|blue/)
    expect(second.summary).not.toMatch(/green|blue/)
    expect(second.outputs).toMatchObject({ status: 'succeeded' })
    expect(second.outputs['green-auto-scaling-group']).toBeUndefined()
  })

  test('without a load balancer: there are no traffic events, and the outcome is still reported', async () => {
    stage = await openStage({ inPlace: true, seed: { trafficControl: false } })
    const run = await stage.deploy('v1')
    const log = readable(run)
    expect(run.code).toBe(0)
    expect(log).not.toContain('Traffic ')
    expect(log).not.toContain('traffic:')
    expect(log).toMatch(/^✓ [0-9a-f]{8} is live/m)
  })

  test('names the event that fails on one of two instances', async () => {
    stage = await openScriptedStage({
      inPlace: true,
      seed: { deploymentConfigName: 'CodeDeployDefault.OneAtATime' },
      script: {
        event: (command, { index }) =>
          command.event === 'ValidateService' && index === 1
            ? { failure: scriptFailed('ValidateService', 'scripts/validate.sh') }
            : undefined
      }
    })
    const run = await stage.deploy('v1')
    expect(run.outputs['status']).toBe(run.code === 0 ? 'succeeded' : 'failed')
    expect(readable(run)).toContain('ValidateService failed on i-')
  })

  test('ends as rolled back after a failure with automatic rollback', async () => {
    let broken = false
    stage = await openScriptedStage({
      inPlace: true,
      seed: { autoRollbackEvents: ['DEPLOYMENT_FAILURE'] },
      script: {
        event: (command) =>
          broken && command.event === 'ApplicationStart' && command.deploymentCreator === 'user'
            ? { failure: scriptFailed('ApplicationStart', 'scripts/start.sh') }
            : undefined
      }
    })
    expect((await stage.deploy('v1')).code).toBe(0)
    broken = true
    const run = await stage.deploy('v2')
    expect(run.code).toBe(2)
    expect(run.outputs['status']).toBe('rolled-back')
  })
})

describe('deployment configurations', () => {
  test.each(['AllAtOnce', 'HalfAtATime', 'OneAtATime'])(
    '%s, set by `deployment-config-name`',
    async (name) => {
      stage = await openScriptedStage({
        instances: 4,
        seed: { deploymentConfigName: 'CodeDeployDefault.AllAtOnce' }
      })
      const run = await stage.deploy('v1', {
        inputs: { 'deployment-config-name': `CodeDeployDefault.${name}` }
      })
      expect(run.code).toBe(0)
      expect(stage.cloud.planes.inspect.deployments().at(-1)?.configName).toBe(`CodeDeployDefault.${name}`)
    }
  )

  test('one that does not exist is rejected, with the input to check', async () => {
    stage = await openScriptedStage()
    const run = await stage.deploy('v1', { inputs: { 'deployment-config-name': 'Canary.Nowhere' } })
    expect(run.code).toBe(1)
    expect(readable(run)).toContain('deployment-config-name')
  })
})

test('`auto-rollback-events` is passed to CodeDeploy as the user set it', async () => {
  stage = await openScriptedStage()
  await stage.deploy('v1', {
    inputs: { 'auto-rollback-events': 'DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM' }
  })
  await stage.deploy('v2', { inputs: { 'auto-rollback-events': 'none' } })
  const settings = stage.cloud.planes.inspect.deployments().map(({ autoRollback }) => autoRollback)
  expect(settings).toEqual([
    { enabled: true, events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'] },
    expect.objectContaining({ enabled: false })
  ])
})
