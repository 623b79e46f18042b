import {
  type AutoScalingGroup,
  type AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  type Filter
} from '@aws-sdk/client-auto-scaling'
import {
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  type EC2Client,
  type IpPermission,
  type ResponseLaunchTemplateData
} from '@aws-sdk/client-ec2'
import { factsOf } from '../domain/fault.js'
import type { InboundRule } from '../domain/preview/place.js'
import type { PreviewFleet, PreviewFleets } from '../preview-port.js'
import { deleteFleet } from './delete-fleet.js'
import { everyPage } from './pages.js'
import type { Call } from './client-config.js'
import { unlessNamed } from './expected.js'

/** Auto Scaling groups of previews, and what is read of production's. */
export const previewFleets = (client: AutoScalingClient, ec2: EC2Client, call: Call): PreviewFleets => {
  const described = (
    input: { AutoScalingGroupNames: string[] } | { Filters: Filter[] }
  ): Promise<AutoScalingGroup[]> =>
    everyPage(async (NextToken) => {
      const { AutoScalingGroups: items = [], NextToken: nextToken } = await call(
        'DescribeAutoScalingGroups',
        (options) => client.send(new DescribeAutoScalingGroupsCommand({ ...input, NextToken }), options)
      )
      return { items, nextToken }
    })
  const named = async (name: string): Promise<AutoScalingGroup | undefined> =>
    (await described({ AutoScalingGroupNames: [name] })).find((group) => group.AutoScalingGroupName === name)
  const fleet = async (name: string): Promise<PreviewFleet | undefined> => {
    const group = await named(name)
    return group && toFleet(group)
  }
  return {
    fleet,
    tagged: async (key, value) =>
      (await described({ Filters: [{ Name: `tag:${key}`, Values: [value] }] })).map(toFleet),
    create: (wanted) =>
      unlessNamed(
        call('CreateAutoScalingGroup', (options) =>
          client.send(new CreateAutoScalingGroupCommand(fleetRequest(wanted)), options)
        ),
        'AlreadyExists'
      ),
    delete: (name) => deleteFleet(name, fleet, { client, call }),
    launches: async (name) => {
      const group = await named(name)
      return group && launchesOf(group)
    },
    template: async (nameOrId) => {
      try {
        const { LaunchTemplateVersions: [found] = [] } = await call(
          'DescribeLaunchTemplateVersions',
          (options) =>
            ec2.send(
              new DescribeLaunchTemplateVersionsCommand({ ...refer(nameOrId), Versions: ['$Default'] }),
              options
            )
        )
        return found?.LaunchTemplateData && toTemplate(found.LaunchTemplateData)
      } catch (error) {
        // EC2 has one name for a lost template, and one for a lost version (EC2 API: error codes).
        if (/^InvalidLaunchTemplate\w*\..*NotFound/.test(factsOf(error).name)) return undefined
        throw error
      }
    },
    inbound: async (securityGroups) => {
      const { SecurityGroups = [] } = await call('DescribeSecurityGroups', (options) =>
        ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [...securityGroups] }), options)
      )
      return SecurityGroups.flatMap(({ IpPermissions = [] }) => IpPermissions.map(toInbound))
    }
  }
}

const TEMPLATE_ID = /^lt-[0-9a-f]{8,}$/

const refer = (nameOrId: string): { LaunchTemplateId: string } | { LaunchTemplateName: string } =>
  TEMPLATE_ID.test(nameOrId) ? { LaunchTemplateId: nameOrId } : { LaunchTemplateName: nameOrId }

/**
 * API: CreateAutoScalingGroup. Health is that of EC2: nothing answers the load balancer before the first deployment, which would otherwise end the instances
 * again and again. `$Default` lets the template change without a change of the workflow.
 */
const fleetRequest = ({
  name,
  launchTemplate,
  subnets,
  instances,
  targetGroup,
  tags
}: Parameters<PreviewFleets['create']>[0]): CreateAutoScalingGroupCommand['input'] => ({
  AutoScalingGroupName: name,
  LaunchTemplate: { ...refer(launchTemplate), Version: '$Default' },
  ...{ MinSize: instances, MaxSize: instances, DesiredCapacity: instances },
  VPCZoneIdentifier: subnets.join(','),
  TargetGroupARNs: [targetGroup],
  HealthCheckType: 'EC2',
  Tags: Object.entries({ ...tags, Name: name }).map(([Key, Value]) => ({
    Key,
    Value,
    PropagateAtLaunch: true
  }))
})

/** Status is set only while the group is being deleted (API: AutoScalingGroup). */
const toFleet = ({
  AutoScalingGroupName: name = '',
  Tags = [],
  CreatedTime = new Date(0),
  DesiredCapacity: desired = 0,
  Instances = [],
  TargetGroupARNs: targetGroups = [],
  Status
}: AutoScalingGroup): PreviewFleet => ({
  ...{ name, createdAt: CreatedTime, desired, targetGroups, isGoing: Status !== undefined },
  tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
  inService: Instances.filter(({ LifecycleState }) => LifecycleState === 'InService').length,
  instances: Instances.flatMap(({ InstanceId }) => InstanceId ?? [])
})

const launchesOf = ({
  VPCZoneIdentifier = '',
  LaunchTemplate,
  MixedInstancesPolicy: mixed
}: AutoScalingGroup): { subnets: string[]; templates: string[] } => ({
  subnets: VPCZoneIdentifier.split(',').filter((subnet) => subnet !== ''),
  templates: [
    LaunchTemplate,
    mixed?.LaunchTemplate?.LaunchTemplateSpecification,
    ...(mixed?.LaunchTemplate?.Overrides ?? []).map((one) => one.LaunchTemplateSpecification)
  ].flatMap((one) => one?.LaunchTemplateId ?? one?.LaunchTemplateName ?? [])
})

/** Security groups are the template's own or those of its network interfaces (EC2 API: ResponseLaunchTemplateData). */
const toTemplate = ({
  IamInstanceProfile: profile,
  SecurityGroupIds = [],
  NetworkInterfaces = []
}: ResponseLaunchTemplateData): { instanceProfile: string | undefined; securityGroups: string[] } => ({
  instanceProfile: profile?.Arn ?? profile?.Name,
  securityGroups: [
    ...new Set([...SecurityGroupIds, ...NetworkInterfaces.flatMap(({ Groups = [] }) => Groups)])
  ]
})

const toInbound = ({
  IpProtocol = '',
  FromPort,
  ToPort,
  UserIdGroupPairs = [],
  ...from
}: IpPermission): InboundRule => ({
  ...{ protocol: IpProtocol, fromPort: FromPort, toPort: ToPort },
  fromGroups: UserIdGroupPairs.flatMap(({ GroupId }) => GroupId ?? []),
  fromAddresses: [from.IpRanges, from.Ipv6Ranges, from.PrefixListIds].some((list = []) => list.length > 0)
})
