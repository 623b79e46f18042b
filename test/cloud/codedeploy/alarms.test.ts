import { afterEach, describe, expect, test } from '@jest/globals'
import { ServiceError } from '../contract.js'
import { scriptedCloud, type ScriptedCloud, type ScriptedCloudOptions } from '../scripted/cloud.js'
import { deploy, deployed, lookAt, refusalOf, targetsOf } from '../scripted/look.js'

let cloud: ScriptedCloud

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

/** A group with one alarm, in the termination wait of v2 for an hour. */
const inTerminationWait = async (options: ScriptedCloudOptions = {}): Promise<string> => {
  cloud = await scriptedCloud({ ...options, seed: { alarms: ['errors'], ...options.seed } })
  await deployed(cloud, 'v1.zip')
  const id = await deploy(cloud, 'v2.zip')
  await cloud.pass(60)
  return id
}

const raise = (): void => void cloud.planes.inspect.alarms.set('errors', 'ALARM')

const STOPPED = {
  status: 'Stopped',
  errorInformation: {
    code: 'ALARM_ACTIVE',
    message:
      'One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <errors>'
  }
}

const OFF = { overrideAlarmConfiguration: { enabled: false, alarms: [] } }

describe('an alarm', () => {
  test('that goes off stops the deployment and names itself', async () => {
    cloud = await scriptedCloud({ script: { bootSeconds: 60 }, seed: { alarms: ['latency', 'errors'] } })
    const id = await deploy(cloud)
    await cloud.pass(30)
    raise()
    await cloud.pass(10)
    expect(await lookAt(cloud, id)).toMatchObject(STOPPED)
  })

  test('that is active stops the next deployment before it does anything', async () => {
    cloud = await scriptedCloud({ seed: { alarms: ['errors'] } })
    raise()
    const id = await deployed(cloud, 'v1.zip')
    expect(await lookAt(cloud, id)).toMatchObject(STOPPED)
    expect(await refusalOf(targetsOf(cloud, id))).toMatch(/^DeploymentNotStartedException/)
  })

  test.each([
    ['of another group', { alarms: ['latency'] }],
    ['of a group that watches none', {}]
  ])('%s stops nothing', async (_, seed) => {
    cloud = await scriptedCloud({ seed })
    cloud.planes.inspect.alarms.put('errors')
    raise()
    expect((await lookAt(cloud, await deployed(cloud, 'v1.zip'))).status).toBe('Succeeded')
  })

  test.each([
    ['unwatched', 'InProgress'],
    ['stops', 'Stopped']
  ] as const)('in the termination wait (%s): %s', async (alarmInTerminationWait, status) => {
    const id = await inTerminationWait({ switches: { alarmInTerminationWait } })
    raise()
    await cloud.pass(10)
    expect((await lookAt(cloud, id)).status).toBe(status)
  })

  test.each([
    ['no', 'Succeeded'],
    ['yes', 'Stopped']
  ] as const)("stops the service's own rollback (%s): %s", async (alarmStopsRollback, status) => {
    const id = await inTerminationWait({ switches: { alarmStopsRollback } })
    raise()
    await cloud.call('StopDeployment', { deploymentId: id, autoRollbackEnabled: true })
    await cloud.pass(60)
    const { rollbackDeploymentId = '' } = (await lookAt(cloud, id)).rollbackInfo
    expect(await lookAt(cloud, rollbackDeploymentId)).toMatchObject(
      status === 'Stopped' ? STOPPED : { status }
    )
  })
})

describe('overrideAlarmConfiguration', () => {
  test('turns the alarms of the group off for one deployment, which shows it', async () => {
    cloud = await scriptedCloud({ seed: { alarms: ['errors'] } })
    raise()
    const id = await deployed(cloud, 'v1.zip', OFF)
    expect(await lookAt(cloud, id)).toMatchObject({ status: 'Succeeded', ...OFF })
    expect((await lookAt(cloud, await deployed(cloud, 'v2.zip'))).status).toBe('Stopped')
  })

  test.each([
    ['names-the-right', 'codedeploy:UpdateDeploymentGroup'],
    ['names-nothing', 'not authorized to perform this operation']
  ] as const)('needs the right to change the group (%s)', async (overrideRefusal, words) => {
    const asked: string[] = []
    cloud = await scriptedCloud({
      switches: { overrideRefusal },
      seed: { alarms: ['errors'] },
      control: {
        authorize: (_, action, resource) => {
          asked.push(`${action} ${resource}`)
          if (action === 'codedeploy:UpdateDeploymentGroup')
            throw new ServiceError('AccessDeniedException', `not authorized to perform: ${action}`)
        }
      }
    })
    const refusal = await refusalOf(deploy(cloud, 'v1.zip', OFF))
    expect(refusal).toMatch(/^AccessDeniedException: /)
    expect(refusal).toContain(words)
    expect(asked).toEqual([
      'codedeploy:UpdateDeploymentGroup arn:aws:codedeploy:ap-northeast-2:123456789012:deploymentgroup:web/web-blue-green'
    ])
    expect(cloud.planes.inspect.deployments()).toEqual([])
  })

  test.each<[string, object, string]>([
    ['eleven alarms', { alarms: Array.from({ length: 11 }, (_, at) => ({ name: `a${at}` })) }, 'AlarmsLimit'],
    ['enabled without alarms', { enabled: true, alarms: [] }, 'InvalidAlarmConfigException'],
    ['an alarm without a name', { alarms: [{}] }, 'InvalidAlarmConfigException'],
    ['an alarm twice', { alarms: [{ name: 'a' }, { name: 'a' }] }, 'InvalidAlarmConfigException']
  ])('refuses %s', async (_, overrideAlarmConfiguration, refusal) => {
    cloud = await scriptedCloud()
    expect(await refusalOf(deploy(cloud, 'v1.zip', { overrideAlarmConfiguration }))).toContain(refusal)
  })
})

describe('a service role without cloudwatch:DescribeAlarms', () => {
  test('fails the deployment of a group with alarms', async () => {
    cloud = await scriptedCloud({ seed: { alarms: ['errors'], roleCannotReadAlarms: true } })
    const info = await lookAt(cloud, await deployed(cloud, 'v1.zip'))
    expect(info).toMatchObject({ status: 'Failed', errorInformation: { code: 'IAM_ROLE_PERMISSIONS' } })
    expect(info.errorInformation?.message).toContain('AmazonCloudWatch')
  })

  test('is no matter with ignorePollAlarmFailure, nor with the alarms off', async () => {
    cloud = await scriptedCloud({
      seed: { alarms: ['errors'], roleCannotReadAlarms: true, ignorePollAlarmFailure: true }
    })
    const id = await deploy(cloud, 'v1.zip')
    raise()
    await cloud.pass(3600)
    expect((await lookAt(cloud, id)).status).toBe('Succeeded')
    expect((await lookAt(cloud, await deployed(cloud, 'v2.zip', OFF))).status).toBe('Succeeded')
  })
})
