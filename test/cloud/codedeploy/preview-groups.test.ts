import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import {
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
  DeleteDeploymentGroupCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type CodeDeployClient,
  type CreateDeploymentGroupCommandInput
} from '@aws-sdk/client-codedeploy'
import { afterEach, describe, expect, test } from '@jest/globals'
import { steppedClock, type SteppedClock } from '../clock.js'
import { startCloud, type Cloud, type StartOptions } from '../start.js'
import { administrator, clientsOf, refusalOf } from '../wire/clients.js'

const [APPLICATION, GROUP, FLEET] = ['ExampleApp-previews', 'pr-7', 'pr-7-fleet']
const ARN = `arn:aws:codedeploy:ap-northeast-2:123456789012:deploymentgroup:${APPLICATION}/${GROUP}`

let clock: SteppedClock
let cloud: Cloud
let codedeploy: CodeDeployClient
let scaling: AutoScalingClient

const createFleet = (DesiredCapacity: number) =>
  scaling.send(
    new CreateAutoScalingGroupCommand({
      ...{ AutoScalingGroupName: FLEET, MinSize: 0, MaxSize: 2, DesiredCapacity },
      ...{ VPCZoneIdentifier: 'subnet-1', HealthCheckType: 'EC2' },
      LaunchTemplate: { LaunchTemplateName: cloud.env['PREVIEW_LAUNCH_TEMPLATE'], Version: '$Default' }
    })
  )

const createGroup = (more: Partial<CreateDeploymentGroupCommandInput> = {}) =>
  codedeploy.send(
    new CreateDeploymentGroupCommand({
      ...{ applicationName: APPLICATION, deploymentGroupName: GROUP, autoScalingGroups: [FLEET] },
      serviceRoleArn: cloud.env['PREVIEW_SERVICE_ROLE_ARN'],
      deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
      deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' },
      tags: [{ Key: 'preview', Value: '7' }],
      ...more
    })
  )

const removeGroup = () =>
  codedeploy.send(
    new DeleteDeploymentGroupCommand({ applicationName: APPLICATION, deploymentGroupName: GROUP })
  )

const pass = (seconds: number): Promise<void> => clock.advance(seconds * 1000)
const fleet = () => cloud.planes.inspect.fleets.find(FLEET)
const states = (): string[] => cloud.planes.inspect.fleets.instances(FLEET).map(({ state }) => state)

const open = async (options: StartOptions = {}): Promise<void> => {
  clock = steppedClock(Date.now())
  cloud = await startCloud({ scripted: true, previews: true, clock, ...options })
  codedeploy = clientsOf(cloud).codedeploy
  scaling = new AutoScalingClient({
    ...{ endpoint: cloud.url, region: 'ap-northeast-2', maxAttempts: 1 },
    credentials: administrator(cloud)
  })
  await codedeploy.send(new CreateApplicationCommand({ applicationName: APPLICATION }))
}

afterEach(async () => {
  expect(cloud.planes.inspect.faults()).toEqual([])
  codedeploy.destroy()
  scaling.destroy()
  await cloud.stop()
})

const deploy = async (): Promise<() => Promise<string | undefined>> => {
  const { deploymentId } = await codedeploy.send(
    new CreateDeploymentCommand({
      ...{ applicationName: APPLICATION, deploymentGroupName: GROUP },
      revision: {
        revisionType: 'S3',
        s3Location: { bucket: cloud.env['S3_BUCKET'], key: 'app.zip', bundleType: 'zip' }
      }
    })
  )
  return async () =>
    (await codedeploy.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo?.status
}

describe('a deployment group of its own', () => {
  test('hooks its Auto Scaling group, has tags, and takes the hook away with it', async () => {
    await open()
    await createFleet(1)
    await createGroup({ loadBalancerInfo: { targetGroupInfoList: [{ name: 'ExampleApp-blue-green' }] } })
    expect([...(fleet()?.hooks.keys() ?? [])]).toEqual([
      expect.stringMatching(/^CodeDeploy-managed-automatic-launch-deployment-hook-pr-7-/)
    ])
    const tags = async () =>
      (await codedeploy.send(new ListTagsForResourceCommand({ ResourceArn: ARN }))).Tags
    await codedeploy.send(
      new TagResourceCommand({ ResourceArn: ARN, Tags: [{ Key: 'push', Value: 'today' }] })
    )
    expect(await tags()).toEqual([
      { Key: 'preview', Value: '7' },
      { Key: 'push', Value: 'today' }
    ])
    await codedeploy.send(new UntagResourceCommand({ ResourceArn: ARN, TagKeys: ['preview'] }))
    expect(await tags()).toEqual([{ Key: 'push', Value: 'today' }])
    expect((await removeGroup()).hooksNotCleanedUp).toEqual([])
    expect(fleet()?.hooks.size).toBe(0)
    expect(await refusalOf(tags())).toBe('DeploymentGroupDoesNotExistException')
    expect((await removeGroup()).hooksNotCleanedUp).toEqual([])
  })

  test('counts for the quota of its application, and an application for that of the account', async () => {
    await open({ quotas: { deploymentGroups: 1 } })
    await createFleet(0)
    await createGroup()
    expect(await refusalOf(createGroup({ deploymentGroupName: 'pr-8' }))).toBe(
      'DeploymentGroupLimitExceededException'
    )
    expect(await refusalOf(createGroup())).toBe('DeploymentGroupAlreadyExistsException')
    cloud.planes.inspect.quotas.applications = 2
    const another = new CreateApplicationCommand({ applicationName: 'another' })
    expect(await refusalOf(codedeploy.send(another))).toBe('ApplicationLimitExceededException')
  })

  test.each(['hooks-stay', 'refused'] as const)(
    'whose role is gone cannot remove its hook: %s',
    async (position) => {
      await open()
      cloud.switches.groupDeletedWithBrokenRole = position
      await createFleet(0)
      await createGroup()
      cloud.planes.inspect.brokenRoles.set(cloud.env['PREVIEW_SERVICE_ROLE_ARN'] ?? '', 'gone')
      if (position === 'refused') expect(await refusalOf(removeGroup())).toBe('InvalidRoleException')
      else
        expect((await removeGroup()).hooksNotCleanedUp).toEqual([
          { name: FLEET, hook: expect.stringContaining('CodeDeploy-managed') }
        ])
      expect(fleet()?.hooks.size).toBe(1)
      const left = codedeploy.send(
        new GetDeploymentGroupCommand({ applicationName: APPLICATION, deploymentGroupName: GROUP })
      )
      expect(await refusalOf(left)).toBe(
        position === 'refused' ? 'none' : 'DeploymentGroupDoesNotExistException'
      )
    }
  )

  test('keeps no old fleet, so a wait for its end is refused', async () => {
    await open()
    await createFleet(0)
    const blueGreen = createGroup({
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' },
      blueGreenDeploymentConfiguration: {
        greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' },
        terminateBlueInstancesOnDeploymentSuccess: { action: 'KEEP_ALIVE', terminationWaitTimeInMinutes: 5 }
      }
    })
    expect(await refusalOf(blueGreen)).toBe('InvalidBlueGreenDeploymentConfigurationException')
  })
})

describe('before the first successful deployment, the launch hook', () => {
  const grow = async (position: Cloud['switches']['launchHookBeforeFirstDeployment']): Promise<void> => {
    await open()
    cloud.switches.launchHookBeforeFirstDeployment = position
    await createFleet(0)
    await createGroup()
    cloud.planes.inspect.fleets.resize(FLEET, { desired: 1 })
    await pass(1)
  }

  test('is completed', async () => {
    await grow('continues')
    expect(states()).toEqual(['InService'])
  })

  test('waits for its timeout, which abandons the instance', async () => {
    await grow('waits')
    expect(states()).toEqual(['Pending:Wait'])
    const [first] = cloud.planes.inspect.fleets.instances(FLEET)
    await pass(700)
    expect(first?.state).toBe('Terminated')
  })

  test('abandons the instance at once', async () => {
    await grow('abandons')
    const [first] = cloud.planes.inspect.fleets.instances(FLEET)
    await pass(61)
    expect(first?.state).toBe('Terminated')
  })
})

describe('a deployment in place', () => {
  test.each([
    [240, 'Succeeded'],
    [360, 'Failed']
  ])('waits 5 minutes for an agent: one that starts after %d s has it %s', async (agentSeconds, end) => {
    await open({ agentSeconds })
    await createFleet(1)
    await createGroup()
    const status = await deploy()
    await pass(60)
    expect(await status()).toBe('InProgress')
    await pass(400)
    expect(await status()).toBe(end)
  })
})
