import { afterEach, describe, expect, test } from '@jest/globals'
import { scriptedCloud, START, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, deployed, lines, lookAt, refusalOf, targetsOf } from '../scripted/look.js'

let cloud: ScriptedCloud

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

describe('a successful blue/green deployment', () => {
  test('shows each phase as the service does', async () => {
    cloud = await scriptedCloud({
      script: { bootSeconds: 30, eventSeconds: 10 },
      balancing: { drain: () => cloud.clock.sleep(20_000) }
    })
    const id = await deploy(cloud)
    const created = await lookAt(cloud, id)
    expect(created.status).toBe('Created')
    expect(created.createTime).toBe(START / 1000 + 30)
    expect(created).not.toHaveProperty('startTime')
    expect(created).not.toHaveProperty('deploymentOverview')

    await cloud.pass(10)
    const provisioning = await lookAt(cloud, id)
    expect(provisioning.status).toBe('InProgress')
    expect(provisioning).not.toHaveProperty('deploymentOverview')
    expect(provisioning.targetInstances?.autoScalingGroups).toEqual([`CodeDeploy_web-blue-green_${id}`])
    expect(await refusalOf(targetsOf(cloud, id))).toContain('DeploymentNotStartedException')

    await cloud.pass(36)
    expect((await lookAt(cloud, id)).deploymentOverview).toEqual({
      ...{ Pending: 0, InProgress: 2, Succeeded: 0, Failed: 0, Skipped: 0, Ready: 0 }
    })
    expect(lines(await targetsOf(cloud, id))).toEqual([
      'Green InProgress +>........',
      'Green InProgress +>........'
    ])

    await cloud.pass(60)
    expect(lines(await targetsOf(cloud, id))).toEqual([
      'Blue Pending ...',
      'Blue Pending ...',
      'Green InProgress +++++++>..',
      'Green InProgress +++++++>..'
    ])

    await cloud.pass(30)
    expect(lines(await targetsOf(cloud, id))).toEqual([
      'Blue InProgress +>.',
      'Blue InProgress +>.',
      'Green Succeeded ++++++++++',
      'Green Succeeded ++++++++++'
    ])
    expect(await lookAt(cloud, id)).toMatchObject({
      status: 'InProgress',
      instanceTerminationWaitTimeStarted: false
    })

    await cloud.pass(30)
    expect(await lookAt(cloud, id)).toMatchObject({
      status: 'InProgress',
      instanceTerminationWaitTimeStarted: true
    })

    await cloud.pass(5 * 60)
    const done = await lookAt(cloud, id)
    expect(done.status).toBe('Succeeded')
    expect(done.completeTime).toBeGreaterThan(done.startTime ?? Infinity)
    expect(lines(await targetsOf(cloud, id))).toEqual([
      ...[
        'Blue Succeeded +++',
        'Blue Succeeded +++',
        'Green Succeeded ++++++++++',
        'Green Succeeded ++++++++++'
      ]
    ])
  })

  test('reports successful diagnostics without a log, and BlockTraffic without a message', async () => {
    cloud = await scriptedCloud()
    const targets = await targetsOf(cloud, await deployed(cloud, 'v2.zip'))
    const events = targets.flatMap((target) => target.lifecycleEvents)
    const blocked = events.filter((event) => event.lifecycleEventName === 'BlockTraffic')
    expect(blocked.map((event) => event.diagnostics?.message)).toEqual(['', ''])
    for (const event of events) {
      expect(event.diagnostics).toMatchObject({ errorCode: 'Success', scriptName: '', logTail: '' })
      expect(event.startTime).toBeLessThanOrEqual(event.endTime ?? 0)
    }
  })

  test('makes the same calls for fleets and load balancer as CloudTrail showed for a live run', async () => {
    cloud = await scriptedCloud()
    const id = await deployed(cloud, 'v2.zip')
    const green = `CodeDeploy_web-blue-green_${id}`
    const steps = cloud.planes.inspect.journal().slice(1)
    expect(steps.map((step) => step.operation)).toEqual([
      ...['CreateAutoScalingGroup', 'UpdateAutoScalingGroup', 'SuspendProcesses'],
      ...['RegisterTargets', 'RegisterTargets', 'DeregisterTargets', 'DeregisterTargets'],
      ...['ResumeProcesses', 'DeleteLifecycleHook', 'PutLifecycleHook', 'DeleteAutoScalingGroup']
    ])
    expect(steps[0]?.parameters).toMatchObject({
      name: green,
      min: 0,
      desired: 0,
      max: 4,
      targetGroupArns: []
    })
    expect(steps[1]?.parameters).toEqual({ autoScalingGroupName: green, minSize: 1, desiredCapacity: 2 })
    expect(steps[2]?.parameters['scalingProcesses']).toEqual([
      ...['AddToLoadBalancer', 'AlarmNotification', 'ScheduledActions']
    ])
  })

  test('leaves one fleet, with tag and hook, and a group that points at it', async () => {
    cloud = await scriptedCloud()
    const first = await deployed(cloud, 'v1.zip')
    const second = await deployed(cloud, 'v2.zip')
    const { fleets, targetGroups } = cloud.planes.inspect
    expect(fleets.all().map((group) => group.name)).toEqual([`CodeDeploy_web-blue-green_${second}`])
    const [green] = fleets.all()
    // Only the newest id is present (docs/service.md, captures 7).
    expect(green?.tags.filter((tag) => tag.key === 'CodeDeployProvisioningDeploymentId')).toEqual([
      { key: 'CodeDeployProvisioningDeploymentId', value: second, propagate: true }
    ])
    expect([...(green?.suspended ?? [])]).toEqual([])
    const { deploymentGroupInfo: group } = await cloud.call<{ deploymentGroupInfo: Record<string, unknown> }>(
      'GetDeploymentGroup',
      { applicationName: 'web', deploymentGroupName: 'web-blue-green' }
    )
    expect(group).toMatchObject({
      autoScalingGroups: [
        {
          name: green?.name,
          hook: expect.stringMatching(/^CodeDeploy-managed-automatic-launch-deployment-hook-web-blue-green-/)
        }
      ],
      targetRevision: { s3Location: { key: 'v2.zip' } },
      lastSuccessfulDeployment: { deploymentId: second, status: 'Succeeded' },
      lastAttemptedDeployment: { deploymentId: second, status: 'Succeeded' }
    })
    expect((await lookAt(cloud, second)).previousRevision?.s3Location.key).toBe('v1.zip')
    expect(await lookAt(cloud, first)).not.toHaveProperty('previousRevision')
    const balancer = targetGroups.byName('web-blue-green')
    const registered =
      balancer === undefined ? [] : targetGroups.health(balancer).map((health) => health.machineId)
    expect(registered.sort()).toEqual(
      fleets
        .inService(green?.name ?? '')
        .map((instance) => instance.id)
        .sort()
    )
  })

  test('keeps blue alive if the group says so, and ends at once', async () => {
    cloud = await scriptedCloud({ seed: { blueAction: 'KEEP_ALIVE' } })
    const id = await deploy(cloud)
    await cloud.pass(2)
    expect(await lookAt(cloud, id)).toMatchObject({
      status: 'Succeeded',
      instanceTerminationWaitTimeStarted: false
    })
    const { fleets } = cloud.planes.inspect
    expect(fleets.inService('web-blue-green')).toHaveLength(2)
    expect(fleets.inService(`CodeDeploy_web-blue-green_${id}`)).toHaveLength(2)
  })

  test('sends each agent the revision, the creator and its deployment group', async () => {
    cloud = await scriptedCloud()
    const id = await deployed(cloud, 'v2.zip', { fileExistsBehavior: 'OVERWRITE' })
    const green = cloud.machines.runs.filter(
      (run) => run.place.autoScalingGroup.endsWith(id) && run.place.index === 0
    )
    expect(green.map((run) => run.command.event)).toEqual([
      ...[
        'ApplicationStop',
        'DownloadBundle',
        'BeforeInstall',
        'Install',
        'AfterInstall',
        'ApplicationStart'
      ],
      ...['ValidateService', 'BeforeAllowTraffic', 'AfterAllowTraffic']
    ])
    expect(green[0]?.command).toMatchObject({
      deploymentId: id,
      deploymentGroupName: 'web-blue-green',
      applicationName: 'web',
      deploymentType: 'BLUE_GREEN',
      deploymentCreator: 'user',
      revision: { bucket: 'bundles', key: 'v2.zip', version: '1', etag: '"e"', bundleType: 'zip' },
      fileExistsBehavior: 'OVERWRITE'
    })
    const blue = cloud.machines.runs.filter((run) => run.place.autoScalingGroup === 'web-blue-green')
    expect(new Set(blue.map((run) => run.command.event))).toEqual(
      new Set(['BeforeBlockTraffic', 'AfterBlockTraffic'])
    )
  })
})
