import { afterEach, describe, expect, test } from '@jest/globals'
import type { Switches } from '../contract.js'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, deployed, lines, lookAt, refusalOf, targetsOf } from '../scripted/look.js'

const NOT_REQUIRED =
  'Automatic rollback isn\u2019t required because traffic hasn\u2019t begun rerouting to the replacement environment'

let cloud: ScriptedCloud

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

const stop = (
  deploymentId: string,
  autoRollbackEnabled?: boolean
): Promise<{ status: string; statusMessage: string }> =>
  cloud.call('StopDeployment', {
    deploymentId,
    ...(autoRollbackEnabled === undefined ? {} : { autoRollbackEnabled })
  })

/**
 * A cloud with v1 live, where booting takes 30 s and each event 10 s: provisioned at 31 s, traffic at 101 s, blue at 121 s,
 * wait at 141 s.
 */
const withLive = async (switches: Partial<Switches> = {}): Promise<ScriptedCloud> => {
  const made = await scriptedCloud({ script: { bootSeconds: 30, eventSeconds: 10 }, switches })
  await deployed(made, 'v1.zip')
  return made
}

describe('before the traffic moves', () => {
  const rows: [phase: string, seconds: number, answer: string, events: string[]][] = [
    ['created', 0.5, 'Succeeded', []],
    ['provision', 10, 'Succeeded', []],
    ['install', 45, 'Pending', ['Green Failed +x--------', 'Green Failed +x--------']],
    [
      'the first traffic hook',
      105,
      'Pending',
      ['Blue Skipped ---', 'Blue Skipped ---', 'Green Failed +++++++x--', 'Green Failed +++++++x--']
    ]
  ]

  test.each(rows)(
    '%s: Stopped, a message, no rollback deployment, green stays',
    async (_phase, seconds, answer, events) => {
      cloud = await withLive()
      const id = await deploy(cloud)
      await cloud.pass(seconds)
      expect((await stop(id, true)).status).toBe(answer)
      expect(await stop(id, true)).toEqual({
        status: 'Succeeded',
        statusMessage: 'No more commands will be scheduled for execution in the deployment instances'
      })
      await cloud.pass(60)
      const info = await lookAt(cloud, id)
      expect(info).toMatchObject({ status: 'Stopped', errorInformation: { code: 'MANUAL_STOP' } })
      expect(info.rollbackInfo).toEqual({ rollbackMessage: NOT_REQUIRED })
      expect(cloud.planes.inspect.deployments()).toHaveLength(2)
      if (events.length > 0) expect(lines(await targetsOf(cloud, id))).toEqual(events)
      const green = cloud.planes.inspect.fleets.find(`CodeDeploy_web-blue-green_${id}`)
      expect(green === undefined).toBe(seconds < 1)
      expect(await refusalOf(stop(id))).toContain('DeploymentAlreadyCompletedException')
    }
  )

  test('the ready wait ends at once', async () => {
    cloud = await scriptedCloud({ seed: { readyAction: 'STOP_DEPLOYMENT', readyWaitMinutes: 60 } })
    const id = await deploy(cloud)
    await cloud.pass(10)
    expect((await lookAt(cloud, id)).status).toBe('Ready')
    expect((await stop(id)).status).toBe('Succeeded')
    await cloud.pass(5)
    const info = await lookAt(cloud, id)
    expect(info.status).toBe('Stopped')
    expect(info.rollbackInfo).toEqual({})
  })

  test('if the stop does not say, DEPLOYMENT_STOP_ON_REQUEST of the deployment decides about a rollback', async () => {
    cloud = await withLive()
    const enabled = { autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_STOP_ON_REQUEST'] } }
    const rows: [Record<string, unknown>, boolean | undefined, string | undefined][] = [
      [enabled, undefined, NOT_REQUIRED],
      [enabled, false, undefined],
      [{}, undefined, undefined]
    ]
    for (const [more, asked, message] of rows) {
      const id = await deploy(cloud, 'v2.zip', more)
      await cloud.pass(10)
      await stop(id, asked)
      await cloud.pass(5)
      expect((await lookAt(cloud, id)).rollbackInfo.rollbackMessage).toBe(message)
    }
  })
})

describe.each([
  ['while the traffic moves', 'stopWhileShifting', 125],
  ['in the termination wait', 'stopInTerminationWait', 160]
] as const)('%s', (_name, position, seconds) => {
  const stopped = async (way: Switches['stopWhileShifting'], rollback = true): Promise<string> => {
    cloud = await withLive({ [position]: way })
    const id = await deploy(cloud)
    await cloud.pass(seconds)
    if (way !== 'refused') await stop(id, rollback)
    return id
  }

  test('rollback: a new deployment moves the traffic back to blue', async () => {
    const id = await stopped('rollback')
    await cloud.pass(60)
    const info = await lookAt(cloud, id)
    const by = info.rollbackInfo.rollbackDeploymentId ?? ''
    expect(info.status).toBe('Stopped')
    expect(info.rollbackInfo.rollbackMessage).toBe(
      `Deployment ${id} terminated. Automatic rollback is triggered with a DeploymentId ${by}.`
    )
    const back = await lookAt(cloud, by)
    expect(back).toMatchObject({
      status: 'Succeeded',
      creator: 'codeDeployRollback',
      revision: { s3Location: { key: 'v1.zip' } },
      rollbackInfo: {
        rollbackTriggeringDeploymentId: id,
        rollbackMessage: `Deployment ${by} is triggered to roll back deployment ${id}.`
      }
    })
    expect(lines(await targetsOf(cloud, by))).toEqual([
      ...['Blue Succeeded +++', 'Blue Succeeded +++', 'Green Succeeded +++', 'Green Succeeded +++']
    ])
    const events = (await targetsOf(cloud, by)).map((target) => [
      target.instanceLabel,
      target.lifecycleEvents[1]?.lifecycleEventName
    ])
    expect(new Set(events.map(String))).toEqual(new Set(['Blue,AllowTraffic', 'Green,BlockTraffic']))
    await expectLive('v1.zip')
    const { fleets, targetGroups } = cloud.planes.inspect
    const balancer = targetGroups.byName('web-blue-green')
    const serving =
      balancer === undefined ? [] : targetGroups.health(balancer).map((health) => health.machineId)
    const blue = fleets.all().find((group) => !group.name.endsWith(id))?.name ?? ''
    expect(serving.sort()).toEqual(
      fleets
        .inService(blue)
        .map((instance) => instance.id)
        .sort()
    )
    expect(fleets.find(blue)?.hooks.size).toBe(1)
    expect(fleets.find(`CodeDeploy_web-blue-green_${id}`)?.hooks.size).toBe(0)
  })

  const expectLive = async (key: string): Promise<void> => {
    const group = await cloud.call('GetDeploymentGroup', {
      applicationName: 'web',
      deploymentGroupName: 'web-blue-green'
    })
    expect(group).toMatchObject({ deploymentGroupInfo: { targetRevision: { s3Location: { key } } } })
    const again = await deployed(cloud, 'v3.zip')
    expect((await lookAt(cloud, again)).status).toBe('Succeeded')
  }

  test('rollback holds the group until it is over', async () => {
    const id = await stopped('rollback')
    await cloud.pass(5)
    const by = (await lookAt(cloud, id)).rollbackInfo.rollbackDeploymentId ?? ''
    expect(await refusalOf(deploy(cloud))).toBe(
      `DeploymentLimitExceededException: The Deployment Group 'web-blue-green' already has an active Deployment '${by}'`
    )
  })

  test('without rollback: Stopped where it is, no new deployment', async () => {
    const id = await stopped('rollback', false)
    await cloud.pass(60)
    expect(await lookAt(cloud, id)).toMatchObject({ status: 'Stopped', rollbackInfo: {} })
    expect(cloud.planes.inspect.deployments()).toHaveLength(2)
  })

  test('refused: an exception, and the deployment keeps running', async () => {
    const id = await stopped('refused')
    expect(await refusalOf(stop(id, true))).toContain('cannot be stopped')
    await cloud.pass(3600)
    expect((await lookAt(cloud, id)).status).toBe('Succeeded')
  })

  test('succeeds-anyway: the stop is accepted, but the deployment wins the race', async () => {
    const id = await stopped('succeeds-anyway')
    await cloud.pass(3600)
    expect(await lookAt(cloud, id)).toMatchObject({ status: 'Succeeded', rollbackInfo: {} })
  })

  test('no-rollback: Stopped, and no deployment moves the traffic back', async () => {
    const id = await stopped('no-rollback')
    await cloud.pass(60)
    const info = await lookAt(cloud, id)
    expect(info.status).toBe('Stopped')
    expect(info.rollbackInfo).toEqual({})
  })
})
