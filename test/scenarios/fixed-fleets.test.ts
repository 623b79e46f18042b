import { afterEach, describe, expect, test } from '@jest/globals'
import { scriptFailed } from '../cloud/scripted/script.js'
import { commitOf } from './app.js'
import { allowAsking, BOTH, expectLive, expectRefused, greens, ids, named, openFixed, TAGS } from './fixed.js'
import { openScriptedStage, openStage, readable, type Stage } from './stage.js'

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

describe('two fixed fleets that take turns', () => {
  test('deploy, deploy again, roll back: one setting for all, and no instance comes or goes', async () => {
    stage = await openStage({ fixedFleets: 'groups' })
    allowAsking(stage)
    const before = ids(stage)
    const first = await stage.deploy('v1', BOTH)
    expect(readable(first)).toContain(
      'Green fleet: green-fleet (2 instances in service); blue fleet: blue-fleet, kept after the deployment'
    )
    expect([first.code, await stage.serving()]).toEqual([0, 'v1'])
    expect(first.outputs).toMatchObject({
      'green-auto-scaling-group': 'green-fleet',
      'blue-auto-scaling-group': 'blue-fleet'
    })
    const second = await stage.deploy('v2', BOTH)
    expect([second.code, await stage.serving()]).toEqual([0, 'v2'])
    expect(readable(second)).toContain('The next deployment goes to it, and so does a rollback.')
    expect(readable(second)).not.toMatch(/costs money|was left behind/)
    expect(second.outputs).toMatchObject({ 'green-auto-scaling-group': 'blue-fleet' })
    const back = await stage.rollback('previous', BOTH)
    expect([back.code, await stage.serving()]).toEqual([0, 'v1'])
    expect(back.outputs).toMatchObject({ 'rollback-way': 'redeploy', 'live-commit': commitOf('v1') })
    expect(greens(stage)).toEqual(['green-fleet', 'blue-fleet', 'green-fleet'])
    expect(ids(stage)).toEqual(before)
  })

  test('the history, the list and what is live follow the swaps, without any optional right', async () => {
    stage = await openFixed()
    for (const version of ['v1', 'v2', 'v3']) expectLive(await stage.deploy(version, BOTH), version)
    const back = await stage.rollback('previous', BOTH)
    expectLive(back, 'v2')
    expect(readable(back)).toContain(`Live now: ${commitOf('v3').slice(0, 8)}`)
    const list = readable(await stage.rollback(''))
    expect(list).toMatch(new RegExp(`Live now: ${commitOf('v2').slice(0, 8)} .* on 2 instances`))
    expect(list.match(/^ +live · .*$/gm)).toEqual([expect.stringContaining('· v2 ·')])
    expect((await stage.history()).code).toBe(0)
    const again = await stage.rollback('previous', BOTH)
    expectLive(again, 'v1')
    expect(greens(stage)).toEqual(['green-fleet', 'blue-fleet', 'green-fleet', 'blue-fleet', 'green-fleet'])
  })

  test('by tags: one fleet a line', async () => {
    stage = await openFixed({ fixedFleets: 'tags' })
    allowAsking(stage)
    const first = await stage.deploy('v1', TAGS)
    expectLive(first, 'v1')
    expect(readable(first)).toContain(
      'Green fleet: Name=green-fleet (2 instances in service); blue fleet: Name=blue-fleet'
    )
    expectLive(await stage.deploy('v2', TAGS), 'v2')
    const third = await stage.deploy('v3', {
      inputs: { 'green-tags': 'Name=green-fleet, codedeploy-instance-logs=ExampleApp' }
    })
    expectLive(third, 'v3')
    expect(
      stage.cloud.planes.inspect.deployments().map(({ targetInstances }) => targetInstances?.tags.length)
    ).toEqual([1, 1, 2])
    // The group refers to the combined tags now, which is what a line must say.
    await expectRefused(
      stage,
      () => stage.rollback('previous', TAGS),
      'neither of the two is known to be the one that serves'
    )
  })
})

describe('a failed deployment', () => {
  test('leaves blue serving, and the next one goes to the same fleet', async () => {
    let broken = false
    stage = await openFixed({
      script: {
        event: ({ event }) =>
          broken && event === 'ValidateService'
            ? { failure: scriptFailed('ValidateService', 'scripts/validate.sh') }
            : undefined
      }
    })
    expectLive(await stage.deploy('v1', BOTH), 'v1')
    broken = true
    const failed = await stage.deploy('v2', BOTH)
    expect([failed.code, failed.outputs['live-commit']]).toEqual([1, commitOf('v1')])
    expect(readable(failed)).not.toMatch(/left behind|delete-auto-scaling-group/)
    broken = false
    const next = await stage.deploy('v3', BOTH)
    expectLive(next, 'v3')
    expect(next.outputs['previous-commit']).toBe(commitOf('v1'))
    expect(greens(stage)).toEqual(['green-fleet', 'blue-fleet', 'blue-fleet'])
  })

  test('that the service rolls back gives blue the traffic again', async () => {
    let broken = false
    stage = await openFixed({
      seed: { autoRollbackEvents: ['DEPLOYMENT_FAILURE'] },
      script: {
        event: ({ event, deploymentCreator }) =>
          broken && event === 'AfterAllowTraffic' && deploymentCreator === 'user'
            ? { failure: scriptFailed('AfterAllowTraffic', 'scripts/after.sh') }
            : undefined
      }
    })
    expectLive(await stage.deploy('v1', BOTH), 'v1')
    broken = true
    const failed = await stage.deploy('v2', BOTH)
    broken = false
    expect(failed.outputs).toMatchObject({ status: 'rolled-back', 'live-commit': commitOf('v1') })
    expectLive(await stage.deploy('v3', BOTH), 'v3')
    expect(greens(stage)).toEqual(['green-fleet', 'blue-fleet', undefined, 'blue-fleet'])
  })
})

describe('mistakes are found before anything is changed', () => {
  test('in the inputs of a group with fixed fleets', async () => {
    stage = await openFixed()
    expectLive(await stage.deploy('v1', BOTH), 'v1')
    expectLive(await stage.deploy('v2', BOTH), 'v2')
    const missing =
      'ExampleApp/ExampleGroup is blue/green with DISCOVER_EXISTING, so it deploys to a fleet that already exists, and nothing says which one.'
    const live =
      '`green-auto-scaling-group` is blue-fleet, which is the fleet that ExampleApp/ExampleGroup refers to'
    await expectRefused(stage, () => stage.deploy('v3'), missing)
    await expectRefused(stage, () => stage.rollback('previous'), missing)
    await expectRefused(stage, () => stage.deploy('v3', named('blue-fleet')), live)
    await expectRefused(stage, () => stage.rollback('previous', named('blue-fleet')), live)
    await expectRefused(
      stage,
      () => stage.deploy('v3', named('green-fleet', { 'green-tags': 'Name=green-fleet' })),
      '`green-auto-scaling-group` is set too'
    )
    await expectRefused(
      stage,
      () => stage.deploy('v3', named('a, b')),
      '`green-auto-scaling-group` is a or b, but'
    )
    // The list needs no fleet.
    expect((await stage.rollback('')).code).toBe(0)
  })

  test('in the fleets, if the role may read them', async () => {
    stage = await openFixed()
    allowAsking(stage)
    await expectRefused(
      stage,
      () => stage.deploy('v1', named('grene-fleet')),
      'ap-northeast-2 has no Auto Scaling group of this name'
    )
    stage.cloud.planes.inspect.fleets.resize('green-fleet', { min: 0, desired: 0 })
    await expectRefused(
      stage,
      () => stage.deploy('v1', BOTH),
      'The Auto Scaling group green-fleet has no instance in service'
    )
  })

  test('in the inputs of a group that copies its fleet', async () => {
    stage = await openScriptedStage()
    await expectRefused(
      stage,
      () => stage.deploy('v1', BOTH),
      /is blue-fleet or green-fleet, but ExampleApp\/ExampleGroup copies its Auto Scaling group/
    )
  })

  test('in the inputs of a group that deploys in place', async () => {
    stage = await openScriptedStage({ inPlace: true })
    await expectRefused(
      stage,
      () => stage.deploy('v1', TAGS),
      /`green-tags` is Name=blue-fleet or Name=green-fleet, but ExampleApp\/ExampleGroup deploys in place/
    )
  })
})
