import { type DeploymentGroup, unfit } from '../domain/group.js'
import type { Identity, IdentityInputs } from '../domain/identity.js'
import type { GroupInputs } from '../inputs/types.js'
import type { CodeDeploy, FleetFacts, World } from '../ports.js'
import { type Zone, zoneNote, zoneOf } from '../report/times.js'
import { type Identified, identify } from '../steps/identify.js'
import type { LiveSources } from '../steps/live.js'

/** Two views of CodeDeploy: a cancel ends the reads of one, and uses the other itself. */
export interface Services {
  cancelable: CodeDeploy
  steady: CodeDeploy
  /** Where to ask what is live. */
  live: LiveSources
  /** Where to ask why a deployment waits; its clients are read only by a run that watches one. */
  fleets: () => Promise<FleetFacts>
}

/** The group that a run works on, and the identity it uses. */
export interface EnteredGroup {
  identity: Identity
  services: Services
  group: DeploymentGroup
  /** The zone in which this run writes times for people. */
  zone: Zone
}

/** Identifies the run and reads its group; throws when it cannot deploy to that group. */
export const enterGroup = (inputs: GroupInputs, world: World): Promise<EnteredGroup> =>
  identifyRun({ ...inputs.identity, zone: zoneOf(inputs.timeZone) }, world, (identity) =>
    enterGroupAs(identity, inputs, world)
  )

/** The same for a run that is identified already. */
export const enterGroupAs = async (
  identity: Identity,
  inputs: GroupInputs,
  world: World
): Promise<EnteredGroup> => {
  const { region } = inputs.identity
  const cancelable = await world.codeDeploy(region, identity, world.canceled)
  const services = {
    cancelable,
    steady: await world.codeDeploy(region, identity, world.lastMoment),
    live: await liveSources(cancelable, { region, identity }, world),
    fleets: () => world.fleetFacts(region, identity, world.canceled)
  }
  const group = await cancelable.group(inputs.application, inputs.group)
  const objection = unfit(group)
  if (objection !== undefined) throw objection
  return { identity, services, group, zone: zoneOf(inputs.timeZone) }
}

/** What can say which revision is live: CodeDeploy, and the load balancer where that is allowed. */
export const liveSources = async (
  service: CodeDeploy,
  { region, identity, signal }: { region: string; identity: Identity; signal?: AbortSignal },
  world: World
): Promise<LiveSources> => ({
  service,
  health: await world.targetHealth(region, identity, signal ?? world.canceled)
})

/** Who makes the calls of a run. */
export type Caller = Omit<Identified, 'identity'>

/**
 * Identifies the run, and logs the identity and the zone of all times. `read` is the next step and only reads: it may start while
 * the account is still being looked up, but its errors surface only after that lookup succeeded.
 */
export const identifyRun = async <T>(
  inputs: IdentityInputs & { zone: Zone },
  world: World,
  read: (identity: Identity, caller: Caller) => Promise<T>
): Promise<T> => {
  const { runner, requestToken } = world
  const sts = await world.sts(inputs.region)
  try {
    const { identity, ...caller } = await identify(inputs, {
      now: sts.now,
      zone: inputs.zone,
      mayRequestToken: requestToken !== undefined,
      fromFork: world.context.fromFork,
      requestToken: (audience) => requestToken?.(audience) ?? Promise.resolve(''),
      assumeRole: sts.assumeRole,
      ambient: sts.ambient,
      account: sts.account,
      mask: runner.mask,
      tell: (sentence) => runner.annotate('warning', sentence)
    })
    const reading = read(identity, caller)
    // Awaited below, after the account.
    reading.catch(() => undefined)
    const as =
      inputs.roleToAssume === undefined ? "with the job's own credentials" : `as ${inputs.roleToAssume}`
    runner.info(`Account ${await caller.account}, region ${inputs.region}, ${as}`)
    runner.info(zoneNote({ now: new Date(world.clock.now()), zone: inputs.zone }))
    return await reading
  } catch (error) {
    // A call that a cancel ended is not a refusal.
    world.canceled.throwIfAborted()
    throw error
  }
}
