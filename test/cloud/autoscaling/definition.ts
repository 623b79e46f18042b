import { ServiceError } from '../contract.js'
import type { Network } from '../ec2/network.js'
import { versionOf, type Templates } from '../ec2/templates.js'
import { noSuchTemplate } from './launch.js'
import type { GroupDefinition, GroupTag, LaunchSettings } from './model.js'
import { flag, form, forms, number, required, text, texts, type Form } from './query.js'

/** What a request may name, and must then exist. */
export interface Surroundings {
  templates: Templates
  network: Network
}

const wrong = (message: string): ServiceError => new ServiceError('ValidationError', message)

/** The tags of a request; groups get them and, if they propagate, instances that are launched later. */
export const readTags = (input: Form): GroupTag[] =>
  forms(input, 'Tags').map((tag) => ({
    key: required(tag, 'Key'),
    value: text(tag, 'Value') ?? '',
    propagate: flag(tag, 'PropagateAtLaunch')
  }))

const templateNamed = ({ templates }: Surroundings, given: Form): LaunchSettings['launchTemplate'] => {
  const [id, name] = [text(given, 'LaunchTemplateId'), text(given, 'LaunchTemplateName')]
  if ((id === undefined) === (name === undefined))
    throw wrong('Valid requests must contain either launchTemplateId or LaunchTemplateName')
  const found = templates.find({ id, name })
  if (found === undefined) throw wrong(noSuchTemplate(id ?? name ?? '', id === undefined ? 'name' : 'ID'))
  const version = text(given, 'Version') ?? '$Default'
  if (versionOf(found, version) === undefined)
    throw wrong(
      `You must use a valid fully-formed launch template. Could not find the specified version ${version} for the launch template with ID ${found.id}.`
    )
  return { id: found.id, name: found.name, version }
}

const templateOf = (
  around: Surroundings,
  input: Form
): Pick<GroupDefinition, 'launchTemplate' | 'launchConfigurationName'> => {
  const template = form(input, 'LaunchTemplate')
  const configuration = text(input, 'LaunchConfigurationName')
  const named = template === undefined ? undefined : templateNamed(around, template)
  return {
    ...(configuration === undefined ? {} : { launchConfigurationName: configuration }),
    ...(named === undefined ? {} : { launchTemplate: named })
  }
}

/** The subnets of a request, with their zones unless it names zones itself. */
const placeOf = (
  { network }: Surroundings,
  input: Form
): Partial<Pick<GroupDefinition, 'vpcZoneIdentifier' | 'availabilityZones'>> => {
  const [zones, identifier] = [texts(input, 'AvailabilityZones'), text(input, 'VPCZoneIdentifier')]
  if (identifier === undefined) return zones.length === 0 ? {} : { availabilityZones: zones }
  const subnets = identifier.split(',').map((id) => {
    const subnet = network.subnet(id.trim())
    if (subnet === undefined) throw wrong(`The subnet ID '${id.trim()}' does not exist`)
    return subnet
  })
  const theirs = [...new Set(subnets.map(({ zone }) => zone))]
  return { vpcZoneIdentifier: identifier, availabilityZones: zones.length === 0 ? theirs : zones }
}

/** Members that this cloud only keeps and shows. */
const KEPT = [
  ...['MixedInstancesPolicy', 'InstanceMaintenancePolicy', 'MaxInstanceLifetime', 'CapacityRebalance'],
  ...['DeletionProtection', 'DefaultInstanceWarmup', 'AvailabilityZoneDistribution'],
  ...['AvailabilityZoneImpairmentPolicy', 'InstanceLifecyclePolicy']
]

export const keptOf = (input: Form): Form =>
  Object.fromEntries(KEPT.flatMap((member) => (input[member] === undefined ? [] : [[member, input[member]]])))

/** Comma-separated kinds of checks (API: HealthCheckType). */
const healthCheckOf = (input: Form): string => {
  const type = text(input, 'HealthCheckType') ?? 'EC2'
  if (type.split(',').some((one) => !['EC2', 'EBS', 'ELB', 'VPC_LATTICE'].includes(one)))
    throw wrong(`Invalid health check type '${type}'`)
  return type
}

/** The settings of a group that an update names. */
export const settingsOf = (around: Surroundings, input: Form): Partial<LaunchSettings> => ({
  ...templateOf(around, input),
  ...placeOf(around, input),
  ...(text(input, 'HealthCheckType') === undefined ? {} : { healthCheckType: healthCheckOf(input) }),
  ...(input['HealthCheckGracePeriod'] === undefined
    ? {}
    : { healthCheckGracePeriod: number(input, 'HealthCheckGracePeriod') ?? 0 }),
  ...(input['DefaultCooldown'] === undefined
    ? {}
    : { defaultCooldown: number(input, 'DefaultCooldown') ?? 0 }),
  ...(input['TerminationPolicies'] === undefined
    ? {}
    : { terminationPolicies: texts(input, 'TerminationPolicies') }),
  ...(input['NewInstancesProtectedFromScaleIn'] === undefined
    ? {}
    : { newInstancesProtectedFromScaleIn: flag(input, 'NewInstancesProtectedFromScaleIn') })
})

/** What CreateAutoScalingGroup asks for; throws ValidationError for what does not exist. */
export const definitionOf = (around: Surroundings, input: Form): GroupDefinition => {
  const min = number(input, 'MinSize') ?? 0
  const { vpcZoneIdentifier = '', availabilityZones = [] } = placeOf(around, input)
  return {
    isNew: true,
    name: required(input, 'AutoScalingGroupName'),
    min,
    max: number(input, 'MaxSize') ?? min,
    desired: number(input, 'DesiredCapacity') ?? min,
    availabilityZones,
    vpcZoneIdentifier,
    healthCheckType: healthCheckOf(input),
    healthCheckGracePeriod: number(input, 'HealthCheckGracePeriod') ?? 0,
    defaultCooldown: number(input, 'DefaultCooldown') ?? 300,
    terminationPolicies: texts(input, 'TerminationPolicies'),
    newInstancesProtectedFromScaleIn: flag(input, 'NewInstancesProtectedFromScaleIn'),
    tags: readTags(input),
    targetGroupArns: texts(input, 'TargetGroupARNs'),
    kept: keptOf(input),
    ...templateOf(around, input)
  }
}
