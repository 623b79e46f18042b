import { afterEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import {
  allowAsking,
  asPerson,
  BOTH,
  expectLive,
  expectRefused,
  greens,
  ids,
  named,
  openFixed
} from './fixed.js'
import { readable, type Settings, type Stage } from './stage.js'

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

describe('a run that waits for another deployment', () => {
  const waiting = { seed: { readyAction: 'STOP_DEPLOYMENT', readyWaitMinutes: 2000 } } as const

  /** Starts a deployment that waits for a person, and lets it continue once the next run waits for it. */
  const behind = async (settings: Settings): Promise<ActionRun> => {
    stage = await openFixed(waiting)
    expect((await stage.deploy('v1', { inputs: { ...BOTH.inputs, 'wait-for': 'none' } })).code).toBe(0)
    let continued: Promise<void> | undefined
    const go = async (deploymentId: string): Promise<void> => {
      for (;;) {
        const { status } =
          stage.cloud.planes.inspect.deployments().find(({ id }) => id === deploymentId) ?? {}
        if (status === 'Ready') break
        await stage.cloud.clock.sleep(1000)
      }
      await asPerson(stage, 'ContinueDeployment', { deploymentId, deploymentWaitType: 'READY_WAIT' })
    }
    const run = await stage.deploy('v2', {
      ...settings,
      onLog: (log) => {
        const [, holder] = /(d-\w+) has held/.exec(log) ?? []
        const running = stage.cloud.planes.inspect.deployments().at(-1)
        if (holder !== undefined) continued ??= go(holder)
        if (running !== undefined && running.id !== holder && running.status === 'Ready')
          void asPerson(stage, 'ContinueDeployment', {
            deploymentId: running.id,
            deploymentWaitType: 'READY_WAIT'
          })
      }
    })
    await continued
    return run
  }

  test('goes to the fleet that does not serve by then', async () => {
    const run = await behind({ inputs: { ...BOTH.inputs, 'wait-for': 'none' } })
    expect(readable(run)).toMatch(/^Green fleet: blue-fleet; blue fleet: green-fleet, kept/m)
    expect(greens(stage)).toEqual(['green-fleet', 'blue-fleet'])
  })

  test('is refused if the only fleet that it names serves by then', async () => {
    const run = await behind(named('green-fleet'))
    expect(run.code).toBe(1)
    expect(readable(run)).toContain('`green-auto-scaling-group` is green-fleet, which is the fleet that')
    expect(greens(stage)).toEqual(['green-fleet'])
  })
})

describe('a group that still refers to the fleet that no longer serves', () => {
  test.each([
    ['with the optional rights', true],
    ['without them', false]
  ])('is not deployed to until it is corrected, %s', async (_, asks) => {
    stage = await openFixed()
    stage.cloud.switches.fixedFleetsSwap = 'no'
    if (asks) allowAsking(stage)
    expectLive(await stage.deploy('v1', BOTH), 'v1')
    await expectRefused(
      stage,
      () => stage.deploy('v2', BOTH),
      /refers to blue-fleet, but visitors are served by green-fleet\.[^]*aws deploy update-deployment-group .* --auto-scaling-groups green-fleet/
    )
    await asPerson(stage, 'UpdateDeploymentGroup', {
      applicationName: 'ExampleApp',
      currentDeploymentGroupName: 'ExampleGroup',
      autoScalingGroups: ['green-fleet']
    })
    expectLive(await stage.deploy('v2', BOTH), 'v2')
    expect(greens(stage)).toEqual(['green-fleet', 'blue-fleet'])
  })
})

describe('a group that terminates blue', () => {
  const terminating = { seed: { blueAction: 'TERMINATE', terminationWaitMinutes: 60 } } as const
  const WARNING =
    /::warning::.*ExampleGroup terminates blue once a deployment has succeeded, so the fleet that serves until then will have/

  /** Ends the wait of the newest deployment, and waits until its blue fleet is gone. */
  const endWait = async (): Promise<void> => {
    const newest = stage.cloud.planes.inspect.deployments().at(-1)
    await asPerson(stage, 'ContinueDeployment', {
      deploymentId: newest?.id,
      deploymentWaitType: 'TERMINATION_WAIT'
    })
    while (newest?.status === 'InProgress') await stage.cloud.clock.sleep(1000)
    expect(newest?.status).toBe('Succeeded')
  }

  test('is warned of, and goes back fast while blue still runs', async () => {
    stage = await openFixed(terminating)
    stage.cloud.switches.fixedBlueEnds = 'instances-only'
    expectLive(await stage.deploy('v1', BOTH), 'v1')
    await endWait()
    const second = await stage.deploy('v2', BOTH)
    expect([second.code, readable(second)]).toEqual([0, expect.stringMatching(WARNING)])
    const back = await stage.rollback('previous', BOTH)
    expectLive(back, 'v1')
    expect(back.outputs['rollback-way']).toBe('fast')
    expect(readable(back)).not.toMatch(/left behind/)
    expectLive(await stage.deploy('v3', BOTH), 'v3')
    expect(greens(stage).filter((name) => name !== undefined)).toEqual([
      'green-fleet',
      'blue-fleet',
      'blue-fleet'
    ])
  })

  test('goes to the fleet again if its Auto Scaling group launched new instances', async () => {
    stage = await openFixed(terminating)
    allowAsking(stage)
    stage.cloud.switches.fixedBlueEnds = 'instances-only'
    const before = ids(stage)
    expectLive(await stage.deploy('v1', BOTH), 'v1')
    await endWait()
    const { fleets } = stage.cloud.planes.inspect
    await fleets.until(() => fleets.inService('blue-fleet').length === 2, AbortSignal.timeout(60_000))
    expect(ids(stage).filter((id) => before.includes(id))).toHaveLength(2)
    expectLive(await stage.deploy('v2', BOTH), 'v2')
  })

  test.each([
    ['by the action', true, 'ap-northeast-2 has no Auto Scaling group of this name'],
    ['by CodeDeploy, if the role may not look', false, 'InvalidAutoScalingGroupException']
  ])(
    'has no fleet for the next one if its group is deleted too, which is said %s',
    async (_, asks, message) => {
      stage = await openFixed(terminating)
      if (asks) allowAsking(stage)
      expectLive(await stage.deploy('v1', BOTH), 'v1')
      await endWait()
      const run = await stage.rollback('previous', BOTH)
      const next = await stage.deploy('v2', BOTH)
      expect([run.code, next.code, readable(next)]).toEqual([1, 1, expect.stringContaining(message)])
      expect(greens(stage)).toEqual(['green-fleet'])
    }
  )
})
