import { ServiceError, type QueryOperations } from '../contract.js'
import type { Network } from '../ec2/network.js'
import type { Quotas } from '../quotas.js'
import type { Attachment } from './attachment.js'
import { definitionOf, keptOf, settingsOf } from './definition.js'
import type { Fleets } from './fleets.js'
import { groupAnswer } from './group-answer.js'
import type { AutoScalingGroup, GroupDefinition } from './model.js'
import { named } from './named-group.js'
import { flag, forms, number, paged, required, text, texts, type Form } from './query.js'

const PAGE = 100

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

/** Nothing of a group can be changed while it is being deleted. */
const changeable = (fleets: Fleets, input: Form): AutoScalingGroup => {
  const group = named(fleets, input)
  if (group.status !== undefined)
    throw new ServiceError(
      'ScalingActivityInProgress',
      `AutoScalingGroup '${group.name}' is being deleted: ${group.status}`
    )
  return group
}

const update = ({ fleets, network }: GroupsPlane, input: Form): object => {
  const group = changeable(fleets, input)
  const settings = settingsOf({ templates: fleets.templates, network }, input)
  const [min, max, desired] = ['MinSize', 'MaxSize', 'DesiredCapacity'].map((member) => number(input, member))
  fleets.resize(group.name, {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(desired === undefined ? {} : { desired })
  })
  Object.assign(group, settings, { kept: { ...group.kept, ...keptOf(input) } })
  return {}
}

const create = ({ fleets, network, attachment, quotas }: GroupsPlane, input: Form): object => {
  const definition = definitionOf({ templates: fleets.templates, network }, input)
  checkSizes(definition)
  attachment.check(definition.targetGroupArns)
  if (fleets.find(definition.name) === undefined && fleets.all().length >= quotas.autoScalingGroups)
    throw new ServiceError(
      'LimitExceeded',
      `You have already reached the limit of ${quotas.autoScalingGroups} Auto Scaling groups in this account`
    )
  fleets.create(definition)
  return {}
}

/** What the operations on groups need. */
export interface GroupsPlane {
  fleets: Fleets
  network: Network
  attachment: Attachment
  quotas: Quotas
  /** Runs what goes on after the answer; a refusal comes at once, with the call. */
  background: (work: Promise<void>) => void
}

/** Groups of the Auto Scaling API: create, read, resize, delete. */
export const groupOperations = (plane: GroupsPlane): QueryOperations => ({
  CreateAutoScalingGroup: (input) => create(plane, input),
  DescribeAutoScalingGroups: (input) => describe(plane.fleets, input),
  UpdateAutoScalingGroup: (input) => update(plane, input),
  SetDesiredCapacity: (input) => {
    const { name } = changeable(plane.fleets, input)
    plane.fleets.resize(name, { desired: number(input, 'DesiredCapacity') ?? 0 })
    return {}
  },
  // Answers at once and terminates the instances in the background, as the service does.
  DeleteAutoScalingGroup: (input) => {
    const name = required(input, 'AutoScalingGroupName')
    plane.background(plane.fleets.remove(name, flag(input, 'ForceDelete')))
    return {}
  }
})
