import { afterEach, describe, expect, test } from '@jest/globals'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, deployed, lines, lookAt, refusalOf, targetsOf } from '../scripted/look.js'

let cloud: ScriptedCloud

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

const proceed = (deploymentId: string, deploymentWaitType?: string): Promise<Record<string, unknown>> =>
  cloud.call('ContinueDeployment', {
    deploymentId,
    ...(deploymentWaitType === undefined ? {} : { deploymentWaitType })
  })

const parked = { readyAction: 'STOP_DEPLOYMENT' as const, readyWaitMinutes: 60 }

describe('the ready wait', () => {
  test('shows Ready with every green target Ready, until READY_WAIT moves the traffic', async () => {
    cloud = await scriptedCloud({ seed: parked })
    const id = await deploy(cloud)
    await cloud.pass(10)
    expect(await lookAt(cloud, id)).toMatchObject({ status: 'Ready', deploymentOverview: { Ready: 2 } })
    expect(lines(await targetsOf(cloud, id))).toEqual(['Green Ready +++++++...', 'Green Ready +++++++...'])
    expect(await refusalOf(deploy(cloud))).toContain('DeploymentLimitExceededException')
    expect(await proceed(id, 'READY_WAIT')).toEqual({})
    await cloud.pass(1)
    expect(await lookAt(cloud, id)).toMatchObject({
      status: 'InProgress',
      deploymentOverview: { Succeeded: 2 }
    })
  })

  test('ends as Stopped if nobody continues in time', async () => {
    cloud = await scriptedCloud({ seed: parked })
    const id = await deploy(cloud)
    await cloud.pass(3590)
    expect((await lookAt(cloud, id)).status).toBe('Ready')
    await cloud.pass(20)
    expect((await lookAt(cloud, id)).status).toBe('Stopped')
    expect(lines(await targetsOf(cloud, id))).toEqual([
      'Green Skipped +++++++---',
      'Green Skipped +++++++---'
    ])
  })
})

describe('the termination wait', () => {
  test.each([
    ['ContinueDeployment', { deploymentWaitType: 'TERMINATION_WAIT' }],
    ['SkipWaitTimeForInstanceTermination', {}]
  ])('%s ends it, and blue is terminated', async (operation, more) => {
    cloud = await scriptedCloud({ seed: { terminationWaitMinutes: 480 } })
    const id = await deploy(cloud)
    await cloud.pass(60)
    expect((await lookAt(cloud, id)).status).toBe('InProgress')
    await cloud.call(operation, { deploymentId: id, ...more })
    await cloud.pass(1)
    expect((await lookAt(cloud, id)).status).toBe('Succeeded')
    expect(cloud.planes.inspect.fleets.find('web-blue-green')).toBeUndefined()
  })
})

describe('refusals', () => {
  test('each have their own exception', async () => {
    cloud = await scriptedCloud({ script: { eventSeconds: 10 } })
    const id = await deploy(cloud)
    await cloud.pass(20)
    expect(await refusalOf(proceed(id, 'READY_WAIT'))).toContain('DeploymentIsNotInReadyStateException')
    expect(await refusalOf(proceed(id))).toContain('DeploymentIsNotInReadyStateException')
    expect(await refusalOf(proceed(id, 'TERMINATION_WAIT'))).toContain('InvalidDeploymentStatusException')
    expect(await refusalOf(proceed(id, 'WAIT'))).toContain('InvalidDeploymentWaitTypeException')
    expect(await refusalOf(proceed('d-000000000'))).toContain('DeploymentDoesNotExistException')
    expect(await refusalOf(proceed('nonsense'))).toContain('InvalidDeploymentIdException')
    expect(await refusalOf(cloud.call('SkipWaitTimeForInstanceTermination', { deploymentId: id }))).toContain(
      'DeploymentNotStartedException'
    )
    await cloud.pass(3600)
    expect(await refusalOf(proceed(id, 'READY_WAIT'))).toContain('DeploymentAlreadyCompletedException')
  })

  test('an in-place deployment has no waits', async () => {
    cloud = await scriptedCloud({ seed: { style: 'in-place' } })
    const id = await deployed(cloud, 'v1.zip')
    expect(await refusalOf(proceed(id, 'READY_WAIT'))).toContain(
      'UnsupportedActionForDeploymentTypeException'
    )
  })
})
