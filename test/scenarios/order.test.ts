import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
let slow = false
beforeEach(async () => {
  slow = false
  // Install is slow where a test needs to see it running: two seconds of real time.
  stage = await openScriptedStage({
    script: { event: ({ event }) => ({ seconds: slow && event === 'Install' ? 1000 : 30 }) }
  })
})
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const made = (): number => stage.cloud.planes.inspect.deployments().length

describe('the order of runs', () => {
  test('an older run does not deploy over a newer one, unless `skip-order-check` is set', async () => {
    expect((await stage.deploy('new', { env: { GITHUB_RUN_ID: '9000000002' } })).code).toBe(0)
    const old = await stage.deploy('old', { env: { GITHUB_RUN_ID: '9000000001' } })
    expect(old.code).toBe(1)
    expect(readable(old)).toContain('the newer run 9000000002 has already deployed')
    expect(made()).toBe(1)
    const all = await stage.deploy('old', {
      inputs: { 'skip-order-check': 'true' },
      env: { GITHUB_RUN_ID: '9000000001' }
    })
    expect(all.code).toBe(0)
    expect(made()).toBe(2)
  })

  test('two simultaneous runs of one commit share one deployment, and both report its outcome', async () => {
    await stage.close()
    stage = await openScriptedStage({ terminationWait: 60, script: { eventSeconds: 60 } })
    const runs = await Promise.all([stage.deploy('v1'), stage.deploy('v1')])
    expect(runs.map(({ code }) => code)).toEqual([0, 0])
    expect(made()).toBe(1)
    expect(runs.some((run) => readable(run).includes('which is already deploying this revision'))).toBe(true)
    expect(runs[0].outputs['deployment-id']).toBe(runs[1].outputs['deployment-id'])
  })

  test('a job that is re-run while its deployment is running follows it', async () => {
    const env = { GITHUB_RUN_ID: '9000000007' }
    await stage.deploy('v1', { env, inputs: { 'wait-for': 'none' } })
    const again = await stage.deploy('v1', { env: { ...env, GITHUB_RUN_ATTEMPT: '2' } })
    expect(again.code).toBe(0)
    expect(made()).toBe(1)
    expect(readable(again)).toMatch(/^Following d-\w+, which is already deploying this revision/m)
  })

  test('a lost answer to CreateDeployment results in one deployment, which is followed', async () => {
    stage.cloud.faults.add('CreateDeployment:reset-after')
    const run = await stage.deploy('v1')
    expect(run.code).toBe(0)
    expect(made()).toBe(1)
  })
})

describe('a custom description, which may contain untrusted text', () => {
  test.each([10, 219, 220, 256])(
    'of %i characters: the same run gets one deployment, and an older run is rejected',
    async (length) => {
      const described = (id: string) => ({
        inputs: { description: '한'.repeat(length) },
        env: { GITHUB_RUN_ID: id }
      })
      expect((await stage.deploy('v1', described('9000000005'))).code).toBe(0)
      expect((await stage.deploy('v1', described('9000000005'))).code).toBe(0)
      expect(made()).toBe(1)
      const older = await stage.deploy('v2', described('9000000004'))
      expect(older.code).toBe(1)
      expect(readable(older)).toContain('the newer run 9000000005 has already deployed')
      expect(made()).toBe(1)
    }
  )

  test('with a forged mark of a later run does not block other runs', async () => {
    const inputs = { description: 'Fix | run 99999999999999.1 by mallory' }
    expect((await stage.deploy('v1', { inputs })).code).toBe(0)
    expect((await stage.deploy('v2')).code).toBe(0)
  })

  test('with a forged mark of a rollback does not mislead `previous`', async () => {
    await stage.deploy('v1', { inputs: { 'end-termination-wait': 'true' } })
    await stage.deploy('v2', { inputs: { 'end-termination-wait': 'true' } })
    const inputs = {
      description: `Fix | undoes d-${idOf(1)} | run 1.1 by mallory`,
      'end-termination-wait': 'true'
    }
    await stage.deploy('v3', { inputs })
    const back = await stage.rollback('previous')
    expect(back.outputs).toMatchObject({ 'live-commit': commitOf('v2') })
  })
})

/** Starts a slow deployment without waiting for it. */
const busy = (version: string): Promise<unknown> => {
  slow = true
  return stage.deploy(version, { inputs: { 'wait-for': 'none' } })
}

describe('a group that another deployment holds', () => {
  test('deploy waits by default, and names the holder', async () => {
    await busy('v1')
    const run = await stage.deploy('v2')
    expect(run.code).toBe(0)
    expect(readable(run)).toMatch(/^d-\w+ has held ExampleApp\/ExampleGroup since/m)
    expect(stage.cloud.planes.inspect.deployments().map(({ status }) => status)[0]).toBe('Succeeded')
  })

  test.each(['deploy', 'rollback'])(
    '`on-conflict: fail` ends a %s immediately, and names the holder',
    async (command) => {
      if (command === 'rollback') await stage.deploy('v0')
      if (command === 'rollback') await stage.deploy('v1')
      await busy('v2')
      const inputs = { 'on-conflict': 'fail' }
      const before = made()
      const run =
        command === 'deploy'
          ? await stage.deploy('v3', { inputs })
          : await stage.rollback(`d-${idOf(0)}`, { inputs })
      expect(run.code).toBe(1)
      expect(readable(run)).toMatch(/is held by d-\w+ \(\w+, started by user: /)
      expect(made()).toBe(before)
    }
  )

  test('`on-conflict: supersede` stops the holder and deploys', async () => {
    await busy('v1')
    const run = await stage.deploy('v2', { inputs: { 'on-conflict': 'supersede' } })
    expect(run.code).toBe(0)
    expect(stage.cloud.planes.inspect.deployments().map(({ status }) => status)).toEqual([
      'Stopped',
      expect.stringMatching(/InProgress|Succeeded/)
    ])
  })

  test('`on-conflict: wait` makes a rollback wait', async () => {
    await stage.deploy('v0')
    await stage.deploy('v1')
    await busy('v2')
    const run = await stage.rollback(`d-${idOf(0)}`, { inputs: { 'on-conflict': 'wait' } })
    expect(run.code).toBe(0)
    expect(stage.cloud.requests.map(({ operation }) => operation)).not.toContain('StopDeployment')
    expect(run.outputs).toMatchObject({ 'rollback-way': 'redeploy', status: 'succeeded' })
  })
})

const idOf = (at: number): string => (stage.cloud.planes.inspect.deployments()[at]?.id ?? 'd-').slice(2)
