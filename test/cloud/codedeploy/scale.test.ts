import { afterEach, describe, expect, test } from '@jest/globals'
import type { Switches } from '../contract.js'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, deployed, lookAt, refusalOf, targetsOf } from '../scripted/look.js'
import { scriptFailed } from '../scripted/script.js'

let cloud: ScriptedCloud

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

describe('large fleets', () => {
  test.each([
    [200, 'AllAtOnce'],
    [200, 'OneAtATime'],
    [1000, 'HalfAtATime']
  ])('%i instances, %s', async (instances, config) => {
    cloud = await scriptedCloud({
      script: { bootSeconds: 60, eventSeconds: 5 },
      seed: { instances, deploymentConfigName: `CodeDeployDefault.${config}` }
    })
    const id = await deployed(cloud, 'v1.zip')
    expect(await lookAt(cloud, id)).toMatchObject({
      status: 'Succeeded',
      deploymentOverview: { Succeeded: instances }
    })
    const targets = await targetsOf(cloud, id)
    expect(new Set(targets.map((target) => target.targetId)).size).toBe(2 * instances)
    expect(targets.every((target) => target.status === 'Succeeded')).toBe(true)
  })

  test('are the same in every run', async () => {
    const run = async (): Promise<unknown> => {
      cloud = await scriptedCloud({ script: { bootSeconds: 7, eventSeconds: 3 }, seed: { instances: 10 } })
      const id = await deployed(cloud, 'v1.zip')
      const seen = [await lookAt(cloud, id), await targetsOf(cloud, id)]
      await cloud.planes.stop()
      return seen
    }
    expect(await run()).toEqual(await run())
  })
})

describe('scale-out of the live fleet', () => {
  const scaleTo = (desired: number): void => {
    const { fleets } = cloud.planes.inspect
    fleets.resize(fleets.all().at(-1)?.name ?? '', { desired })
  }

  test('installs the revision with a separate deployment, then the new instance serves', async () => {
    cloud = await scriptedCloud({ script: { eventSeconds: 10 } })
    await deployed(cloud, 'v1.zip')
    scaleTo(3)
    await cloud.pass(5)
    const made = cloud.planes.inspect.deployments().at(-1)
    expect(await lookAt(cloud, made?.id ?? '')).toMatchObject({
      status: 'InProgress',
      creator: 'autoscaling',
      revision: { s3Location: { key: 'v1.zip' } }
    })
    const { fleets, targetGroups } = cloud.planes.inspect
    expect(fleets.allInstances().map((instance) => instance.state)).toEqual([
      'InService',
      'InService',
      'Pending:Wait'
    ])
    await cloud.pass(200)
    expect(fleets.allInstances().map((instance) => instance.state)).toEqual([
      'InService',
      'InService',
      'InService'
    ])
    const balancer = targetGroups.byName('web-blue-green')
    expect(balancer === undefined ? 0 : targetGroups.health(balancer).length).toBe(3)
  })

  test('a new instance whose installation fails is terminated and replaced', async () => {
    let broken = true
    cloud = await scriptedCloud({
      script: {
        event: ({ event, deploymentCreator }) =>
          event === 'ApplicationStart' && deploymentCreator === 'autoscaling' && broken
            ? { failure: scriptFailed(event, 'start.sh') }
            : undefined
      }
    })
    await deployed(cloud, 'v1.zip')
    scaleTo(3)
    await cloud.pass(30)
    broken = false
    await cloud.pass(300)
    const statuses = cloud.planes.inspect
      .deployments()
      .map((deployment) => `${deployment.creator} ${deployment.status}`)
    expect(statuses).toEqual(['user Succeeded', 'autoscaling Failed', 'autoscaling Succeeded'])
    expect(cloud.planes.inspect.fleets.allInstances()).toHaveLength(3)
  })

  test.each(['no', 'yes'] as const)(
    'autoscalingLocks: %s',
    async (autoscalingLocks: Switches['autoscalingLocks']) => {
      cloud = await scriptedCloud({ script: { eventSeconds: 10 }, switches: { autoscalingLocks } })
      await deployed(cloud, 'v1.zip')
      scaleTo(3)
      await cloud.pass(5)
      const next = deploy(cloud)
      if (autoscalingLocks === 'no') expect(await next).toMatch(/^d-/)
      else expect(await refusalOf(next)).toContain('DeploymentLimitExceededException')
    }
  )

  test('in the termination wait a new instance gets what green serves', async () => {
    cloud = await scriptedCloud({ seed: { terminationWaitMinutes: 60 } })
    await deployed(cloud, 'v1.zip')
    await deploy(cloud, 'v2.zip')
    await cloud.pass(60)
    scaleTo(3)
    await cloud.pass(60)
    expect(cloud.planes.inspect.deployments().at(-1)).toMatchObject({
      creator: 'autoscaling',
      revision: { s3Location: { key: 'v2.zip' } }
    })
  })
})
