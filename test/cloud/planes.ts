import { createLoadBalancing } from './balancer/load-balancing.js'
import type { SteppedClock } from './clock.js'
import type { Seeded, SeedOptions } from './codedeploy/seed.js'
import { createControlPlanes, type ControlPlanes } from './control.js'
import type { Caller, CloudClock, ObjectStore } from './contract.js'
import { authorize } from './identity/authorize.js'
import type { RolePlace } from './identity/documents.js'
import type { Keys } from './identity/keys.js'
import { createMachines } from './machines/machines.js'
import type { CloudOptions } from './options.js'
import { scriptedMachines } from './scripted/machines.js'
import type { Script } from './scripted/script.js'
import { tableLoadBalancing, type TableBalancingOptions } from './scripted/table-load-balancing.js'

/** Service seconds from launch until the operating system and the agent have started. */
const BOOT_SECONDS = 30

/** What a fleet's services need. */
export interface PlaneOptions {
  options: CloudOptions
  clock: CloudClock & Partial<Pick<SteppedClock, 'advance'>>
  objects: ObjectStore
  keys: Keys
  /** The folder of the machines. */
  scratch: string
  place: RolePlace
  /** How scripted machines and their load balancer behave. */
  script?: Script
  balancing?: TableBalancingOptions
  /** Overrides the settings of the group. */
  seed?: SeedOptions
}

export interface OpenedPlanes {
  planes: ControlPlanes
  seeded: Seeded
  stop(): Promise<void>
}

interface Fleet {
  machines: Parameters<typeof createControlPlanes>[0]['machines']
  loadBalancing: Parameters<typeof createControlPlanes>[0]['loadBalancing']
  stop(): Promise<void>
}

const scriptedFleet = ({ clock, script, balancing }: PlaneOptions): Fleet => ({
  machines: scriptedMachines({ clock, ...(script === undefined ? {} : { script }) }),
  loadBalancing: tableLoadBalancing(clock, balancing),
  stop: () => Promise.resolve()
})

const realFleet = ({ clock, objects, scratch }: PlaneOptions): Fleet => {
  const machines = createMachines({ scratch, clock, objects, bootSeconds: BOOT_SECONDS })
  return { machines, loadBalancing: createLoadBalancing({ clock }), stop: () => machines.stopAll() }
}

/** Callers without their own key are the cloud itself (its seed, an automatic rollback) and may do everything. */
const authorizer =
  (keys: Keys) =>
  (caller: Caller, action: string, resource: string): void => {
    const key = keys.of(caller.arn)
    if (key !== undefined) authorize('json', key, [{ action, resource }])
  }

const seedOf = ({ options, place, seed }: PlaneOptions): SeedOptions => ({
  applicationName: place.application,
  deploymentGroupName: place.deploymentGroup,
  instances: options.instances,
  empty: options.empty ?? false,
  previews: options.previews ?? false,
  style: options.inPlace ? 'in-place' : 'blue-green',
  terminationWaitMinutes: options.terminationWait,
  ...(options.fixedFleets === undefined
    ? {}
    : { fixedFleets: options.fixedFleets, blueAction: 'KEEP_ALIVE' }),
  ...seed
})

/** Seeds the cloud; a stepped clock is advanced until the first fleet is in service. */
const seeded = async (planes: ControlPlanes, given: PlaneOptions): Promise<Seeded> => {
  let done = false
  const seeding = planes.seed(seedOf(given)).finally(() => (done = true))
  const { advance } = given.clock
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it changes while the clock moves
  while (advance !== undefined && !done) await advance(1000)
  return seeding
}

/** CodeDeploy, Auto Scaling and ELBv2 over real or scripted machines, with the first fleet in service. */
export const openPlanes = async (given: PlaneOptions): Promise<OpenedPlanes> => {
  const { options, clock, objects, keys, place } = given
  const fleet = options.scripted ? scriptedFleet(given) : realFleet(given)
  const planes = createControlPlanes({
    ...{ clock, objects, machines: fleet.machines, loadBalancing: fleet.loadBalancing },
    ...{ switches: options.switches, accountId: place.accountId, region: place.region },
    pageSize: options.pageSize,
    ...(options.agentSeconds === undefined ? {} : { agentSeconds: options.agentSeconds }),
    ...(options.quotas === undefined ? {} : { quotas: options.quotas }),
    authorize: authorizer(keys)
  })
  const stop = async (): Promise<void> => {
    await planes.stop()
    await fleet.stop()
  }
  try {
    return { planes, seeded: await seeded(planes, given), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
