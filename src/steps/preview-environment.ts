import {
  deploymentGroupArn,
  isOf,
  numberIn,
  type PreviewOwner,
  tagsOf
} from '../domain/preview/environment.js'
import type { PreviewPlace } from '../domain/preview/place.js'
import { freePriority } from '../domain/preview/routing.js'
import { UserError } from '../errors.js'
import type { Clock } from '../ports.js'
import type { PreviewServices } from '../preview-port.js'
import { withinQuotas } from './preview-quota.js'
import { makeRule } from './preview-rule.js'
import { onceTheRoleIsKnown } from './role-known.js'

/** An environment: what belongs to one pull request, and what it is called. */
export interface Environment {
  number: number
  owner: PreviewOwner
  /** Of the target group, the Auto Scaling group and the deployment group. */
  name: string
  /** The application of all previews. */
  application: string
  region: string
  /** ARN of the listener. */
  listener: string
}

export interface EnvironmentWish {
  host: string
  /** Name or id. */
  launchTemplate: string
  instances: number
  /** At most so many environments of this owner. */
  limit: number
  serviceRole: string
}

export interface EnvironmentActs {
  services: PreviewServices
  clock: Clock
  signal: AbortSignal
  /** Called with each thing that is made, and with what is awaited. */
  tell: (line: string) => void
  /** Why instances of this Auto Scaling group do not start, as a sentence after a space; empty when it is not known. */
  whyNot: (fleet: string) => Promise<string>
}

/**
 * Makes what is missing of an environment, in an order in which each step finds what it needs. Every step first looks for what an earlier run has made, by name and
 * tags, so that a killed run is continued and nothing is made twice. Throws before anything is made when the limit is reached.
 */
export const makeEnvironment = async (
  environment: Environment,
  wish: EnvironmentWish,
  { place, acts }: { place: PreviewPlace; acts: EnvironmentActs }
): Promise<void> => {
  await refuseTooMany(environment, wish, acts)
  const rules = await acts.services.balancing.rules(environment.listener)
  const present = await acts.services.balancing.targetGroup(environment.name)
  // Refused before the first thing is made.
  if (present === undefined) freePriority(rules, wish.host)
  const targetGroup = present?.arn ?? (await makeTargetGroup(environment, place, acts))
  await refuseForeign(environment, targetGroup, acts)
  await makeRule({ ...environment, host: wish.host, targetGroup }, acts)
  await makeFleet(environment, { ...wish, subnets: place.subnets, targetGroup }, acts)
  await makeGroup(environment, wish, acts)
}

const refuseTooMany = async (
  { name, owner }: Environment,
  { limit }: EnvironmentWish,
  { services: { balancing } }: EnvironmentActs
): Promise<void> => {
  const present = (await balancing.targetGroups()).filter(
    (group) => numberIn(group.name, owner) !== undefined
  )
  if (present.some((group) => group.name === name) || present.length < limit) return
  const numbers = present.map((group) => numberIn(group.name, owner) ?? 0).sort((one, other) => one - other)
  throw new UserError(
    `There are ${present.length} previews already, of pull requests ${numbers.map((number) => `#${number}`).join(', ')}, and \`preview-limit\` is ${limit}.`,
    'Close a pull request that needs no preview, run `command: cleanup` with `what: previews`, or raise `preview-limit`. Nothing was made.'
  )
}

const makeTargetGroup = async (
  { name, number, owner }: Environment,
  { like }: PreviewPlace,
  { services: { balancing }, tell }: EnvironmentActs
): Promise<string> => {
  if (await withinQuotas(() => balancing.createTargetGroup(name, like, tagsOf(number, owner))))
    tell(`Created the target group ${name}, with port and health check of ${like.name}.`)
  const made = await balancing.targetGroup(name)
  if (made !== undefined) return made.arn
  throw new UserError(
    `The target group ${name} was deleted while this run made the preview.`,
    'The pull request may have been closed. Run this again if it is open.'
  )
}

const refuseForeign = async (
  environment: Environment,
  targetGroup: string,
  { services: { balancing } }: EnvironmentActs
): Promise<void> => {
  const { name, number, owner } = environment
  const tags = (await balancing.tags([targetGroup])).get(targetGroup) ?? {}
  if (!isOf(tags, number, owner)) throw foreign(`target group ${name}`, environment)
}

const foreign = (what: string, { number, owner }: Environment): UserError => {
  const tags = Object.entries(tagsOf(number, owner)).map(([key, value]) => `${key}=${value}`)
  return new UserError(
    `The ${what} does not have the tags of this preview (${tags.join(', ')}), so it is not touched.`,
    'Delete it if nothing needs it, and run this again.'
  )
}

const POLL_MS = 5_000
const LONGEST_MS = 15 * 60_000
const TELL_EVERY_MS = 60_000

interface FleetWish extends EnvironmentWish {
  subnets: readonly string[]
  targetGroup: string
}

/** Instances must be in service before the deployment group exists: a launch would wait for a deployment then. */
const makeFleet = async (environment: Environment, wish: FleetWish, acts: EnvironmentActs): Promise<void> => {
  const { name, number, owner } = environment
  const { services, clock, signal, tell } = acts
  const start = clock.now()
  for (let told: number | undefined; ;) {
    const fleet = await services.fleets.fleet(name)
    if (fleet !== undefined && !isOf(fleet.tags, number, owner))
      throw foreign(`Auto Scaling group ${name}`, environment)
    const isLost = fleet?.isGoing === false && !fleet.targetGroups.includes(wish.targetGroup)
    if (fleet === undefined) {
      if (await withinQuotas(() => services.fleets.create({ ...wish, name, tags: tagsOf(number, owner) })))
        tell(`Created the Auto Scaling group ${name}.`)
    } else if (isLost) await replaceLost(name, acts)
    else if (!fleet.isGoing && fleet.inService >= fleet.desired) return
    if (clock.now() - start > LONGEST_MS) throw await notInService(environment, fleet, acts)
    if (fleet !== undefined && !isLost && clock.now() - (told ?? 0) >= TELL_EVERY_MS) {
      tell(`${waitingFor(name, fleet)}${told === undefined ? '' : await acts.whyNot(name)}`)
      told = clock.now()
    }
    await clock.sleep(POLL_MS, signal)
  }
}

/** A run that took the preview down while another made it has deleted the target group of these instances, so nobody would ever reach them. */
const replaceLost = async (name: string, { services, tell }: EnvironmentActs): Promise<void> => {
  await services.fleets.delete(name)
  tell(`Deleting the Auto Scaling group ${name}, whose target group is gone, to make it again.`)
}

interface Counted {
  inService: number
  desired: number
  isGoing: boolean
}

const waitingFor = (name: string, { inService, desired, isGoing }: Counted): string =>
  isGoing
    ? `Waiting until the former Auto Scaling group ${name} is deleted.`
    : `Waiting for the instances of ${name}: ${inService} of ${desired} in service.`

const notInService = async (
  { name }: Environment,
  fleet: Counted | undefined,
  { whyNot }: EnvironmentActs
): Promise<UserError> =>
  fleet?.isGoing === true
    ? new UserError(
        `After ${LONGEST_MS / 60_000} minutes, the former Auto Scaling group ${name} is still being deleted.`,
        'Its instances may have termination protection or a lifecycle hook that nobody answers. Run this again; it continues from here.'
      )
    : new UserError(
        `After ${LONGEST_MS / 60_000} minutes, ${fleet?.inService ?? 0} of ${fleet?.desired ?? 'its'} instances of the preview ${name} are in service.${await whyNot(name)}`,
        `Look at its activities (\`aws autoscaling describe-scaling-activities --auto-scaling-group-name ${name}\`), correct \`preview-launch-template\`, and run this again; it continues from here.`
      )

const makeGroup = async (
  environment: Environment,
  { serviceRole }: EnvironmentWish,
  acts: EnvironmentActs
): Promise<void> => {
  const { application, name, number, owner } = environment
  const { groups } = acts.services
  const tags = tagsOf(number, owner)
  if ((await groups.find(application, name)) === undefined) {
    if (await withinQuotas(() => groups.createApplication(application)))
      acts.tell(`Created the application ${application}.`)
    const wanted = { ...{ application, name, serviceRole, tags }, fleet: name }
    if (await withinQuotas(() => onceTheRoleIsKnown(acts, () => groups.create(wanted))))
      acts.tell(`Created the deployment group ${application}/${name}.`)
  }
  const arn = deploymentGroupArn({ application, group: name }, environment)
  if (!isOf(await groups.tags(arn), number, owner))
    throw foreign(`deployment group ${application}/${name}`, environment)
}
