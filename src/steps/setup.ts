import { isDenied } from '../domain/fault.js'
import { differences } from '../domain/group-differences.js'
import { configName, fleetOf, type GroupWish, type Present } from '../domain/group-wish.js'
import { readableMessage } from '../domain/launch.js'
import { allowIt } from '../domain/rights.js'
import { UserError } from '../errors.js'
import type { Clock, FleetFacts } from '../ports.js'
import type { SetupService } from '../setup-port.js'
import { onceTheRoleIsKnown } from './role-known.js'

/** What setting up works with. */
export interface SetupActs {
  service: SetupService
  /** Says why instances do not start, where that is allowed. */
  launches: FleetFacts['launches']
  clock: Clock
  signal: AbortSignal
  /** Called with each thing that was made or changed. */
  made: (line: string) => void
  /** Called with what is awaited. */
  tell: (line: string) => void
}

/** Reads what there is of what the file describes. */
export const readPresent = async (wish: GroupWish, service: SetupService): Promise<Present> => {
  const [application, group, config, targetGroups] = await Promise.all([
    service.application(wish.application),
    service.group(wish.application, wish.group),
    typeof wish.traffic === 'string' ? true : service.config(configName(wish.traffic)),
    service.targetGroups(wish.targetGroups)
  ])
  refuseMissing(wish, targetGroups)
  const fleet = await service.fleet(fleetOf(wish, group))
  return { application, group, config, fleet: fleet !== undefined }
}

const refuseMissing = (wish: GroupWish, known: ReadonlyMap<string, string>): void => {
  const missing = wish.targetGroups.filter((name) => !known.has(name))
  if (missing.length === 0) return
  throw new UserError(
    `There is no target group ${missing.join(', ')} in this region, so there is no traffic to move.`,
    'Correct `target-groups` in the file, or create the target group; `aws elbv2 describe-target-groups` lists those that exist. Nothing was changed.'
  )
}

/**
 * Makes and changes what is not as the file says, in an order in which each step finds what it needs. A run that was killed is
 * continued by the next one: each step first finds what is there.
 */
export const carryOut = async (wish: GroupWish, present: Present, acts: SetupActs): Promise<void> => {
  const { service, made } = acts
  if (!present.application) {
    if (await service.createApplication(wish.application))
      made(`Created the application ${wish.application}.`)
  }
  if (present.group === undefined || present.group.autoScalingGroups.length === 0)
    await provideFleet(wish, present, acts)
  if (!present.config && typeof wish.traffic !== 'string') {
    if (await service.createConfig(configName(wish.traffic), wish.traffic))
      made(`Created the deployment configuration ${configName(wish.traffic)}.`)
  }
  if (present.group === undefined && (await createGroup(wish, acts))) return
  await changeGroup(wish, acts)
}

const createGroup = async (wish: GroupWish, acts: SetupActs): Promise<boolean> => {
  const created = await onceTheRoleIsKnown(acts, () => acts.service.createGroup(wish))
  const name = `${wish.application}/${wish.group}`
  if (created) acts.made(`Created the deployment group ${name}.`)
  else acts.tell(`Another run created the deployment group ${name}.`)
  return created
}

/**
 * An update knows no versions: a deployment that ends in the meantime has given the group another Auto Scaling group, and the update
 * would give it back the old one. So nothing is changed while one is active, and the group is read again after that was certain, before
 * every attempt. Sends nothing when the group is as the file says by then, for example because another run made it.
 */
const changeGroup = async (wish: GroupWish, acts: SetupActs): Promise<void> => {
  const { service, made } = acts
  const name = `${wish.application}/${wish.group}`
  const changed = await onceTheRoleIsKnown(acts, async () => {
    await refuseWhileActive(wish, service)
    const group = await service.group(wish.application, wish.group)
    if (group === undefined)
      throw new UserError(
        `The deployment group ${name} was deleted while this run changed it.`,
        'Run it again to create the group.'
      )
    if (differences(wish, { application: true, fleet: true, config: true, group }).length === 0) return false
    await service.updateGroup(wish, group)
    return true
  })
  if (changed) made(`Changed the deployment group ${name}.`)
}

/** Throws while a deployment of the group has not ended. */
export const refuseWhileActive = async (wish: GroupWish, service: SetupService): Promise<void> => {
  const [id] = await service.active(wish.application, wish.group)
  if (id === undefined) return
  throw new UserError(
    `${wish.application}/${wish.group} was not changed, because the deployment ${id} has not ended: at its end, it gives the group another Auto Scaling group, and a change in that moment would undo that.`,
    'Run this again when it has ended.'
  )
}

/** A new fleet is awaited, since CodeDeploy copies only instances that are in service. */
const POLL_MS = 10_000
const LONGEST_MS = 15 * 60_000
const TELL_EVERY_MS = 60_000

const provideFleet = async (wish: GroupWish, present: Present, acts: SetupActs): Promise<void> => {
  const { name, create } = wish.fleet
  const { service, clock, signal, made, tell } = acts
  if (create === undefined) return
  if (!present.fleet) {
    const arns = await service.targetGroups(wish.targetGroups)
    if (await service.createFleet(name, create, [...arns.values()]))
      made(`Created the Auto Scaling group ${name}.`)
    tell(`Waiting for the ${create.desired} instances of ${name}.`)
  }
  let told = clock.now()
  for (const end = told + LONGEST_MS; ;) {
    const { desired = create.desired, inService = 0 } = (await service.fleet(name)) ?? {}
    if (inService >= desired) return
    if (clock.now() > end) throw await notInService(name, `${inService} of ${desired}`, acts)
    if (clock.now() >= told + TELL_EVERY_MS) {
      told = clock.now()
      tell(`${inService} of ${desired} instances of ${name} are in service.${await whyNot(name, acts)}`)
    }
    await clock.sleep(POLL_MS, signal)
  }
}

const notInService = async (name: string, count: string, acts: SetupActs): Promise<UserError> =>
  new UserError(
    `After ${LONGEST_MS / 60_000} minutes, only ${count} instances of the Auto Scaling group ${name} are in service.${await whyNot(name, acts)}`,
    `Look at its activities (\`aws autoscaling describe-scaling-activities --auto-scaling-group-name ${name}\`), correct the launch template or the subnets, and run this again; it continues from here.`
  )

/** The newest failure, if it may be read; nothing depends on it. */
const whyNot = async (name: string, { launches }: SetupActs): Promise<string> => {
  try {
    const failed = (await launches(name)).find(({ status }) => status === 'Failed')
    return failed === undefined ? '' : ` Auto Scaling says: ${readableMessage(failed.message)}.`
  } catch (error) {
    return isDenied(error) ? ` To see why, ${allowIt(error)}.` : ''
  }
}
