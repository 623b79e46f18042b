import {
  ServiceError,
  type CloudClock,
  type HealthCheck,
  type LoadBalancing,
  type Machine,
  type TargetGroupPlane,
  type TargetHealthState
} from '../contract.js'
import type { Ids } from '../autoscaling/ids.js'

/** A target group with its one load balancer and listener. */
export interface TargetGroup {
  name: string
  arn: string
  loadBalancer: { name: string; arn: string; dnsName: string }
  listenerArn: string
  url: string
  port: number
  check: HealthCheck
  attributes: Map<string, string>
  createdAt: number
  plane: TargetGroupPlane
}

export interface TargetHealth {
  machineId: string
  state: TargetHealthState
  reason?: string
  description?: string
}

/** All target groups of one cloud. CodeDeploy knows them by name, callers of ELBv2 by ARN. */
export interface TargetGroups {
  create(name: string, check: HealthCheck): Promise<TargetGroup>
  byName(name: string): TargetGroup | undefined
  byArn(arn: string): TargetGroup
  all(): TargetGroup[]
  register(group: TargetGroup, machine: Machine): void
  /** Resolves when the target has drained, at most after the group's deregistration delay. */
  deregister(group: TargetGroup, machineId: string): Promise<void>
  health(group: TargetGroup): TargetHealth[]
  healthOf(group: TargetGroup, machineId: string): TargetHealth | undefined
  /** Removes a terminated instance from every group, as ELB does itself. */
  forget(machineId: string): void
  close(): Promise<void>
}

export interface BalancingWorld {
  clock: CloudClock
  loadBalancing: LoadBalancing
  ids: Ids
  region: string
  accountId: string
}

const DELAY = 'deregistration_delay.timeout_seconds'

const newGroup = (
  world: BalancingWorld,
  name: string,
  opened: { plane: TargetGroupPlane; url: string; check: HealthCheck }
): TargetGroup => {
  const prefix = `arn:aws:elasticloadbalancing:${world.region}:${world.accountId}`
  const balancer = `${name}-lb`
  const [balancerId, listenerId] = [world.ids.suffix(), world.ids.suffix()]
  const address = new URL(opened.url)
  return {
    ...opened,
    name,
    arn: `${prefix}:targetgroup/${name}/${world.ids.suffix()}`,
    loadBalancer: {
      name: balancer,
      arn: `${prefix}:loadbalancer/app/${balancer}/${balancerId}`,
      dnsName: address.hostname
    },
    listenerArn: `${prefix}:listener/app/${balancer}/${balancerId}/${listenerId}`,
    port: Number(address.port === '' ? '80' : address.port),
    // Default of the service: 300 seconds (docs/service.md, reference 9, item 9).
    attributes: new Map([
      [DELAY, '300'],
      ['slow_start.duration_seconds', '0'],
      ['stickiness.enabled', 'false']
    ]),
    createdAt: world.clock.now()
  }
}

/** How many seconds a deregistered target has to finish its open requests. */
export const deregistrationDelay = (group: TargetGroup): number =>
  Number(group.attributes.get(DELAY) ?? '300')

// A thousand targets that wait to become healthy share one answer.
const healthCache = (clock: CloudClock): ((group: TargetGroup) => Map<string, TargetHealth>) => {
  const seen = new WeakMap<TargetGroup, { at: number; table: Map<string, TargetHealth> }>()
  return (group) => {
    const last = seen.get(group)
    if (last !== undefined && last.at === clock.now()) return last.table
    const table = new Map(group.plane.health().map((health) => [health.machineId, health]))
    seen.set(group, { at: clock.now(), table })
    return table
  }
}

/** The target groups of one cloud over the given data plane. */
export const createTargetGroups = (world: BalancingWorld): TargetGroups => {
  const groups = new Map<string, TargetGroup>()
  const cached = healthCache(world.clock)
  const fresh = (group: TargetGroup, id: string): TargetHealth | undefined =>
    group.plane.health().find((health) => health.machineId === id)
  return {
    create: async (name, check) => {
      if (groups.has(name)) {
        throw new ServiceError(
          'DuplicateTargetGroupName',
          `A target group with the same name '${name}' exists, but with different settings`
        )
      }
      const opened = await world.loadBalancing.open(name, check)
      const group = newGroup(world, name, { ...opened, check })
      groups.set(name, group)
      return group
    },
    byName: (name) => groups.get(name),
    byArn: (arn) => {
      const found = [...groups.values()].find((group) => group.arn === arn)
      if (found === undefined)
        throw new ServiceError('TargetGroupNotFound', `One or more target groups not found: '${arn}'`)
      return found
    },
    all: () => [...groups.values()],
    register: (group, machine) => group.plane.register(machine),
    deregister: (group, id) => group.plane.deregister(id, deregistrationDelay(group)),
    health: (group) => group.plane.health(),
    healthOf: (group, id) => cached(group).get(id) ?? fresh(group, id),
    forget: (id) => {
      for (const group of groups.values()) {
        if (fresh(group, id) !== undefined) void group.plane.deregister(id, 0)
      }
    },
    close: async () => {
      await Promise.all([...groups.values()].map((group) => group.plane.close()))
    }
  }
}
