import { UserError } from '../errors.js'
import { filterOf, type FixedFleet, fleetName, GREEN_INPUTS, sameFleet } from './fixed-fleet.js'
import type { DeploymentGroup } from './group.js'
import type { Live } from './live.js'
import type { Serving } from './serving.js'

/** Whether the group deploys to a fleet that already exists, instead of copying the one that serves. */
export const hasFixedFleets = ({ style, provisioning }: DeploymentGroup): boolean =>
  style === 'BLUE_GREEN' && provisioning === 'DISCOVER_EXISTING'

/** The fleets that the group refers to: blue of its next deployment, whose instances then leave the load balancer. */
export const blueFleets = ({ autoScalingGroups, tags = [] }: DeploymentGroup): FixedFleet[] => [
  ...autoScalingGroups.map((name) => ({ kind: 'auto-scaling-group', name }) as const),
  ...(tags.length === 0 ? [] : [{ kind: 'tags', tags } as const])
]

/** The instances that are live; empty if that is not known. */
export const liveInstances = (live: Live): string[] => {
  if (live.kind === 'commit') return live.instances
  return live.kind === 'mixed' ? live.parts.flatMap(({ instances }) => instances) : []
}

/** The fixed fleets that serve: those of the deployments that installed on what is live; empty if no deployment says so. */
export const servingFleets = (live: Live, { instances }: Serving): FixedFleet[] => {
  const fleets = liveInstances(live).flatMap((id) => instances.get(id)?.installedBy?.fixedGreen ?? [])
  return fleets.filter((fleet, at) => fleets.findIndex((one) => sameFleet(one, fleet)) === at)
}

/** Why the inputs do not fit this kind of group; undefined if they do. Needs nothing but the group. */
export const greenMisfit = (group: DeploymentGroup, given: readonly FixedFleet[]): UserError | undefined => {
  const name = `${group.application}/${group.name}`
  const [first] = given
  if (first === undefined) return hasFixedFleets(group) ? missing(name, group) : undefined
  const input = `\`${GREEN_INPUTS[first.kind]}\` is ${namesOf(given)}, but ${name}`
  if (group.style === 'IN_PLACE')
    return new UserError(
      `${input} deploys in place: it updates the instances that serve, and has no green fleet.`,
      `Remove \`${GREEN_INPUTS[first.kind]}\` from the step.`
    )
  if (!hasFixedFleets(group))
    return new UserError(
      `${input} copies its Auto Scaling group ${group.autoScalingGroups.join(', ')} for every deployment.`,
      `Remove \`${GREEN_INPUTS[first.kind]}\` from the step, or set the green fleet provisioning of the group to DISCOVER_EXISTING to deploy to fleets that you keep yourself.`
    )
  return undefined
}

const namesOf = (fleets: readonly FixedFleet[]): string => fleets.map(fleetName).join(' or ')

const missing = (name: string, group: DeploymentGroup): UserError => {
  const [blue] = blueFleets(group)
  const both =
    blue?.kind === 'tags'
      ? 'Set `green-tags` to the tags of both fleets, one fleet a line'
      : `Set \`green-auto-scaling-group\` to the names of both fleets (\`${blue === undefined ? 'blue-fleet' : fleetName(blue)}, …\`)`
  return new UserError(
    `${name} is blue/green with DISCOVER_EXISTING, so it deploys to a fleet that already exists, and nothing says which one.`,
    `${both}: the one that does not serve gets the deployment (docs/fixed-fleets.md).`
  )
}

/**
 * The fleet that gets the next deployment: the one of the given that is not live. The group says which fleet is blue, whose
 * instances CodeDeploy takes out of the load balancer; `serving` is what is known of the fleets that visitors are on. Throws if
 * the two contradict each other, or if no other fleet is given.
 */
export const chooseGreen = (
  group: DeploymentGroup,
  given: readonly FixedFleet[],
  serving: readonly FixedFleet[]
): FixedFleet => {
  const blue = blueFleets(group)
  const isBlue = (fleet: FixedFleet): boolean => blue.some((one) => sameFleet(one, fleet))
  if (serving.length > 0 && !serving.some(isBlue)) throw servesAlready(group, serving)
  const others = given.filter((fleet) => !isBlue(fleet))
  const [green, second] = others
  if (green === undefined) throw isLive(group, given)
  if (second === undefined) return green
  throw new UserError(
    `\`${GREEN_INPUTS[green.kind]}\` is ${namesOf(given)}, but ${group.application}/${group.name} refers to ${blue.map(fleetName).join(' and ')}, so neither of the two is known to be the one that serves.`,
    `Name the fleet that serves and the other one, or only the one to deploy to. \`aws deploy get-deployment-group --application-name ${group.application} --deployment-group-name ${group.name}\` shows what the group refers to.`
  )
}

/** Both fleets of a group take turns, so naming only one works every other time. */
const isLive = (group: DeploymentGroup, given: readonly FixedFleet[]): UserError => {
  const [first] = given
  const input = GREEN_INPUTS[first?.kind ?? 'auto-scaling-group']
  const separated = first?.kind === 'tags' ? 'one fleet a line' : 'separated by a comma'
  return new UserError(
    `\`${input}\` is ${namesOf(given)}, which is the fleet that ${group.application}/${group.name} refers to: it serves now, and a deployment to it would stop what visitors see.`,
    `Name the other fleet, or name both (${separated}): the one that does not serve gets the deployment.`
  )
}

/** Visitors are on another fleet than the group says: a deployment would take the wrong one out of the load balancer. */
export const servesAlready = (group: DeploymentGroup, serving: readonly FixedFleet[]): UserError =>
  new UserError(
    `${group.application}/${group.name} refers to ${blueFleets(group).map(fleetName).join(' and ')}, but visitors are served by ${serving.map(fleetName).join(' and ')}. CodeDeploy would take the wrong fleet for blue.`,
    `Let the group refer to the fleet that serves, then run this again: \`aws deploy update-deployment-group --application-name ${group.application} --current-deployment-group-name ${group.name} ${referringTo(serving)}\``
  )

const referringTo = (fleets: readonly FixedFleet[]): string => {
  const names = fleets.flatMap((fleet) => (fleet.kind === 'auto-scaling-group' ? [fleet.name] : []))
  const [tagged] = fleets.flatMap((fleet) => (fleet.kind === 'tags' ? [fleet.tags] : []))
  if (tagged === undefined) return `--auto-scaling-groups ${names.join(' ')}`
  const list = tagged.map((oneOf) => oneOf.map(filterOf))
  return `--ec2-tag-set '${JSON.stringify({ ec2TagSetList: list })}'`
}
