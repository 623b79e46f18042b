import { ServiceError, type QueryOperations } from '../contract.js'
import { forms, number, paged, text, texts, type Form } from '../autoscaling/query.js'
import type { Inbound, Network, SecurityGroup, Subnet } from './network.js'
import { versionOf, type LaunchTemplate, type Templates } from './templates.js'

/** What these reads need; answers have the names of EC2's XML. */
export interface Ec2Plane {
  templates: Templates
  network: Network
  accountId: string
}

const refuse = (code: string, message: string): never => {
  throw new ServiceError(code, message)
}

const noSuchTemplate = (by: 'ID' | 'name', value: string): never =>
  refuse(
    by === 'ID' ? 'InvalidLaunchTemplateId.NotFound' : 'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template ${by} ${value}, does not exist.`
  )

const templateOf = ({ templates }: Ec2Plane, input: Form): LaunchTemplate => {
  const [id, name] = [text(input, 'LaunchTemplateId'), text(input, 'LaunchTemplateName')]
  if (id === undefined && name === undefined)
    refuse(
      'MissingParameter',
      'The request must contain the parameter LaunchTemplateId or LaunchTemplateName'
    )
  const found = templates.find({ id, name })
  return found ?? (id === undefined ? noSuchTemplate('name', name ?? '') : noSuchTemplate('ID', id))
}

const createdBy = (accountId: string): string => `arn:aws:iam::${accountId}:root`

const versionAnswer = (plane: Ec2Plane, template: LaunchTemplate, version: number): object => {
  const data = template.versions[version - 1]
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: version,
    createTime: new Date(template.createdAt),
    createdBy: createdBy(plane.accountId),
    defaultVersion: version === template.defaultVersion,
    launchTemplateData: {
      imageId: data?.imageId,
      instanceType: data?.instanceType,
      iamInstanceProfile: data?.profile === undefined ? undefined : { name: data.profile },
      securityGroupIdSet: [...(data?.securityGroups ?? [])]
    }
  }
}

const describeVersions = (plane: Ec2Plane, input: Form): object => {
  const template = templateOf(plane, input)
  const asked = texts(input, 'LaunchTemplateVersion')
  const numbers =
    asked.length === 0
      ? template.versions.map((_data, index) => index + 1)
      : asked.map(
          (version) =>
            versionOf(template, version) ??
            refuse(
              'InvalidLaunchTemplateId.VersionNotFound',
              `Could not find the specified version ${version} for the launch template with ID ${template.id}.`
            )
        )
  return { launchTemplateVersionSet: numbers.map((version) => versionAnswer(plane, template, version)) }
}

const describeTemplates = (plane: Ec2Plane, input: Form): object => {
  const { templates, accountId } = plane
  const [ids, names] = [texts(input, 'LaunchTemplateId'), texts(input, 'LaunchTemplateName')]
  for (const id of ids) if (templates.find({ id }) === undefined) noSuchTemplate('ID', id)
  for (const name of names) if (templates.find({ name }) === undefined) noSuchTemplate('name', name)
  const found = templates
    .all()
    .filter(({ id }) => ids.length === 0 || ids.includes(id))
    .filter(({ name }) => names.length === 0 || names.includes(name))
  const { page, next } = paged(found, text(input, 'NextToken'), number(input, 'MaxResults') ?? 200)
  return {
    launchTemplates: page.map((template) => ({
      launchTemplateId: template.id,
      launchTemplateName: template.name,
      createTime: new Date(template.createdAt),
      createdBy: createdBy(accountId),
      defaultVersionNumber: template.defaultVersion,
      latestVersionNumber: template.versions.length
    })),
    nextToken: next
  }
}

/** Filters of these reads, by the member that each one compares. */
const filtered = <Item>(items: Item[], input: Form, values: Record<string, (item: Item) => string>): Item[] =>
  forms(input, 'Filter').reduce((left, filter) => {
    const name = text(filter, 'Name') ?? ''
    const value = values[name] ?? refuse('InvalidParameterValue', `The filter '${name}' is invalid`)
    return left.filter((item) => texts(filter, 'Value').includes(value(item)))
  }, items)

const inboundAnswer = (accountId: string, { protocol, from, to, groups, ranges }: Inbound): object => ({
  ipProtocol: protocol,
  fromPort: from,
  toPort: to,
  groups: groups.map((groupId) => ({ userId: accountId, groupId })),
  ipRanges: ranges.map((cidrIp) => ({ cidrIp })),
  ipv6Ranges: [],
  prefixListIds: []
})

const describeSecurityGroups = ({ network, accountId }: Ec2Plane, input: Form): object => {
  const ids = texts(input, 'GroupId')
  const missing = ids.find((id) => network.securityGroup(id) === undefined)
  if (missing !== undefined) refuse('InvalidGroup.NotFound', `The security group '${missing}' does not exist`)
  const wanted = network.securityGroups().filter(({ id }) => ids.length === 0 || ids.includes(id))
  const found = filtered<SecurityGroup>(wanted, input, {
    'vpc-id': ({ vpcId }) => vpcId,
    'group-id': ({ id }) => id,
    'group-name': ({ name }) => name
  })
  return {
    securityGroupInfo: found.map(({ id, name, vpcId, inbound }) => ({
      ...{ ownerId: accountId, groupId: id, groupName: name, groupDescription: name, vpcId },
      ipPermissions: inbound.map((one) => inboundAnswer(accountId, one)),
      ipPermissionsEgress: [inboundAnswer(accountId, { protocol: '-1', groups: [], ranges: ['0.0.0.0/0'] })]
    }))
  }
}

const describeSubnets = ({ network, accountId }: Ec2Plane, input: Form): object => {
  const ids = texts(input, 'SubnetId')
  const missing = ids.find((id) => network.subnet(id) === undefined)
  if (missing !== undefined) refuse('InvalidSubnetID.NotFound', `The subnet ID '${missing}' does not exist`)
  const wanted = network.subnets().filter(({ id }) => ids.length === 0 || ids.includes(id))
  const found = filtered<Subnet>(wanted, input, {
    'vpc-id': ({ vpcId }) => vpcId,
    'subnet-id': ({ id }) => id,
    'availability-zone': ({ zone }) => zone
  })
  return {
    subnetSet: found.map(({ id, vpcId, zone, cidr }) => ({
      ...{ subnetId: id, vpcId, availabilityZone: zone, cidrBlock: cidr, ownerId: accountId },
      ...{ state: 'available', availableIpAddressCount: 4000 }
    }))
  }
}

/** EC2's reads of launch templates, security groups and subnets. */
export const ec2Reads = (plane: Ec2Plane): QueryOperations => ({
  DescribeLaunchTemplates: (input) => describeTemplates(plane, input),
  DescribeLaunchTemplateVersions: (input) => describeVersions(plane, input),
  DescribeSecurityGroups: (input) => describeSecurityGroups(plane, input),
  DescribeSubnets: (input) => describeSubnets(plane, input)
})
