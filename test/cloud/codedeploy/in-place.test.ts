import { afterEach, describe, expect, test } from '@jest/globals'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, deployed, lines, lookAt, refusalOf, s3Revision, targetsOf } from '../scripted/look.js'

let cloud: ScriptedCloud

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

const names = async (id: string): Promise<string[]> =>
  ((await targetsOf(cloud, id))[0]?.lifecycleEvents ?? []).map((event) => event.lifecycleEventName)

describe('an in-place deployment', () => {
  test('with a load balancer runs 13 events, out of it and back', async () => {
    cloud = await scriptedCloud({
      seed: { style: 'in-place', deploymentConfigName: 'CodeDeployDefault.OneAtATime' }
    })
    const id = await deployed(cloud, 'v1.zip')
    expect(await names(id)).toEqual([
      ...['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic', 'ApplicationStop', 'DownloadBundle'],
      ...['BeforeInstall', 'Install', 'AfterInstall', 'ApplicationStart', 'ValidateService'],
      ...['BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic']
    ])
    const info = await lookAt(cloud, id)
    expect(info).toMatchObject({ status: 'Succeeded', deploymentOverview: { Succeeded: 2 } })
    expect(info).not.toHaveProperty('targetInstances')
    expect((await targetsOf(cloud, id)).every((target) => target.instanceLabel === undefined)).toBe(true)
    const balancer = cloud.planes.inspect
      .journal()
      .filter((entry) => entry.service === 'elasticloadbalancing')
    expect(balancer.map((entry) => entry.operation)).toEqual([
      ...['DeregisterTargets', 'RegisterTargets', 'DeregisterTargets', 'RegisterTargets']
    ])
  })

  test('without one runs 7 events', async () => {
    cloud = await scriptedCloud({ seed: { style: 'in-place', trafficControl: false } })
    const id = await deployed(cloud, 'v1.zip')
    expect(await names(id)).toHaveLength(7)
    expect((await lookAt(cloud, id)).status).toBe('Succeeded')
    expect(cloud.serviceUrl).toBe('')
  })

  test('stopped: the instance in progress counts as failed, the others are skipped', async () => {
    cloud = await scriptedCloud({
      script: { eventSeconds: 10 },
      seed: { style: 'in-place', trafficControl: false, deploymentConfigName: 'CodeDeployDefault.OneAtATime' }
    })
    const id = await deploy(cloud)
    await cloud.pass(15)
    expect(await cloud.call('StopDeployment', { deploymentId: id })).toMatchObject({ status: 'Pending' })
    await cloud.pass(5)
    expect((await lookAt(cloud, id)).status).toBe('Stopped')
    expect(lines(await targetsOf(cloud, id))).toEqual(['Plain Failed +x-----', 'Plain Skipped -------'])
  })

  test('without an agent on its only instance ends after 5 minutes', async () => {
    cloud = await scriptedCloud({
      script: { agentAlive: () => false },
      seed: { style: 'in-place', trafficControl: false, instances: 1 }
    })
    const info = await lookAt(cloud, await deployed(cloud, 'v1.zip'))
    expect(info).toMatchObject({
      status: 'Failed',
      deploymentOverview: { Failed: 1 },
      errorInformation: { code: 'HEALTH_CONSTRAINTS' }
    })
    expect((info.completeTime ?? 0) - info.createTime).toBe(301)
  })

  test.each(['absent', 'restarted'] as const)(
    'with deploymentMode RESTART takes no revision; the one it shows is %s',
    async (restartRevision) => {
      cloud = await scriptedCloud({
        switches: { restartRevision },
        seed: { style: 'in-place', trafficControl: false }
      })
      const { applicationName, deploymentGroupName } = cloud
      const restart = (more: object = {}): Promise<{ deploymentId: string }> =>
        cloud.call('CreateDeployment', {
          applicationName,
          deploymentGroupName,
          deploymentMode: 'RESTART',
          ...more
        })
      expect(await refusalOf(restart())).toContain('RevisionRequiredException')
      await deployed(cloud, 'v1.zip')
      expect(await refusalOf(restart({ revision: s3Revision('v2.zip') }))).toContain(
        'InvalidRevisionException'
      )
      const { deploymentId } = await restart()
      await cloud.pass(3600)
      const info: object = await lookAt(cloud, deploymentId)
      expect(info).toMatchObject({ status: 'Succeeded', deploymentMode: 'RESTART' })
      if (restartRevision === 'absent') expect(info).not.toHaveProperty('revision')
      else expect(info).toMatchObject({ revision: { s3Location: { key: 'v1.zip' } } })
    }
  )

  test('to an empty group fails because it has no instances; labels are refused', async () => {
    cloud = await scriptedCloud({ seed: { style: 'in-place', instances: 0 } })
    const id = await deployed(cloud, 'v1.zip')
    expect((await lookAt(cloud, id)).errorInformation?.code).toBe('NO_INSTANCES')
    const filtered = { deploymentId: id, targetFilters: { ServerInstanceLabel: ['Green'] } }
    expect(await refusalOf(cloud.call('ListDeploymentTargets', filtered))).toContain(
      'InvalidDeploymentInstanceTypeException'
    )
  })
})
