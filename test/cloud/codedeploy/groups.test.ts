import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { refusalOf, s3Revision } from '../scripted/look.js'

let cloud: ScriptedCloud

beforeEach(async () => {
  cloud = await scriptedCloud({ control: { pageSize: 2 } })
})

afterEach(async () => {
  await cloud.planes.stop()
})

const base = {
  applicationName: 'web',
  deploymentGroupName: 'other',
  serviceRoleArn: 'arn:aws:iam::123456789012:role/CodeDeployServiceRole',
  autoScalingGroups: ['web-blue-green'],
  deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
  loadBalancerInfo: { targetGroupInfoList: [{ name: 'web-blue-green' }] }
}
const copies = (ready: object = {}, more: object = {}): object => ({
  blueGreenDeploymentConfiguration: {
    greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' },
    deploymentReadyOption: ready,
    ...more
  }
})

describe('CreateDeploymentGroup', () => {
  const rows: [name: string, change: object, refusal: string][] = [
    ['no role', { serviceRoleArn: undefined }, 'RoleRequiredException'],
    [
      'a role that is not an ARN',
      { serviceRoleArn: 'x' },
      'InvalidRoleException: Cannot assume role provided.'
    ],
    ['an unknown Auto Scaling group', { autoScalingGroups: ['x'] }, 'InvalidAutoScalingGroupException'],
    [
      'two groups to copy',
      { autoScalingGroups: ['web-blue-green', 'web-blue-green'] },
      'Exactly one AutoScaling group must be specifed'
    ],
    [
      'a positive wait with CONTINUE_DEPLOYMENT',
      copies({ actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 5 }),
      "cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified"
    ],
    [
      'a termination wait of three days',
      copies(
        {},
        {
          terminateBlueInstancesOnDeploymentSuccess: {
            action: 'TERMINATE',
            terminationWaitTimeInMinutes: 4320
          }
        }
      ),
      'InvalidBlueGreenDeploymentConfigurationException'
    ],
    [
      'blue/green without its configuration',
      { blueGreenDeploymentConfiguration: undefined },
      'InvalidBlueGreenDeploymentConfigurationException'
    ],
    [
      'traffic control without a balancer',
      { loadBalancerInfo: undefined },
      'The specification for load balancing in the deployment group is invalid.'
    ],
    [
      'a target group pair',
      { loadBalancerInfo: { targetGroupPairInfoList: [] } },
      'InvalidLoadBalancerInfoException'
    ],
    [
      'an unknown style',
      { deploymentStyle: { deploymentType: 'CANARY' } },
      'InvalidDeploymentStyleException'
    ],
    [
      'a name that is taken',
      { deploymentGroupName: 'web-blue-green' },
      'DeploymentGroupAlreadyExistsException'
    ]
  ]

  test.each(rows)('refuses %s', async (_name, change, refusal) => {
    const input = { ...base, ...copies(), ...change }
    expect(await refusalOf(cloud.call('CreateDeploymentGroup', input))).toContain(refusal)
  })

  test('accepts a wait of 0 with CONTINUE_DEPLOYMENT, and shows it', async () => {
    const ready = { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 0 }
    await cloud.call('CreateDeploymentGroup', { ...base, ...copies(ready) })
    const answer = await cloud.call('GetDeploymentGroup', {
      applicationName: 'web',
      deploymentGroupName: 'other'
    })
    expect(answer).toMatchObject({
      deploymentGroupInfo: {
        deploymentConfigName: 'CodeDeployDefault.OneAtATime',
        blueGreenDeploymentConfiguration: { deploymentReadyOption: ready },
        computePlatform: 'Server',
        outdatedInstancesStrategy: 'UPDATE'
      }
    })
  })
})

describe('UpdateDeploymentGroup', () => {
  const update = (change: object): Promise<Record<string, unknown>> =>
    cloud.call('UpdateDeploymentGroup', {
      applicationName: 'web',
      currentDeploymentGroupName: 'web-blue-green',
      ...change
    })

  test('requires the Auto Scaling group to copy even for another change', async () => {
    const change = { deploymentConfigName: 'CodeDeployDefault.OneAtATime' }
    expect(await refusalOf(update(change))).toContain('Exactly one AutoScaling group must be specifed')
    expect(await update({ ...change, autoScalingGroups: ['web-blue-green'] })).toEqual({
      hooksNotCleanedUp: []
    })
  })

  test('renames and keeps what it does not set; deleting removes the hook', async () => {
    await update({ autoScalingGroups: ['web-blue-green'], newDeploymentGroupName: 'renamed' })
    const { deploymentGroups } = await cloud.call('ListDeploymentGroups', { applicationName: 'web' })
    expect(deploymentGroups).toEqual(['renamed'])
    const fleet = cloud.planes.inspect.fleets.find('web-blue-green')
    expect(fleet?.hooks.size).toBe(1)
    await cloud.call('DeleteDeploymentGroup', { applicationName: 'web', deploymentGroupName: 'renamed' })
    expect(fleet?.hooks.size).toBe(0)
    const batch = await cloud.call('BatchGetDeploymentGroups', {
      applicationName: 'web',
      deploymentGroupNames: ['renamed']
    })
    expect(batch).toEqual({
      deploymentGroupsInfo: [],
      errorMessage: 'No Deployment Group found for name: renamed'
    })
  })
})

describe('applications', () => {
  test('can be created, listed in pages, renamed, read and deleted', async () => {
    for (const applicationName of ['a', 'b', 'c']) await cloud.call('CreateApplication', { applicationName })
    const first = await cloud.call<{ applications: string[]; nextToken: string }>('ListApplications')
    const { applications } = await cloud.call<{ applications: string[] }>('ListApplications', {
      nextToken: first.nextToken
    })
    expect([...first.applications, ...applications].sort()).toEqual(['a', 'b', 'c', 'web'])
    await cloud.call('UpdateApplication', { applicationName: 'a', newApplicationName: 'd' })
    const batch = await cloud.call('BatchGetApplications', { applicationNames: ['d', 'web'] })
    expect(batch).toMatchObject({
      applicationsInfo: [{ applicationName: 'd' }, { computePlatform: 'Server' }]
    })
    await cloud.call('DeleteApplication', { applicationName: 'd' })
    expect(await refusalOf(cloud.call('GetApplication', { applicationName: 'd' }))).toContain(
      'ApplicationDoesNotExistException'
    )
    expect(await refusalOf(cloud.call('CreateApplication', { applicationName: 'web' }))).toContain(
      'ApplicationAlreadyExistsException'
    )
  })
})

describe('revisions', () => {
  const key = (s3KeyPrefix: string): object => ({ applicationName: 'web', s3Bucket: 'bundles', s3KeyPrefix })

  test('can be registered, and found by prefix and by whether they are deployed', async () => {
    for (const name of ['a/1.zip', 'a/2.zip', 'b/1.zip']) {
      await cloud.call('RegisterApplicationRevision', {
        applicationName: 'web',
        revision: s3Revision(name),
        description: name
      })
    }
    const { revisions } = await cloud.call<{ revisions: object[] }>('ListApplicationRevisions', {
      ...key('a/')
    })
    expect(revisions).toHaveLength(2)
    expect(
      await cloud.call('ListApplicationRevisions', { applicationName: 'web', deployed: 'include' })
    ).toEqual({ revisions: [] })
    const batch = await cloud.call('BatchGetApplicationRevisions', {
      applicationName: 'web',
      revisions: [s3Revision('b/1.zip')]
    })
    expect(batch).toMatchObject({
      revisions: [{ genericRevisionInfo: { description: 'b/1.zip', deploymentGroups: [] } }]
    })
  })

  const rows: [name: string, operation: string, input: object, refusal: string][] = [
    [
      'a prefix without a bucket',
      'ListApplicationRevisions',
      { s3KeyPrefix: 'a' },
      'BucketNameFilterRequiredException'
    ],
    ['an unknown column', 'ListApplicationRevisions', { sortBy: 'size' }, 'InvalidSortByException'],
    ['an unknown order', 'ListApplicationRevisions', { sortOrder: 'up' }, 'InvalidSortOrderException'],
    [
      'an unknown filter',
      'ListApplicationRevisions',
      { deployed: 'maybe' },
      'InvalidDeployedStateFilterException'
    ],
    [
      'a long description',
      'RegisterApplicationRevision',
      { revision: s3Revision('k'), description: 'x'.repeat(257) },
      'DescriptionTooLongException'
    ],
    [
      '26 revisions at once',
      'BatchGetApplicationRevisions',
      { revisions: Array.from({ length: 26 }, () => s3Revision('k')) },
      'BatchLimitExceededException'
    ]
  ]

  test.each(rows)('refuse %s', async (_name, operation, input, refusal) => {
    expect(await refusalOf(cloud.call(operation, { applicationName: 'web', ...input }))).toContain(refusal)
  })
})

test('OneAtATime answers a type that is not in the enum', async () => {
  const answer = await cloud.call('GetDeploymentConfig', {
    deploymentConfigName: 'CodeDeployDefault.OneAtATime'
  })
  expect(answer).toMatchObject({
    deploymentConfigInfo: { minimumHealthyHosts: { type: 'MOST_CONCURRENCY', value: 1 } }
  })
})
