import { ServiceError, type QueryOperations } from '../contract.js'
import type { Fleets } from './fleets.js'
import { groupAnswer } from './group-answer.js'
import { noSuchTemplate } from './launch.js'
import type { AutoScalingGroup, GroupDefinition, GroupTag, LaunchSettings } from './model.js'
import { flag, form, forms, number, paged, required, text, texts, type Form } from './query.js'

const PAGE = 100

/** The tags of a request; groups get them and, if they propagate, instances that are launched later. */
export const readTags = (input: Form): GroupTag[] =>
  forms(input, 'Tags').map((tag) => ({
    key: required(tag, 'Key'),
    value: text(tag, 'Value') ?? '',
    propagate: flag(tag, 'PropagateAtLaunch')
  }))

const templateOf = (input: Form): Pick<GroupDefinition, 'launchTemplate' | 'launchConfigurationName'> => {
  const template = form(input, 'LaunchTemplate')
  const configuration = text(input, 'LaunchConfigurationName')
  return {
    ...(configuration === undefined ? {} : { launchConfigurationName: configuration }),
    ...(template === undefined
      ? {}
      : {
          launchTemplate: {
            id: text(template, 'LaunchTemplateId') ?? 'lt-0123456789abcdef0',
            name: text(template, 'LaunchTemplateName') ?? 'template',
            version: text(template, 'Version') ?? '$Default'
          }
        })
  }
}

/** Members that this cloud only keeps and shows. */
const KEPT = [
  ...['MixedInstancesPolicy', 'InstanceMaintenancePolicy', 'MaxInstanceLifetime', 'CapacityRebalance'],
  ...['DeletionProtection', 'DefaultInstanceWarmup', 'AvailabilityZoneDistribution'],
  ...['AvailabilityZoneImpairmentPolicy', 'InstanceLifecyclePolicy']
]

const keptOf = (input: Form): Form =>
  Object.fromEntries(KEPT.flatMap((member) => (input[member] === undefined ? [] : [[member, input[member]]])))

/** The settings of a group that an update names. */
const settingsOf = (input: Form): Partial<LaunchSettings> => ({
  ...templateOf(input),
  ...(text(input, 'HealthCheckType') === undefined
    ? {}
    : { healthCheckType: required(input, 'HealthCheckType') }),
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

const definitionOf = (input: Form): GroupDefinition => {
  const min = number(input, 'MinSize') ?? 0
  return {
    isNew: true,
    name: required(input, 'AutoScalingGroupName'),
    min,
    max: number(input, 'MaxSize') ?? min,
    desired: number(input, 'DesiredCapacity') ?? min,
    availabilityZones: texts(input, 'AvailabilityZones'),
    vpcZoneIdentifier: text(input, 'VPCZoneIdentifier') ?? '',
    healthCheckType: text(input, 'HealthCheckType') ?? 'EC2',
    healthCheckGracePeriod: number(input, 'HealthCheckGracePeriod') ?? 0,
    defaultCooldown: number(input, 'DefaultCooldown') ?? 300,
    terminationPolicies: texts(input, 'TerminationPolicies'),
    newInstancesProtectedFromScaleIn: flag(input, 'NewInstancesProtectedFromScaleIn'),
    tags: readTags(input),
    targetGroupArns: texts(input, 'TargetGroupARNs'),
    kept: keptOf(input),
    ...templateOf(input)
  }
}

const checkSizes = ({ min, max, desired }: GroupDefinition): void => {
  if (min > max)
    throw new ServiceError('ValidationError', 'Max bound must be greater than or equal to min bound')
  if (desired < min || desired > max)
    throw new ServiceError(
      'ValidationError',
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`
    )
}

// Filters: `tag-key`, `tag-value`, and `tag:<key>` (API: Filter).
const matches = (group: AutoScalingGroup, filter: Form): boolean => {
  const [name, values] = [text(filter, 'Name') ?? '', texts(filter, 'Values')]
  if (name === 'tag-key') return group.tags.some((tag) => values.includes(tag.key))
  if (name === 'tag-value') return group.tags.some((tag) => values.includes(tag.value))
  return group.tags.some((tag) => name === `tag:${tag.key}` && values.includes(tag.value))
}

const describe = (fleets: Fleets, input: Form): object => {
  const names = texts(input, 'AutoScalingGroupNames')
  const found = fleets
    .all()
    .filter((group) => names.length === 0 || names.includes(group.name))
    .filter((group) => forms(input, 'Filters').every((filter) => matches(group, filter)))
  const { page, next } = paged(found, text(input, 'NextToken'), number(input, 'MaxRecords') ?? PAGE)
  return { AutoScalingGroups: page.map((group) => groupAnswer(fleets, group)), NextToken: next }
}

const update = (fleets: Fleets, input: Form): object => {
  const name = required(input, 'AutoScalingGroupName')
  const [min, max, desired] = ['MinSize', 'MaxSize', 'DesiredCapacity'].map((member) => number(input, member))
  fleets.resize(name, {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(desired === undefined ? {} : { desired })
  })
  const group = fleets.find(name)
  if (group !== undefined)
    Object.assign(group, settingsOf(input), { kept: { ...group.kept, ...keptOf(input) } })
  return {}
}

/** Checks the target groups of a new group; what it returns registers the instances there, once they are in service. */
export type Attach = (group: GroupDefinition) => () => void

/** Groups of the Auto Scaling API: create, read, resize, delete. */
export const groupOperations = (
  fleets: Fleets,
  background: (work: Promise<void>) => void,
  attach: Attach
): QueryOperations => ({
  CreateAutoScalingGroup: (input) => {
    const definition = definitionOf(input)
    const { id = '' } = definition.launchTemplate ?? {}
    if (fleets.goneTemplates.has(id)) throw new ServiceError('ValidationError', noSuchTemplate(id))
    checkSizes(definition)
    const register = attach(definition)
    fleets.create(definition)
    register()
    return {}
  },
  DescribeAutoScalingGroups: (input) => describe(fleets, input),
  UpdateAutoScalingGroup: (input) => update(fleets, input),
  SetDesiredCapacity: (input) => {
    fleets.resize(required(input, 'AutoScalingGroupName'), { desired: number(input, 'DesiredCapacity') ?? 0 })
    return {}
  },
  // Answers at once and terminates the instances in the background, as the service does.
  DeleteAutoScalingGroup: (input) => {
    background(fleets.remove(required(input, 'AutoScalingGroupName'), flag(input, 'ForceDelete')))
    return {}
  }
})
