import type { CheckReads } from '../check-port.js'
import { inTurns } from '../concurrency.js'
import { agentFindings } from '../domain/check/agents.js'
import type { CheckedFleet, CheckedGroup, CheckedTemplate, LaunchTemplateRef } from '../domain/check/facts.js'
import { type CheckFinding, dependent, judged, type Reading } from '../domain/check/finding.js'
import { fleetFindings, hookFindings } from '../domain/check/fleet.js'
import { isMissingGroup, kindOf } from '../domain/check/group.js'
import {
  healthyHostFindings,
  leftoverFindings,
  neighborFindings,
  refreshFindings,
  templateFindings
} from '../domain/check/launch.js'
import { settle } from './check-reads.js'
import { checkLaunchedRoles, ROLE_AREAS } from './check-roles.js'

/** Where to read, and the ARN of the bundles; undefined if no bucket is checked. */
export interface FleetSources {
  reads: CheckReads
  objects: string | undefined
}

/** Everything about one Auto Scaling group. */
export const checkFleet = async (
  name: string,
  checked: CheckedGroup,
  sources: FleetSources
): Promise<CheckFinding[]> => {
  const { reads } = sources
  const reading = await settle(reads.fleet(name))
  const findings = judged('Auto Scaling group', 'DescribeAutoScalingGroups', reading, (fleet) =>
    fleetFindings(name, fleet, checked)
  )
  // What a group has that does not exist cannot be read.
  if ('value' in reading && reading.value === undefined)
    return [...findings, ...(await checkPlannedLaunch(checked, sources))]
  const fleet = 'value' in reading ? reading.value : undefined
  const [hooks, refreshes, launched, agents] = await Promise.all([
    settle(reads.hooks(name)),
    settle(reads.refreshes(name)),
    checkLaunch(fleet, checked, sources),
    checkAgents(fleet, sources)
  ])
  return [
    ...findings,
    ...launched,
    ...agents,
    ...judged('Instance refresh', 'DescribeInstanceRefreshes', refreshes, (active) =>
      refreshFindings(name, active)
    ),
    ...judged('Launch hooks', 'DescribeLifecycleHooks', hooks, (found) => hookFindings(name, found, checked))
  ]
}

const UNREAD_FLEET = 'the Auto Scaling group, which could not be read'

/** What needs the Auto Scaling group itself: its launch template, and its size. */
const checkLaunch = async (
  fleet: CheckedFleet | undefined,
  checked: CheckedGroup,
  sources: FleetSources
): Promise<CheckFinding[]> => {
  const { deploymentConfig } = checked.group
  if (fleet === undefined)
    return ['Launch template', ...ROLE_AREAS, 'Minimum healthy hosts'].map((area) =>
      dependent(area, UNREAD_FLEET)
    )
  const { template, desired } = fleet
  const [ofTemplate, hosts] = await Promise.all([
    template === undefined ? [] : checkTemplate(template, checked, sources),
    checked.planned === undefined ? settle(sources.reads.healthyHosts(deploymentConfig)) : undefined
  ])
  return [
    ...ofTemplate,
    ...(hosts === undefined
      ? []
      : judged('Minimum healthy hosts', 'GetDeploymentConfig', hosts, (found) =>
          healthyHostFindings(deploymentConfig, found, desired)
        ))
  ]
}

/** The launch template from which `setup` is to make the Auto Scaling group. */
const checkPlannedLaunch = async (checked: CheckedGroup, sources: FleetSources): Promise<CheckFinding[]> => {
  const name = checked.planned?.create?.launchTemplate
  return name === undefined
    ? []
    : checkTemplate({ id: name, isName: true, version: '$Default' }, checked, sources)
}

const checkTemplate = async (
  template: LaunchTemplateRef,
  checked: CheckedGroup,
  sources: FleetSources
): Promise<CheckFinding[]> => {
  const version = await settle(sources.reads.template(template))
  return [
    ...judged('Launch template', 'DescribeLaunchTemplateVersions', version, (found) =>
      templateFindings(template, found)
    ),
    ...(await checkRoles(version, checked, sources))
  ]
}

/** The roles that the instances of a template use; a template that does not exist is a problem of its own. */
const checkRoles = async (
  version: Reading<CheckedTemplate | undefined>,
  checked: CheckedGroup,
  sources: FleetSources
): Promise<CheckFinding[]> => {
  if ('error' in version)
    return ROLE_AREAS.map((area) => dependent(area, 'the launch template, which could not be read'))
  const copies = kindOf(checked.group) === 'copy'
  return version.value === undefined ? [] : checkLaunchedRoles(checked, version.value, { copies, ...sources })
}

/** Instances of one image have one version, so a few are enough: each takes several calls. */
const AGENTS_READ = 5

const checkAgents = async (
  fleet: CheckedFleet | undefined,
  { reads }: FleetSources
): Promise<CheckFinding[]> => {
  if (fleet === undefined) return [dependent('Agent', UNREAD_FLEET)]
  const { instances } = fleet
  if (instances.length === 0) return []
  const versions = await settle(inTurns(instances.slice(0, AGENTS_READ), (id) => reads.agentVersion(id)))
  return judged('Agent', 'ListInventoryEntries', versions, (found) => agentFindings(found, instances.length))
}

/** Whether another deployment group deploys to the same instances. */
export const checkNeighbors = async ({ group }: CheckedGroup, reads: CheckReads): Promise<CheckFinding[]> => {
  const neighbors = await settle(reads.neighbors(group.application))
  // A missing application has a line of its own.
  if ('error' in neighbors && isMissingGroup(neighbors.error)) return []
  return judged('Other deployment groups', 'ListDeploymentGroups', neighbors, (found) =>
    group.autoScalingGroups.flatMap((fleet) => neighborFindings(group.name, fleet, found))
  )
}

/** Whether deployments left copies of the Auto Scaling group behind. */
export const checkLeftovers = async ({ group }: CheckedGroup, reads: CheckReads): Promise<CheckFinding[]> => {
  if (kindOf(group) !== 'copy') return []
  const fleets = await settle(reads.fleetNames())
  return judged('Left-over fleets', 'DescribeAutoScalingGroups', fleets, (names) =>
    leftoverFindings(group.name, group.autoScalingGroups, names)
  )
}
