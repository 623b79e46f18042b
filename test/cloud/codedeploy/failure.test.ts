import { afterEach, describe, expect, test } from '@jest/globals'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, deployed, lines, lookAt, targetsOf } from '../scripted/look.js'
import { scriptFailed, type Script } from '../scripted/script.js'

const TOO_MANY =
  'The overall deployment failed because too many individual instances failed deployment, too few healthy instances are available for deployment, or some instances in your deployment group are experiencing problems.'
const NOT_REQUIRED =
  'Automatic rollback isn\u2019t required because traffic hasn\u2019t begun rerouting to the replacement environment'

let cloud: ScriptedCloud

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

/** Fails one event on the green machines whose index is named. */
const failing = (event: string, indexes: readonly number[]): Script => ({
  event: (command, place) =>
    command.event === event &&
    place.autoScalingGroup.startsWith('CodeDeploy_') &&
    indexes.includes(place.index)
      ? { failure: scriptFailed(event, `scripts/${event}.sh`) }
      : undefined
})

describe('a hook that fails on green', () => {
  test('fails the deployment, skips the rest, keeps both groups and says why', async () => {
    cloud = await scriptedCloud({ script: failing('AfterInstall', [0, 1]) })
    const id = await deployed(cloud, 'v2.zip')
    expect(await lookAt(cloud, id)).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'HEALTH_CONSTRAINTS', message: TOO_MANY },
      rollbackInfo: {},
      deploymentOverview: { Failed: 2 },
      targetInstances: { autoScalingGroups: [`CodeDeploy_web-blue-green_${id}`] }
    })
    const targets = await targetsOf(cloud, id)
    expect(lines(targets)).toEqual(['Green Failed ++++x-----', 'Green Failed ++++x-----'])
    expect(targets[0]?.lifecycleEvents[4]?.diagnostics).toEqual(
      scriptFailed('AfterInstall', 'scripts/AfterInstall.sh')
    )
    expect(Object.keys(targets[0]?.lifecycleEvents[5] ?? {}).sort()).toEqual(['lifecycleEventName', 'status'])
    const { fleets } = cloud.planes.inspect
    expect(fleets.inService('web-blue-green')).toHaveLength(2)
    expect(fleets.inService(`CodeDeploy_web-blue-green_${id}`)).toHaveLength(2)
    expect(cloud.planes.inspect.journal().map((entry) => entry.operation)).not.toContain('RegisterTargets')
  })

  test('with automatic rollback there is a message and no new deployment, because traffic never moved', async () => {
    cloud = await scriptedCloud({
      script: failing('ValidateService', [0, 1]),
      seed: { autoRollbackEvents: ['DEPLOYMENT_FAILURE'] }
    })
    const id = await deployed(cloud, 'v2.zip')
    expect((await lookAt(cloud, id)).rollbackInfo).toEqual({ rollbackMessage: NOT_REQUIRED })
    expect(cloud.planes.inspect.deployments()).toHaveLength(1)
  })
})

describe('the minimum of healthy hosts', () => {
  const rows: [name: string, config: string, failed: number[], status: string, green: string[]][] = [
    [
      'AllAtOnce, one succeeds',
      'AllAtOnce',
      [0, 1, 2],
      'Succeeded',
      ['Failed', 'Failed', 'Failed', 'Succeeded']
    ],
    [
      'AllAtOnce, none succeeds',
      'AllAtOnce',
      [0, 1, 2, 3],
      'Failed',
      ['Failed', 'Failed', 'Failed', 'Failed']
    ],
    [
      'HalfAtATime, half succeed',
      'HalfAtATime',
      [2, 3],
      'Succeeded',
      ['Failed', 'Failed', 'Succeeded', 'Succeeded']
    ],
    [
      'HalfAtATime, the first half fails',
      'HalfAtATime',
      [0, 1],
      'Failed',
      ['Failed', 'Failed', 'Skipped', 'Skipped']
    ],
    ['OneAtATime, the first fails', 'OneAtATime', [0], 'Failed', ['Failed', 'Skipped', 'Skipped', 'Skipped']],
    [
      'OneAtATime, the last fails',
      'OneAtATime',
      [3],
      'Succeeded',
      ['Failed', 'Succeeded', 'Succeeded', 'Succeeded']
    ]
  ]

  test.each(rows)('%s', async (_name, config, failed, status, green) => {
    cloud = await scriptedCloud({
      script: failing('ApplicationStart', failed),
      seed: { instances: 4, deploymentConfigName: `CodeDeployDefault.${config}` }
    })
    const id = await deployed(cloud, 'v2.zip')
    expect((await lookAt(cloud, id)).status).toBe(status)
    const targets = (await targetsOf(cloud, id)).filter((target) => target.instanceLabel === 'Green')
    expect(targets.map((target) => target.status).sort()).toEqual(green)
  })

  test('OneAtATime works on one instance at a time, HalfAtATime on half', async () => {
    for (const [config, busy] of [
      ['OneAtATime', 1],
      ['HalfAtATime', 2]
    ] as const) {
      cloud = await scriptedCloud({
        script: { eventSeconds: 10 },
        seed: { instances: 5, deploymentConfigName: `CodeDeployDefault.${config}` }
      })
      const id = await deploy(cloud)
      await cloud.pass(6)
      const overview = (await lookAt(cloud, id)).deploymentOverview
      expect(overview).toMatchObject({ InProgress: busy, Pending: 5 - busy })
      await cloud.planes.stop()
    }
  })
})

describe('provisioning fails because of', () => {
  test('an empty blue fleet', async () => {
    cloud = await scriptedCloud({ seed: { instances: 0 } })
    const id = await deployed(cloud, 'v2.zip')
    expect(await lookAt(cloud, id)).toMatchObject({
      status: 'Failed',
      errorInformation: {
        code: 'NO_INSTANCES',
        message: 'The deployment failed because no instances were found in your blue fleet.'
      }
    })
  })

  test('a service role that may not launch, and leaves no group behind', async () => {
    cloud = await scriptedCloud({ seed: { roleCannotLaunch: true } })
    const id = await deployed(cloud, 'v2.zip')
    const info = await lookAt(cloud, id)
    expect(info).toMatchObject({ status: 'Failed', errorInformation: { code: 'IAM_ROLE_PERMISSIONS' } })
    expect(info.errorInformation?.message).toContain('AWS service: AmazonAutoScaling')
    expect(cloud.planes.inspect.fleets.all()).toHaveLength(1)
  })
})

describe('agents that do not answer', () => {
  test('on green fail the first event after 5 minutes', async () => {
    cloud = await scriptedCloud({
      script: { agentAlive: (place) => !place.autoScalingGroup.startsWith('CodeDeploy_') }
    })
    const id = await deploy(cloud)
    await cloud.pass(290)
    expect(lines(await targetsOf(cloud, id))).toEqual([
      'Green InProgress ..........',
      'Green InProgress ..........'
    ])
    await cloud.pass(20)
    const targets = await targetsOf(cloud, id)
    expect(lines(targets)).toEqual(['Green Failed x---------', 'Green Failed x---------'])
    expect(targets[0]?.lifecycleEvents[0]?.diagnostics).toMatchObject({
      errorCode: 'UnknownError',
      message: expect.stringContaining('CodeDeploy agent was not able to receive the lifecycle event.')
    })
    const { startTime = 0, completeTime = 0 } = await lookAt(cloud, id)
    expect(completeTime - startTime).toBe(300)
  })

  test('on blue fail BeforeBlockTraffic while green is already serving', async () => {
    cloud = await scriptedCloud({
      script: { agentAlive: (place) => place.autoScalingGroup.startsWith('CodeDeploy_') }
    })
    const id = await deployed(cloud, 'v2.zip')
    expect(await lookAt(cloud, id)).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'HEALTH_CONSTRAINTS' }
    })
    expect(lines(await targetsOf(cloud, id))).toEqual([
      ...['Blue Failed x--', 'Blue Failed x--', 'Green Succeeded ++++++++++', 'Green Succeeded ++++++++++']
    ])
  })

  test('in the middle of an event fail it after its hour', async () => {
    cloud = await scriptedCloud({
      script: { event: (command) => (command.event === 'Install' ? { agentDies: true } : undefined) },
      seed: { instances: 1 }
    })
    const id = await deploy(cloud)
    await cloud.pass(3590)
    expect(lines(await targetsOf(cloud, id))).toEqual(['Green InProgress +++>......'])
    await cloud.pass(20)
    expect(lines(await targetsOf(cloud, id))).toEqual(['Green Failed +++x------'])
  })
})

describe('traffic that cannot be moved', () => {
  test('AllowTraffic fails after an hour without health, with a diagnostic', async () => {
    cloud = await scriptedCloud({
      balancing: { health: () => ({ state: 'unhealthy', reason: 'Target.FailedHealthChecks' }) }
    })
    const id = await deploy(cloud)
    await cloud.pass(3500)
    expect((await lookAt(cloud, id)).status).toBe('InProgress')
    await cloud.pass(200)
    const targets = await targetsOf(cloud, id)
    expect(lines(targets)).toEqual([
      'Blue Skipped ---',
      'Blue Skipped ---',
      'Green Failed ++++++++x-',
      'Green Failed ++++++++x-'
    ])
    const failed = targets
      .flatMap((target) => target.lifecycleEvents)
      .find((event) => event.status === 'Failed')
    expect(failed?.diagnostics?.message).toMatch(
      /is still unhealthy \(Target.FailedHealthChecks\) .* after 60 minutes\. for activityId/
    )
  })

  test('a failing Block hook of the previous revision is ignored if the deployment says so', async () => {
    const script: Script = {
      event: (command) =>
        ['ApplicationStop', 'BeforeBlockTraffic', 'AfterBlockTraffic'].includes(command.event)
          ? { failure: scriptFailed(command.event, 'scripts/stop.sh') }
          : undefined
    }
    cloud = await scriptedCloud({ script, seed: { instances: 1 } })
    const strict = await deployed(cloud, 'v2.zip')
    expect(lines(await targetsOf(cloud, strict))).toEqual(['Green Failed x---------'])
    const forgiving = await deployed(cloud, 'v3.zip', { ignoreApplicationStopFailures: true })
    expect(await lookAt(cloud, forgiving)).toMatchObject({ status: 'Succeeded' })
    expect(lines(await targetsOf(cloud, forgiving))).toEqual([
      'Blue Succeeded x+x',
      'Green Succeeded x+++++++++'
    ])
  })
})
