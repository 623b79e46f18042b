import {
  ServiceError,
  type CloudClock,
  type HealthCheck,
  type LoadBalancing,
  type Machine,
  type TargetHealthState
} from '../contract.js'
import type { Ids } from '../autoscaling/ids.js'
import type { Quotas } from '../quotas.js'
import { VPC, type TargetGroup } from './model.js'

export type { TargetGroup } from './model.js'

export interface TargetHealth {
  machineId: string
  state: TargetHealthState
  reason?: string
  description?: string
}

/** What a caller says about a new target group. */
export interface GroupWish {
  check: HealthCheck
  protocol?: string
  port?: number
  vpcId?: string
  tags?: Map<string, string>
}

/** All target groups of one cloud. CodeDeploy knows them by name, callers of ELBv2 by ARN. */
export interface TargetGroups {
  create(name: string, wish: GroupWish): TargetGroup
  /** Deletes a group that no action uses; does nothing if there is none. */
  remove(arn: string): Promise<void>
  byName(name: string): TargetGroup | undefined
  byArn(arn: string): TargetGroup
  find(arn: string): TargetGroup | undefined
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
  quotas: Quotas
}

const DELAY = 'deregistration_delay.timeout_seconds'

const newGroup = (world: BalancingWorld, name: string, wish: GroupWish): TargetGroup => ({
  name,
  arn: `arn:aws:elasticloadbalancing:${world.region}:${world.accountId}:targetgroup/${name}/${world.ids.suffix()}`,
  protocol: wish.protocol ?? 'HTTP',
  port: wish.port ?? 80,
  vpcId: wish.vpcId ?? VPC,
  check: wish.check,
  // Default of the service: 300 seconds (docs/service.md, reference 9, item 9).
  attributes: new Map([
    [DELAY, '300'],
    ['slow_start.duration_seconds', '0'],
    ['stickiness.enabled', 'false']
  ]),
  tags: wish.tags ?? new Map<string, string>(),
  createdAt: world.clock.now(),
  plane: world.loadBalancing.group(wish.check)
})

/** How many seconds a deregistered target has to finish its open requests. */
export const deregistrationDelay = (group: TargetGroup): number =>
  Number(group.attributes.get(DELAY) ?? '300')

// A thousand targets that wait to become healthy share one answer.
const healthCache = (
  clock: CloudClock,
  read: (group: TargetGroup) => TargetHealth[]
): ((group: TargetGroup) => Map<string, TargetHealth>) => {
  const seen = new WeakMap<TargetGroup, { at: number; table: Map<string, TargetHealth> }>()
  return (group) => {
    const last = seen.get(group)
    if (last !== undefined && last.at === clock.now()) return last.table
    const table = new Map(read(group).map((health) => [health.machineId, health]))
    seen.set(group, { at: clock.now(), table })
    return table
  }
}

const notInUse = ({ machineId, state }: TargetHealth): TargetHealth => ({
  machineId,
  state: state === 'draining' ? state : 'unused',
  reason: 'Target.NotInUse'
})

const unknown = (arn: string): ServiceError =>
  new ServiceError('TargetGroupNotFound', `One or more target groups not found: '${arn}'`)

/** The target groups of one cloud over the given data plane; `isUsed` says whether an action of a listener forwards to one. */
export const createTargetGroups = (world: BalancingWorld, isUsed: (arn: string) => boolean): TargetGroups => {
  const groups = new Map<string, TargetGroup>()
  const find = (arn: string): TargetGroup | undefined =>
    [...groups.values()].find((group) => group.arn === arn)
  const health = (group: TargetGroup): TargetHealth[] =>
    isUsed(group.arn) ? group.plane.health() : group.plane.health().map(notInUse)
  const cached = healthCache(world.clock, health)
  const fresh = (group: TargetGroup, id: string): TargetHealth | undefined =>
    health(group).find((one) => one.machineId === id)
  return {
    create: (name, wish) => {
      if (groups.size >= world.quotas.targetGroups)
        throw new ServiceError(
          'TooManyTargetGroups',
          `The maximum number of target groups has been reached: ${world.quotas.targetGroups}`
        )
      const group = newGroup(world, name, wish)
      groups.set(name, group)
      return group
    },
    remove: async (arn) => {
      const group = find(arn)
      if (group === undefined) return
      if (isUsed(arn))
        throw new ServiceError(
          'ResourceInUse',
          `Target group '${arn}' is currently in use by a listener or a rule`
        )
      groups.delete(group.name)
      await group.plane.close()
    },
    byName: (name) => groups.get(name),
    byArn: (arn) => {
      const found = find(arn)
      if (found === undefined) throw unknown(arn)
      return found
    },
    find,
    all: () => [...groups.values()],
    register: (group, machine) => group.plane.register(machine),
    deregister: (group, id) => group.plane.deregister(id, deregistrationDelay(group)),
    health,
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
