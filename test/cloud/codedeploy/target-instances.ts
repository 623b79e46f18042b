import type { Fleets } from '../autoscaling/fleets.js'
import type { Instance } from '../autoscaling/model.js'
import { structure, texts, type Input } from './input.js'
import type { DeploymentGroup, FleetSelection, GroupSettings, TagFilter } from './model.js'
import type { Plane } from './plane.js'
import { refuse } from './refusal.js'

/** Tags of one list, and lists of one set (API: TagLimitExceededException, TagSetListLimitExceededException). */
const MOST_TAGS = 10
const MOST_LISTS = 3

const wrong = (message: string): never => refuse('InvalidTargetInstancesException', message)

/** Tags that select instances: those of `ec2TagSet`, or the filters as one list; empty if neither is there. */
export const tagLists = (filters: readonly TagFilter[], set: Input | undefined): TagFilter[][] =>
  set === undefined ? (filters.length === 0 ? [] : [[...filters]]) : listsOf(set)

const listsOf = (set: Input): TagFilter[][] => {
  const lists = set['ec2TagSetList']
  return Array.isArray(lists) ? (lists as TagFilter[][]) : []
}

/** What the group refers to: blue of its next deployment. */
export const blueSelection = ({
  autoScalingGroups,
  ec2TagFilters,
  ec2TagSet
}: GroupSettings): FleetSelection => ({
  autoScalingGroups,
  tags: tagLists(ec2TagFilters, ec2TagSet)
})

/**
 * The replacement environment that CreateDeployment names. It must be there for DISCOVER_EXISTING and for nothing else (API:
 * InvalidTargetInstancesException; nobody has recorded the messages).
 */
export const readTargetInstances = (
  { engine }: Plane,
  input: Input,
  group: DeploymentGroup
): FleetSelection | undefined => {
  const given = structure(input, 'targetInstances')
  const discovers =
    group.style.deploymentType === 'BLUE_GREEN' &&
    group.blueGreen?.greenFleetProvisioningOption.action === 'DISCOVER_EXISTING'
  if (given === undefined)
    return discovers
      ? wrong('Target instances are required for a deployment with DISCOVER_EXISTING.')
      : undefined
  if (!discovers)
    return wrong('Target instances can be named for blue/green deployments with DISCOVER_EXISTING only.')
  const filters = (given['tagFilters'] ?? []) as TagFilter[]
  const set = structure(given, 'ec2TagSet')
  if (filters.length > 0 && set !== undefined) return wrong('tagFilters and ec2TagSet exclude each other.')
  const selection = { autoScalingGroups: texts(given, 'autoScalingGroups'), tags: tagLists(filters, set) }
  return checked(engine.fleets, selection)
}

const checked = (fleets: Fleets, selection: FleetSelection): FleetSelection => {
  const { autoScalingGroups, tags } = selection
  if (autoScalingGroups.length === 0 && tags.length === 0)
    return wrong('Target instances name neither an Auto Scaling group nor tags.')
  if (tags.length > MOST_LISTS || tags.some((list) => list.length > MOST_TAGS))
    return wrong(`At most ${MOST_LISTS} lists of ${MOST_TAGS} tags can be named.`)
  for (const name of autoScalingGroups)
    if (fleets.find(name) === undefined)
      refuse('InvalidAutoScalingGroupException', `The Auto Scaling group ${name} does not exist.`)
  if (tags.length > 0 && taggedWith(fleets, tags).length === 0)
    return wrong('A specified tag is not currently applied to any instances.')
  return selection
}

/** The instances in service that a selection means: those of its groups, and those with one tag of each list. */
export const selectedInstances = (fleets: Fleets, { autoScalingGroups, tags }: FleetSelection): string[] => [
  ...new Set(
    [
      ...autoScalingGroups.flatMap((name) => fleets.inService(name)),
      ...(tags.length === 0 ? [] : taggedWith(fleets, tags))
    ].map(({ id }) => id)
  )
]

const taggedWith = (fleets: Fleets, lists: readonly (readonly TagFilter[])[]): Instance[] =>
  fleets
    .allInstances()
    .filter(({ state }) => state === 'InService')
    .filter((instance) => lists.every((list) => list.some((filter) => matches(instance, filter))))

const matches = ({ tags }: Instance, { Key = '', Value = '', Type }: TagFilter): boolean => {
  if (Type === 'KEY_ONLY') return Object.hasOwn(tags, Key)
  if (Type === 'VALUE_ONLY') return Object.values(tags).includes(Value)
  return tags[Key] === Value
}
