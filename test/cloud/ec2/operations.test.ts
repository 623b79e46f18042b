import {
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { VPC } from '../loadbalancing/model.js'
import { PREVIEW_BALANCER_GROUP, PREVIEW_INSTANCE_GROUP, PREVIEWS } from '../preview-place.js'
import { startCloud, type Cloud } from '../start.js'
import { administrator, refusalOf } from '../wire/clients.js'

let cloud: Cloud
let ec2: EC2Client

beforeAll(async () => {
  cloud = await startCloud({ scripted: true, previews: true })
  ec2 = new EC2Client({
    ...{ endpoint: cloud.url, region: 'ap-northeast-2', maxAttempts: 1 },
    credentials: administrator(cloud)
  })
})

afterAll(async () => {
  ec2.destroy()
  await cloud.stop()
})

test('the template of previews has a profile and a security group of its own', async () => {
  const { LaunchTemplates = [] } = await ec2.send(
    new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [PREVIEWS.launchTemplate] })
  )
  expect(LaunchTemplates).toMatchObject([{ DefaultVersionNumber: 1, LatestVersionNumber: 1 }])
  const { LaunchTemplateVersions } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({
      ...{ LaunchTemplateName: PREVIEWS.launchTemplate, Versions: ['$Default'] }
    })
  )
  expect(LaunchTemplateVersions).toMatchObject([
    {
      ...{ LaunchTemplateId: LaunchTemplates[0]?.LaunchTemplateId, VersionNumber: 1, DefaultVersion: true },
      LaunchTemplateData: {
        IamInstanceProfile: { Name: PREVIEWS.instanceProfile },
        SecurityGroupIds: [PREVIEW_INSTANCE_GROUP]
      }
    }
  ])
})

test('a security group says which ports it opens to whom', async () => {
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand({ GroupIds: [PREVIEW_INSTANCE_GROUP] })
  )
  expect(SecurityGroups).toMatchObject([
    {
      VpcId: VPC,
      IpPermissions: [
        {
          ...{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80 },
          UserIdGroupPairs: [{ GroupId: PREVIEW_BALANCER_GROUP }]
        }
      ]
    }
  ])
})

test('a subnet says its network and its zone', async () => {
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-2'] }))
  expect(Subnets).toMatchObject([{ VpcId: VPC, AvailabilityZone: 'ap-northeast-2b', State: 'available' }])
  const filter = { Name: 'vpc-id', Values: [VPC] }
  expect((await ec2.send(new DescribeSubnetsCommand({ Filters: [filter] }))).Subnets).toHaveLength(4)
})

test('what does not exist is refused by its own name', async () => {
  const versions = (LaunchTemplateName: string, Versions: string[]) =>
    ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions }))
  expect(await refusalOf(versions('x', ['1']))).toBe('InvalidLaunchTemplateName.NotFoundException')
  expect(await refusalOf(versions(PREVIEWS.launchTemplate, ['2']))).toBe(
    'InvalidLaunchTemplateId.VersionNotFound'
  )
  expect(await refusalOf(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-1'] })))).toBe(
    'InvalidGroup.NotFound'
  )
  expect(await refusalOf(ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-9'] })))).toBe(
    'InvalidSubnetID.NotFound'
  )
})
