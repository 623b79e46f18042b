import { afterEach, describe, expect, test } from '@jest/globals'
import type { Switches } from '../contract.js'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, lines, lookAt, refusalOf, targetsOf } from '../scripted/look.js'

let cloud: ScriptedCloud

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

/** Every event takes 10 s and booting 30 s: installation from 31 s, traffic from 101 s. */
const under = async (switches: Partial<Switches>, config = 'AllAtOnce'): Promise<string> => {
  cloud = await scriptedCloud({
    script: {
      bootSeconds: 30,
      eventSeconds: 10,
      // The second green instance takes longer than a blue one, so that the order of their calls is visible.
      event: ({ event }) => (event === 'BeforeAllowTraffic' ? { seconds: 15 } : undefined)
    },
    switches,
    seed: { deploymentConfigName: `CodeDeployDefault.${config}` }
  })
  return deploy(cloud)
}

describe('blueTargetsAppear', () => {
  test.each([
    ['at-traffic', 2],
    ['from-start', 4]
  ] as const)('%s: %i targets while green installs', async (blueTargetsAppear, count) => {
    const id = await under({ blueTargetsAppear })
    await cloud.pass(40)
    expect(await targetsOf(cloud, id)).toHaveLength(count)
    await cloud.pass(3600)
    expect(await targetsOf(cloud, id)).toHaveLength(4)
    expect((await lookAt(cloud, id)).status).toBe('Succeeded')
  })
})

describe('trafficOrder', () => {
  const order = (): string[] =>
    cloud.planes.inspect
      .journal()
      .filter((entry) => entry.service === 'elasticloadbalancing')
      .map((entry) => entry.operation.replace('Targets', ''))

  test.each([
    ['barrier', 'AllAtOnce', 'Register Register Deregister Deregister'],
    ['interleaved', 'AllAtOnce', 'Register Register Deregister Deregister'],
    ['barrier', 'OneAtATime', 'Register Register Deregister Deregister'],
    ['interleaved', 'OneAtATime', 'Register Deregister Register Deregister']
  ] as const)('%s under %s', async (trafficOrder, config, expected) => {
    const id = await under({ trafficOrder }, config)
    await cloud.pass(3600)
    expect(order().join(' ')).toBe(expected)
    expect((await lookAt(cloud, id)).status).toBe('Succeeded')
  })

  test('interleaved: the first blue instance leaves while the second green one still waits', async () => {
    const id = await under({ trafficOrder: 'interleaved' }, 'OneAtATime')
    await cloud.pass(31 + 140 + 30)
    expect(lines(await targetsOf(cloud, id))).toEqual([
      ...[
        'Blue InProgress >..',
        'Blue Pending ...',
        'Green InProgress +++++++>..',
        'Green Succeeded ++++++++++'
      ]
    ])
  })
})

test.each(['exception', 'empty-list'] as const)('notStarted: %s', async (notStarted) => {
  const id = await under({ notStarted })
  await cloud.pass(5)
  const listing = cloud.call('ListDeploymentTargets', { deploymentId: id })
  if (notStarted === 'empty-list') expect(await listing).toEqual({ targetIds: [] })
  else expect(await refusalOf(listing)).toContain('DeploymentNotStartedException')
})

test.each([
  ['never', 'InProgress'],
  ['once', 'Ready']
] as const)('readyBlink: %s', async (readyBlink, status) => {
  const id = await under({ readyBlink })
  await cloud.pass(102)
  expect((await lookAt(cloud, id)).status).toBe(status)
  await cloud.pass(3)
  expect((await lookAt(cloud, id)).status).toBe('InProgress')
})

test.each([
  ['true', true],
  ['stays-false', false]
] as const)('terminationFlag: %s', async (terminationFlag, shown) => {
  const id = await under({ terminationFlag })
  await cloud.pass(200)
  expect(await lookAt(cloud, id)).toMatchObject({
    status: 'InProgress',
    instanceTerminationWaitTimeStarted: shown
  })
})

test.each([
  ['no', 2],
  ['yes', 4]
] as const)('overviewCountsBlue: %s', async (overviewCountsBlue, sum) => {
  const id = await under({ overviewCountsBlue })
  await cloud.pass(200)
  const overview = (await lookAt(cloud, id)).deploymentOverview ?? {}
  expect(Object.values(overview).reduce((total, count) => total + count, 0)).toBe(sum)
})

test.each(['when-made', 'at-the-end'] as const)('greenGroupNamed: %s', async (greenGroupNamed) => {
  const id = await under({ greenGroupNamed })
  const named = { autoScalingGroups: [`CodeDeploy_web-blue-green_${id}`] }
  await cloud.pass(60)
  expect((await lookAt(cloud, id)).targetInstances).toEqual(
    greenGroupNamed === 'when-made' ? named : undefined
  )
  await cloud.pass(3600)
  expect((await lookAt(cloud, id)).targetInstances).toEqual(named)
})

describe('a service role that CodeDeploy cannot use', () => {
  test.each([
    ['gone', 'IAM_ROLE_MISSING'],
    ['not-assumable', 'IAM_ROLE_PERMISSIONS']
  ] as const)('brokenRole: fails, the role is %s', async (how, code) => {
    cloud = await scriptedCloud()
    cloud.planes.inspect.brokenRoles.set(cloud.serviceRoleArn, how)
    const id = await deploy(cloud)
    await cloud.pass(3600)
    expect(await lookAt(cloud, id)).toMatchObject({ status: 'Failed', errorInformation: { code } })
    expect(cloud.planes.inspect.fleets.all()).toHaveLength(1)
  })

  test('brokenRole: refused', async () => {
    cloud = await scriptedCloud({ switches: { brokenRole: 'refused' } })
    cloud.planes.inspect.brokenRoles.set(cloud.serviceRoleArn, 'gone')
    expect(await refusalOf(deploy(cloud))).toBe('InvalidRoleException: Cannot assume role provided.')
    expect(cloud.planes.inspect.deployments()).toEqual([])
  })

  test('once the traffic moves, fails the event of the load balancer', async () => {
    const id = await under({})
    await cloud.pass(60)
    cloud.planes.inspect.brokenRoles.set(cloud.serviceRoleArn, 'gone')
    await cloud.pass(3600)
    expect((await lookAt(cloud, id)).status).toBe('Failed')
    const events = (await targetsOf(cloud, id)).flatMap(({ lifecycleEvents }) => lifecycleEvents)
    expect(events.find(({ status }) => status === 'Failed')).toMatchObject({
      lifecycleEventName: 'AllowTraffic',
      diagnostics: { message: expect.stringMatching(/^Role does not have correct permissions\. role arn:/) }
    })
  })
})

test.each([
  ['AUTO_SCALING_CONFIGURATION', 'AUTO_SCALING_CONFIGURATION', 1],
  ['AUTOSCALING_VALIDATION_ERROR', 'AUTOSCALING_VALIDATION_ERROR', 1],
  ['launches-nothing', 'TIMEOUT', 2]
] as const)('goneTemplate: %s', async (goneTemplate, code, groups) => {
  cloud = await scriptedCloud({ switches: { goneTemplate } })
  const { fleets } = cloud.planes.inspect
  for (const { launchTemplate } of fleets.all()) fleets.goneTemplates.add(launchTemplate?.id ?? '?')
  const id = await deploy(cloud)
  await cloud.pass(2 * 3600)
  expect(await lookAt(cloud, id)).toMatchObject({ status: 'Failed', errorInformation: { code } })
  expect(fleets.all()).toHaveLength(groups)
  const launches = fleets.find(`CodeDeploy_web-blue-green_${id}`)?.activities.map(({ status }) => status)
  // Auto Scaling goes on trying.
  expect(launches && [...new Set(launches)]).toEqual(groups === 1 ? undefined : ['Failed'])
})
