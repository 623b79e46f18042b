import { afterEach, describe, expect, test } from '@jest/globals'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, deployed, lines, lookAt, targetsOf } from '../scripted/look.js'
import { scriptFailed, type Script } from '../scripted/script.js'

let cloud: ScriptedCloud

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

/** Fails one event of one bundle. */
const failing = (event: string, key: string): Script => ({
  event: (command) =>
    command.event === event && command.revision.key === key
      ? { failure: scriptFailed(event, `${event}.sh`) }
      : undefined
})

const enabled = { autoRollbackEvents: ['DEPLOYMENT_FAILURE' as const] }

describe('automatic rollback after the start of the shift', () => {
  test('moves the traffic back with a separate deployment, and the group points at blue again', async () => {
    cloud = await scriptedCloud({ script: failing('AfterAllowTraffic', 'v2.zip'), seed: enabled })
    const good = await deployed(cloud, 'v1.zip')
    const bad = await deployed(cloud, 'v2.zip')
    const info = await lookAt(cloud, bad)
    expect(info).toMatchObject({ status: 'Failed', errorInformation: { code: 'HEALTH_CONSTRAINTS' } })
    const by = info.rollbackInfo.rollbackDeploymentId ?? ''
    expect(await lookAt(cloud, by)).toMatchObject({ status: 'Succeeded', creator: 'codeDeployRollback' })
    expect(lines(await targetsOf(cloud, bad))).toEqual([
      ...['Blue Skipped ---', 'Blue Skipped ---', 'Green Failed +++++++++x', 'Green Failed +++++++++x']
    ])
    const group = await cloud.call('GetDeploymentGroup', {
      applicationName: 'web',
      deploymentGroupName: 'web-blue-green'
    })
    expect(group).toMatchObject({
      deploymentGroupInfo: {
        autoScalingGroups: [{ name: `CodeDeploy_web-blue-green_${good}` }],
        targetRevision: { s3Location: { key: 'v1.zip' } },
        lastSuccessfulDeployment: { deploymentId: by },
        lastAttemptedDeployment: { deploymentId: by }
      }
    })
  })

  test('with no revision to go back to, there is a message and no deployment', async () => {
    cloud = await scriptedCloud({ script: failing('AfterAllowTraffic', 'v1.zip'), seed: enabled })
    const bad = await deployed(cloud, 'v1.zip')
    const { rollbackInfo } = await lookAt(cloud, bad)
    expect(rollbackInfo).not.toHaveProperty('rollbackDeploymentId')
    expect(rollbackInfo.rollbackMessage).toContain('no last known good revision')
  })

  test('a failed rollback is not rolled back', async () => {
    const script: Script = {
      event: (command) =>
        command.event === 'AfterAllowTraffic' &&
        (command.revision.key === 'v2.zip' || command.deploymentCreator !== 'user')
          ? { failure: scriptFailed('AfterAllowTraffic', 'a.sh') }
          : undefined
    }
    cloud = await scriptedCloud({ script, seed: enabled })
    await deployed(cloud, 'v1.zip')
    const bad = await deployed(cloud, 'v2.zip')
    const by = (await lookAt(cloud, bad)).rollbackInfo.rollbackDeploymentId ?? ''
    expect((await lookAt(cloud, by)).status).toBe('Failed')
    expect(cloud.planes.inspect.deployments()).toHaveLength(3)
  })
})

describe('an alarm', () => {
  test('stops the deployment, is named, and causes a rollback once the traffic has moved', async () => {
    cloud = await scriptedCloud({
      seed: {
        autoRollbackEvents: ['DEPLOYMENT_STOP_ON_ALARM'],
        terminationWaitMinutes: 60,
        alarms: ['errors']
      },
      switches: { alarmInTerminationWait: 'stops' }
    })
    await deployed(cloud, 'v1.zip')
    const id = await deploy(cloud, 'v2.zip')
    await cloud.pass(60)
    cloud.planes.inspect.alarms.set('errors', 'ALARM')
    await cloud.pass(10)
    const info = await lookAt(cloud, id)
    expect(info).toMatchObject({ status: 'Stopped', errorInformation: { code: 'ALARM_ACTIVE' } })
    expect(info.errorInformation?.message).toContain('Activated alarms: <errors>')
    const back = await lookAt(cloud, info.rollbackInfo.rollbackDeploymentId ?? '')
    expect(back).toMatchObject({ status: 'Succeeded', revision: { s3Location: { key: 'v1.zip' } } })
  })
})

describe('in-place', () => {
  test('a failure installs the last successful revision again, with its file behavior', async () => {
    cloud = await scriptedCloud({
      script: failing('ApplicationStart', 'v2.zip'),
      seed: { style: 'in-place', ...enabled }
    })
    await deployed(cloud, 'v1.zip', { fileExistsBehavior: 'RETAIN' })
    const bad = await deployed(cloud, 'v2.zip', { fileExistsBehavior: 'OVERWRITE' })
    const by = (await lookAt(cloud, bad)).rollbackInfo.rollbackDeploymentId ?? ''
    expect(await lookAt(cloud, by)).toMatchObject({
      status: 'Succeeded',
      creator: 'codeDeployRollback',
      revision: { s3Location: { key: 'v1.zip' } },
      fileExistsBehavior: 'RETAIN'
    })
    expect(lines(await targetsOf(cloud, by))).toEqual([
      'Plain Succeeded +++++++++++++',
      'Plain Succeeded +++++++++++++'
    ])
  })
})
