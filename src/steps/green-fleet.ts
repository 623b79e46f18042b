import { isDenied, faultOf, wordsOf } from '../domain/fault.js'
import { type FixedFleet, fleetName, GREEN_INPUTS } from '../domain/fixed-fleet.js'
import {
  blueFleets,
  chooseGreen,
  servesAlready,
  liveInstances,
  servingFleets
} from '../domain/green-choice.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Live } from '../domain/live.js'
import { allowIt } from '../domain/rights.js'
import { UserError } from '../errors.js'
import type { FleetFacts, TargetHealth } from '../ports.js'
import { askBalancer } from './balancer.js'
import type { LiveReading } from './live.js'

/** What can say which instances a fleet has, and which of them serve. The rights for both are optional. */
export interface GreenSources {
  region: string
  health: TargetHealth
  fleets: Pick<FleetFacts, 'group' | 'tagged'>
  /** What could not be checked, and why. */
  unchecked: (sentence: string) => void
}

/** Where a deployment to fixed fleets goes. */
export interface Green {
  green: FixedFleet
  /** What the group refers to, and CodeDeploy takes out of the load balancer. */
  blue: readonly FixedFleet[]
  /** Instances of green in service; undefined if they cannot be read. */
  instances?: readonly string[] | undefined
  /** Those of them that visitors reach before the deployment. */
  serving: readonly string[]
}

/**
 * Chooses the fleet that does not serve, and checks as far as the role may read that it exists, has instances, and is not what
 * visitors are on. Throws if anything of it is wrong; nothing has been changed by then.
 */
export const findGreen = async (
  given: readonly FixedFleet[],
  { group, live, course }: { group: DeploymentGroup } & Pick<LiveReading, 'live' | 'course'>,
  sources: GreenSources
): Promise<Green> => {
  const green = chooseGreen(group, given, servingFleets(live, course.end))
  const [instances, serving] = await Promise.all([
    instancesOf(green, sources),
    servingInstances(group, live, sources)
  ])
  const both = instances?.filter((id) => serving.includes(id)) ?? []
  if (both.length > 0 && both.length === serving.length) throw servesAlready(group, [green])
  return { green, blue: blueFleets(group), instances, serving: both }
}

/** Throws if one of these fleets has no instance, as far as the role may read it. */
export const requireInstances = async (
  fleets: readonly FixedFleet[],
  sources: GreenSources
): Promise<void> => {
  await Promise.all(fleets.map((fleet) => instancesOf(fleet, sources)))
}

/** By the load balancer if it answers, otherwise by the deployments. */
const servingInstances = async (
  group: DeploymentGroup,
  live: Live,
  { health }: GreenSources
): Promise<string[]> => {
  const balancer = await askBalancer(group, health)
  if ('healthy' in balancer) return balancer.healthy
  return liveInstances(live)
}

const instancesOf = async (fleet: FixedFleet, sources: GreenSources): Promise<string[] | undefined> => {
  const ids = await readable(fleet, sources)
  if (ids === undefined || ids.length > 0) return ids
  throw new UserError(
    fleet.kind === 'auto-scaling-group'
      ? `The Auto Scaling group ${fleet.name} has no instance in service, so there is nothing to deploy to.`
      : `No running instance has the tags ${fleetName(fleet)} (\`${GREEN_INPUTS.tags}\`) in ${sources.region}, so there is nothing to deploy to.`,
    fleet.kind === 'auto-scaling-group'
      ? `Start its instances, for example with \`aws autoscaling set-desired-capacity --auto-scaling-group-name ${fleet.name} --desired-capacity 2 --region ${sources.region}\`, and run this again once they are InService. Nothing was changed.`
      : 'Start its instances, or correct the tags. Nothing was changed.'
  )
}

/** Undefined if it cannot be read, which is no mistake: CodeDeploy itself reads it with a role of its own. */
const readable = async (
  fleet: FixedFleet,
  { region, fleets, unchecked }: GreenSources
): Promise<string[] | undefined> => {
  try {
    if (fleet.kind === 'tags') return await fleets.tagged(fleet.tags.flat())
    const state = await fleets.group(fleet.name)
    if (state !== undefined)
      return state.instances.filter((one) => one.state === 'InService').map(({ id }) => id)
  } catch (error) {
    if (faultOf(error) === 'canceled') throw error
    const why = isDenied(error) ? `to read its instances, ${allowIt(error)}` : wordsOf(error)
    unchecked(`${fleetName(fleet)} was not checked: ${why}`)
    return undefined
  }
  throw new UserError(
    `\`${GREEN_INPUTS[fleet.kind]}\` names ${fleet.name}, but ${region} has no Auto Scaling group of this name.`,
    'Check the name, and that the fleet is in this account and region. Nothing was changed.'
  )
}
