import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ServiceError } from '../contract.js'
import { scriptedCloud, type ScriptedCloud } from '../scripted/cloud.js'
import { deploy, deployed, lookAt, refusalOf, s3Revision } from '../scripted/look.js'

let cloud: ScriptedCloud

beforeEach(async () => {
  cloud = await scriptedCloud()
})

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  await cloud.planes.stop()
})

const good = { applicationName: 'web', deploymentGroupName: 'web-blue-green', revision: s3Revision('v1.zip') }
const s3 = (location: Record<string, unknown>): Record<string, unknown> => ({
  revision: { revisionType: 'S3', s3Location: { bucket: 'b', key: 'k', bundleType: 'zip', ...location } }
})

describe('CreateDeployment refuses', () => {
  const rows: [name: string, change: Record<string, unknown>, refusal: string][] = [
    ['no application', { applicationName: undefined }, 'ApplicationNameRequiredException'],
    ['an application name with a space', { applicationName: 'a b' }, 'InvalidApplicationNameException'],
    [
      'an application name of 101 letters',
      { applicationName: 'a'.repeat(101) },
      'InvalidApplicationNameException'
    ],
    ['an unknown application', { applicationName: 'other' }, 'ApplicationDoesNotExistException'],
    ['no group', { deploymentGroupName: undefined }, 'DeploymentGroupNameRequiredException'],
    ['an unknown group', { deploymentGroupName: 'other' }, 'DeploymentGroupDoesNotExistException'],
    ['no revision', { revision: undefined }, 'RevisionRequiredException'],
    ['a revision without a type', { revision: { s3Location: {} } }, 'InvalidRevisionException'],
    ['a revision for Lambda', { revision: { revisionType: 'AppSpecContent' } }, 'InvalidRevisionException'],
    ['a bundle type for Lambda', s3({ bundleType: 'YAML' }), 'BundleType must be either tar, tgz or zip'],
    ['a revision without a key', s3({ key: '' }), 'InvalidRevisionException'],
    ['an unknown configuration', { deploymentConfigName: 'Custom' }, 'DeploymentConfigDoesNotExistException'],
    ['257 characters of description', { description: 'x'.repeat(257) }, 'DescriptionTooLongException'],
    ['an unknown file behavior', { fileExistsBehavior: 'KEEP' }, 'InvalidFileExistsBehaviorException'],
    [
      'rollback without events',
      { autoRollbackConfiguration: { enabled: true } },
      'InvalidAutoRollbackConfigException'
    ],
    [
      'an unknown rollback event',
      { autoRollbackConfiguration: { enabled: true, events: ['ALWAYS'] } },
      'InvalidAutoRollbackConfigException'
    ],
    [
      'target instances',
      { targetInstances: { autoScalingGroups: ['x'] } },
      'InvalidTargetInstancesException'
    ],
    ['a number for a name', { applicationName: 7 }, 'SerializationException'],
    [
      'a member that does not exist',
      { clientToken: 'x' },
      "ValidationException: Unknown member 'CreateDeployment.clientToken'"
    ]
  ]

  test.each(rows)('%s', async (_name, change, refusal) => {
    expect(await refusalOf(cloud.call('CreateDeployment', { ...good, ...change }))).toContain(refusal)
    expect(cloud.planes.inspect.deployments()).toEqual([])
  })

  test('a second deployment of a group, and names the first', async () => {
    const id = await deploy(cloud)
    expect(await refusalOf(deploy(cloud))).toBe(
      `DeploymentLimitExceededException: The Deployment Group 'web-blue-green' already has an active Deployment '${id}'`
    )
    await cloud.pass(3600)
    expect(await deploy(cloud)).toMatch(/^d-[A-Z0-9]{9}$/)
  })

  test('a group whose Auto Scaling group or target group is gone', async () => {
    await cloud.planes.autoscaling['DeleteAutoScalingGroup']?.(
      { AutoScalingGroupName: 'web-blue-green', ForceDelete: 'true' },
      { arn: '', accountId: '' }
    )
    await cloud.pass(1)
    expect(await refusalOf(deploy(cloud))).toContain('InvalidAutoScalingGroupException')
  })
})

describe('CreateDeployment accepts', () => {
  test('a description of 256 characters in any script', async () => {
    const description = '배포 '.repeat(85) + 'x'
    expect(description).toHaveLength(256)
    expect((await lookAt(cloud, await deploy(cloud, 'v1.zip', { description }))).description).toBe(
      description
    )
  })

  test('an unregistered revision, and registers it', async () => {
    const revision = s3Revision('new.zip')
    const asked = { applicationName: 'web', revision }
    expect(await refusalOf(cloud.call('GetApplicationRevision', asked))).toContain(
      'RevisionDoesNotExistException'
    )
    await deployed(cloud, 'new.zip')
    expect(await cloud.call('GetApplicationRevision', asked)).toMatchObject({
      revision,
      revisionInfo: { deploymentGroups: ['web-blue-green'], firstUsedTime: expect.any(Number) }
    })
  })

  test('a revision on GitHub', async () => {
    const gitHubLocation = { repository: 'org/app', commitId: 'a'.repeat(40) }
    const id = await deployed(cloud, '', { revision: { revisionType: 'GitHub', gitHubLocation } })
    expect(await lookAt(cloud, id)).toMatchObject({ revision: { revisionType: 'GitHub', gitHubLocation } })
  })
})

test('the further permissions of a deployment are checked on the application and the configuration', async () => {
  await cloud.planes.stop()
  const asked: string[] = []
  cloud = await scriptedCloud({
    control: {
      authorize: (_caller, action, resource) => {
        asked.push(`${action} ${resource}`)
        if (action.endsWith('RegisterApplicationRevision'))
          throw new ServiceError('AccessDeniedException', 'not authorized')
      }
    }
  })
  expect(await refusalOf(deploy(cloud, 'v1.zip'))).toBe('AccessDeniedException: not authorized')
  await cloud.call('RegisterApplicationRevision', { applicationName: 'web', revision: s3Revision('v1.zip') })
  await deploy(cloud, 'v1.zip')
  const prefix = 'arn:aws:codedeploy:ap-northeast-2:123456789012'
  expect(asked).toEqual([
    `codedeploy:RegisterApplicationRevision ${prefix}:application:web`,
    `codedeploy:GetApplicationRevision ${prefix}:application:web`,
    `codedeploy:GetDeploymentConfig ${prefix}:deploymentconfig:CodeDeployDefault.AllAtOnce`
  ])
})
