import { afterEach, describe, expect, test } from '@jest/globals'
import type { Switches } from '../contract.js'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { deployed, lookAt, refusalOf, s3Revision, targetsOf } from '../scripted/look.js'
import { scriptFailed } from '../scripted/script.js'
import type { SeedOptions } from './seed.js'

let cloud: ScriptedCloud
afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

const open = async (seed: SeedOptions = {}, switches: Partial<Switches> = {}): Promise<void> => {
  cloud = await scriptedCloud({
    seed: { fixedFleets: 'groups', blueAction: 'KEEP_ALIVE', ...seed },
    switches
  })
}

const to = (name: string): Record<string, unknown> => ({ targetInstances: { autoScalingGroups: [name] } })
const GREEN = to('green-fleet')
const tag = (Key: string, Value: string) => ({ Key, Value, Type: 'KEY_AND_VALUE' })

interface GroupView {
  autoScalingGroups: { name: string; hook?: string }[]
  ec2TagFilters: object[]
  ec2TagSet?: object
}

const groupOf = async (): Promise<GroupView> => {
  const { applicationName, deploymentGroupName } = cloud
  const input = { applicationName, deploymentGroupName }
  const answer = await cloud.call<{ deploymentGroupInfo: GroupView }>('GetDeploymentGroup', input)
  return answer.deploymentGroupInfo
}

const refers = async (): Promise<string[]> => (await groupOf()).autoScalingGroups.map(({ name }) => name)

const idsOf = (name: string): string[] =>
  cloud.planes.inspect.fleets
    .inService(name)
    .map(({ id }) => id)
    .sort()

const registered = (): string[] => {
  const { targetGroups } = cloud.planes.inspect
  const group = targetGroups.byName(cloud.targetGroupName)
  return (group?.plane.health() ?? [])
    .filter(({ state }) => state === 'healthy')
    .map(({ machineId }) => machineId)
    .sort()
}

describe('a deployment with DISCOVER_EXISTING', () => {
  test('installs on the named fleet, moves the traffic, and the group refers to it', async () => {
    await open()
    const [blue, green] = [idsOf('blue-fleet'), idsOf('green-fleet')]
    expect([registered(), await refers()]).toEqual([blue, ['blue-fleet']])
    const id = await deployed(cloud, 'v1.zip', GREEN)
    expect(await lookAt(cloud, id)).toMatchObject({
      status: 'Succeeded',
      targetInstances: { autoScalingGroups: ['green-fleet'] }
    })
    const side = async (label: string): Promise<string[]> =>
      (await targetsOf(cloud, id))
        .filter(({ instanceLabel }) => instanceLabel === label)
        .map(({ targetId }) => targetId)
        .sort()
    expect([await side('Green'), await side('Blue')]).toEqual([green, blue])
    expect([registered(), await refers()]).toEqual([green, ['green-fleet']])
    expect((await groupOf()).autoScalingGroups[0]?.hook).toBeDefined()
    expect([idsOf('blue-fleet'), idsOf('green-fleet')]).toEqual([blue, green])
    const created = cloud.planes.inspect.journal().filter(({ operation }) => /Create|Suspend/.test(operation))
    expect(created).toEqual([])
    await deployed(cloud, 'v2.zip', to('blue-fleet'))
    expect([registered(), await refers()]).toEqual([blue, ['blue-fleet']])
  })

  test('finds its fleets by tags', async () => {
    await open({ fixedFleets: 'tags' })
    const tagFilters = [tag('Name', 'green-fleet')]
    await deployed(cloud, 'v1.zip', { targetInstances: { tagFilters } })
    expect(registered()).toEqual(idsOf('green-fleet'))
    expect(await groupOf()).toMatchObject({ autoScalingGroups: [], ec2TagFilters: tagFilters })
    const ec2TagSet = {
      ec2TagSetList: [[tag('Name', 'blue-fleet'), tag('Name', 'x')], [{ Key: 'Name', Type: 'KEY_ONLY' }]]
    }
    const id = await deployed(cloud, 'v2.zip', { targetInstances: { ec2TagSet } })
    expect(await lookAt(cloud, id)).toMatchObject({ status: 'Succeeded', targetInstances: { ec2TagSet } })
    expect(registered()).toEqual(idsOf('blue-fleet'))
    expect(await groupOf()).toMatchObject({ ec2TagFilters: [], ec2TagSet })
  })

  test('fails if green has no instance, or blue has none', async () => {
    await open()
    cloud.planes.inspect.fleets.resize('green-fleet', { min: 0, desired: 0 })
    await cloud.pass(60)
    const failed = await lookAt(cloud, await deployed(cloud, 'v1.zip', GREEN))
    expect(failed).toMatchObject({ status: 'Failed', errorInformation: { code: 'NO_INSTANCES' } })
    cloud.planes.inspect.fleets.resize('blue-fleet', { min: 0, desired: 0 })
    await cloud.pass(60)
    const noBlue = await lookAt(cloud, await deployed(cloud, 'v1.zip', GREEN))
    expect(noBlue.errorInformation?.message).toContain('no instances were found in your blue fleet')
  })

  test('that fails while the traffic moves is rolled back to the fleet that served, and the group refers to it', async () => {
    cloud = await scriptedCloud({
      seed: { fixedFleets: 'groups', blueAction: 'KEEP_ALIVE', autoRollbackEvents: ['DEPLOYMENT_FAILURE'] },
      script: {
        event: ({ event, revision }) =>
          event === 'AfterAllowTraffic' && revision.key === 'v2.zip'
            ? { failure: scriptFailed(event, `${event}.sh`) }
            : undefined
      }
    })
    await deployed(cloud, 'v1.zip', GREEN)
    const id = await deployed(cloud, 'v2.zip', to('blue-fleet'))
    const by = (await lookAt(cloud, id)).rollbackInfo.rollbackDeploymentId ?? ''
    expect((await lookAt(cloud, by)).status).toBe('Succeeded')
    expect([registered(), await refers()]).toEqual([idsOf('green-fleet'), ['green-fleet']])
  })
})

describe('CreateDeployment refuses', () => {
  test.each<[string, Record<string, unknown> | undefined, string]>([
    ['no target instances', undefined, 'InvalidTargetInstancesException'],
    ['empty ones', {}, 'InvalidTargetInstancesException'],
    ['an unknown Auto Scaling group', { autoScalingGroups: ['x'] }, 'InvalidAutoScalingGroupException'],
    ['a tag of no instance', { tagFilters: [tag('Name', 'x')] }, 'InvalidTargetInstancesException'],
    [
      'tags in two forms',
      {
        tagFilters: [tag('Name', 'green-fleet')],
        ec2TagSet: { ec2TagSetList: [[tag('Name', 'green-fleet')]] }
      },
      'InvalidTargetInstancesException'
    ],
    [
      'four combined lists',
      { ec2TagSet: { ec2TagSetList: Array.from({ length: 4 }, () => [tag('Name', 'green-fleet')]) } },
      'InvalidTargetInstancesException'
    ]
  ])('%s', async (_, targetInstances, refusal) => {
    await open()
    const { applicationName, deploymentGroupName } = cloud
    const input = { applicationName, deploymentGroupName, revision: s3Revision('v1.zip'), targetInstances }
    expect(await refusalOf(cloud.call('CreateDeployment', input))).toContain(refusal)
    expect(cloud.planes.inspect.deployments()).toEqual([])
  })
})

describe('what nobody has seen', () => {
  test('fixedFleetsSwap: no: the group still refers to the old blue fleet', async () => {
    await open({}, { fixedFleetsSwap: 'no' })
    await deployed(cloud, 'v1.zip', GREEN)
    expect([registered(), await refers()]).toEqual([idsOf('green-fleet'), ['blue-fleet']])
  })

  test.each([
    ['with-its-group', false],
    ['instances-only', true]
  ] as const)('fixedBlueEnds: %s', async (fixedBlueEnds, stays) => {
    await open({ blueAction: 'TERMINATE', terminationWaitMinutes: 5 }, { fixedBlueEnds })
    const before = idsOf('blue-fleet')
    const id = await deployed(cloud, 'v1.zip', GREEN)
    expect((await lookAt(cloud, id)).status).toBe('Succeeded')
    expect(cloud.planes.inspect.fleets.find('blue-fleet') !== undefined).toBe(stays)
    const after = idsOf('blue-fleet')
    expect(after).toHaveLength(stays ? before.length : 0)
    expect(after.filter((one) => before.includes(one))).toEqual([])
  })
})
