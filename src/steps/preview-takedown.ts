import { factsOf, isDenied } from '../domain/fault.js'
import { deploymentGroupArn, environmentName, isOf, numberIn, pullIn } from '../domain/preview/environment.js'
import { allowIt } from '../domain/rights.js'
import { UserError } from '../errors.js'
import type { PreviewServices } from '../preview-port.js'
import type { Environment, EnvironmentActs } from './preview-environment.js'

type Acts = Pick<EnvironmentActs, 'services' | 'clock' | 'signal' | 'tell'> & {
  /** Whether the role of this run is meant to stop deployments. */
  stops: boolean
}

/** What a look at the environments of one owner needs. */
export type Surroundings = Omit<Environment, 'number' | 'name'>

/** The environment of a pull request, whether it exists or not. */
export const environmentOf = (number: number, surroundings: Surroundings): Environment => ({
  ...surroundings,
  number,
  name: environmentName(number, surroundings.owner)
})

/** What there is of an environment. */
export interface FoundEnvironment {
  number: number
  /** Instances that run in it. */
  instances: number
  /** Epoch milliseconds of the newest deployment, or else of the Auto Scaling group; undefined when there is neither. */
  pushedAt: number | undefined
  createdAt: number | undefined
}

/**
 * All environments of this owner of which anything is left, by pull request. Names only make candidates: what does not bear the owner's tags is foreign
 * and left out.
 */
export const findEnvironments = async (
  surroundings: Surroundings,
  services: PreviewServices
): Promise<FoundEnvironment[]> => {
  const { owner, application, listener } = surroundings
  const [targetGroups, rules, fleets, groups] = await Promise.all([
    services.balancing.targetGroups(),
    services.balancing.rules(listener),
    services.fleets.tagged('PreviewRepository', owner.repository),
    services.groups.list(application)
  ])
  const candidates = targetGroups.filter(({ name }) => numberIn(name, owner) !== undefined)
  const arns = [...candidates.map(({ arn }) => arn), ...ruleArns(rules)]
  const tagged = [...(await services.balancing.tags(arns)).values(), ...fleets.map(({ tags }) => tags)]
  const named = groups.filter((name) => numberIn(name, owner) !== undefined)
  for (const group of named)
    tagged.push(await services.groups.tags(deploymentGroupArn({ application, group }, surroundings)))
  const numbers = [...new Set(tagged.flatMap((tags) => pullIn(tags, owner) ?? []))]
  return Promise.all(
    numbers
      .sort((one, other) => one - other)
      .map(async (number): Promise<FoundEnvironment> => {
        const { name } = environmentOf(number, surroundings)
        const fleet = fleets.find((one) => one.name === name)
        const group = named.includes(name) ? await services.groups.find(application, name) : undefined
        const createdAt = fleet?.createdAt.getTime()
        return {
          ...{ number, createdAt, instances: fleet?.instances.length ?? 0 },
          pushedAt: group?.pushedAt?.getTime() ?? createdAt
        }
      })
  )
}

/** The default rule bears no tags. */
const ruleArns = (rules: readonly { arn: string; priority: number | undefined }[]): string[] =>
  rules.filter(({ priority }) => priority !== undefined).map(({ arn }) => arn)

/**
 * Takes an environment down, in an order in which nothing is deleted that another part still uses: deployment, deployment group, rule, Auto Scaling group, target
 * group. Whatever is gone already is passed over, and each part's tags are read right before it is deleted. Returns whether anything was there.
 */
export const takeDown = async (environment: Environment, acts: Acts): Promise<boolean> => {
  const group = await endGroupUnless(environment, acts)
  let had = group === 'deleted'
  for (const end of [endRules, endFleet, endTargetGroup]) {
    acts.signal.throwIfAborted()
    had = (await end(environment, acts)) || had
  }
  return group === 'refused' ? endGroup(environment, acts) : had
}

/**
 * A service role that is gone must not keep instances that cost: what else there is goes first, and with the Auto Scaling group the hooks that CodeDeploy needs
 * the role for. Whether AWS refuses then is not known (docs/service.md, previews).
 */
const endGroupUnless = async (
  environment: Environment,
  acts: Acts
): Promise<'deleted' | 'absent' | 'refused'> => {
  try {
    return (await endGroup(environment, acts)) ? 'deleted' : 'absent'
  } catch (error) {
    if (factsOf(error).name !== 'InvalidRoleException') throw error
    acts.tell('CodeDeploy cannot use its service role, so the deployment group is deleted last.')
    return 'refused'
  }
}

const endGroup = async (environment: Environment, acts: Acts): Promise<boolean> => {
  const { application, name, number, owner } = environment
  const { services, tell } = acts
  const { groups } = services
  if ((await groups.find(application, name)) === undefined) return false
  const arn = deploymentGroupArn({ application, group: name }, environment)
  const isOwn = async (): Promise<boolean> => isOf(await groups.tags(arn), number, owner)
  const active = (await isOwn()) ? await groups.active(application, name) : []
  for (const id of active) await stop(id, acts)
  if (!(await isOwn())) return foreign(`the deployment group ${application}/${name}`, tell)
  const hooks = await groups.delete(application, name)
  tell(`Deleted the deployment group ${application}/${name}.`)
  // The Auto Scaling group goes next, and its hooks with it.
  if (hooks.length > 0) tell(`CodeDeploy left ${hooks.join(', ')} on its Auto Scaling group.`)
  return true
}

/** The right to stop cannot be limited to a group (docs/service.md, IAM), so the role of pull requests lacks it: the deployment then ends with its instances. */
const stop = async (id: string, { services, stops, tell }: Acts): Promise<void> => {
  try {
    await services.groups.stop(id)
    tell(`Stopped the deployment ${id}.`)
  } catch (error) {
    if (!isDenied(error)) throw error
    tell(
      `The deployment ${id} was not stopped; it ends with its instances.${stops ? ` To stop it, ${allowIt(error)}.` : ''}`
    )
  }
}

const endRules = async (
  { name, number, owner, listener }: Environment,
  { services, tell }: Acts
): Promise<boolean> => {
  const { balancing } = services
  const rules = ruleArns(await balancing.rules(listener))
  const tags = await balancing.tags(rules)
  const own = rules.filter((arn) => isOf(tags.get(arn) ?? {}, number, owner))
  for (const arn of own) await balancing.deleteRule(arn)
  if (own.length > 0) tell(`Deleted the listener's rule for ${name}.`)
  return own.length > 0
}

const POLL_MS = 5_000
const LONGEST_MS = 15 * 60_000

/** Waited for, since its target group cannot be deleted before, and a pull request that is reopened makes one by the same name. */
const endFleet = async (
  { name, number, owner }: Environment,
  { services, clock, signal, tell }: Acts
): Promise<boolean> => {
  const { fleets } = services
  const start = clock.now()
  for (let had = false; ; had = true) {
    const fleet = await fleets.fleet(name)
    if (fleet === undefined) return had
    if (!isOf(fleet.tags, number, owner)) return foreign(`the Auto Scaling group ${name}`, tell)
    if (!fleet.isGoing) {
      await fleets.delete(name)
      tell(`Deleting the Auto Scaling group ${name} with its instances.`)
    }
    if (clock.now() - start > LONGEST_MS)
      throw new UserError(
        `After ${LONGEST_MS / 60_000} minutes, the Auto Scaling group ${name} is still being deleted.`,
        'Its instances may have termination protection or a lifecycle hook that nobody answers. Run this again; it continues from here.'
      )
    await clock.sleep(POLL_MS, signal)
  }
}

/** How long a load balancer may still use a target group after its rule is gone. */
const IN_USE_MS = 60_000

const endTargetGroup = async (
  { name, number, owner }: Environment,
  { services: { balancing }, clock, signal, tell }: Acts
): Promise<boolean> => {
  for (const end = clock.now() + IN_USE_MS; ;) {
    const group = await balancing.targetGroup(name)
    if (group === undefined) return false
    if (!isOf((await balancing.tags([group.arn])).get(group.arn) ?? {}, number, owner))
      return foreign(`the target group ${name}`, tell)
    try {
      await balancing.deleteTargetGroup(group.arn)
      tell(`Deleted the target group ${name}.`)
      return true
    } catch (error) {
      if (!/^ResourceInUse(Exception|Fault)?$/.test(factsOf(error).name) || clock.now() > end) throw error
      await clock.sleep(POLL_MS, signal)
    }
  }
}

const foreign = (what: string, tell: Acts['tell']): boolean => {
  tell(`${what[0]?.toUpperCase() ?? ''}${what.slice(1)} does not have the tags of this preview, so it stays.`)
  return false
}
