import { ServiceError, type CloudClock } from '../contract.js'
import type { TargetGroup, TargetGroups } from '../loadbalancing/target-groups.js'
import { untilAborted } from './abort.js'
import type { Background } from './background.js'
import type { Fleets } from './fleets.js'
import type { AutoScalingGroup, Instance } from './model.js'

/** Auto Scaling groups and the target groups that are attached to them. */
export interface Attachment {
  /** Throws ValidationError unless all these target groups exist (API: CreateAutoScalingGroup, TargetGroupARNs). */
  check(arns: readonly string[]): void
  /** Registers what is in service, and everything that comes later. */
  attach(group: AutoScalingGroup, arns: readonly string[]): void
  /** Deregisters what is in service. */
  detach(group: AutoScalingGroup, arns: readonly string[]): void
}

interface AttachmentWorld {
  clock: CloudClock
  fleets: Fleets
  targetGroups: TargetGroups
  background: Background
}

/** How often the health of an instance is looked at. */
const LOOK_MS = 15_000

const groupsOf = ({ targetGroups }: AttachmentWorld, arns: readonly string[]): TargetGroup[] =>
  arns.flatMap((arn) => targetGroups.find(arn) ?? [])

const isSick = (world: AttachmentWorld, group: AutoScalingGroup, instance: Instance): boolean =>
  group.healthCheckType.split(',').includes('ELB') &&
  !group.suspended.has('HealthCheck') &&
  !group.suspended.has('ReplaceUnhealthy') &&
  groupsOf(world, group.targetGroupArns).some(
    (one) => world.targetGroups.healthOf(one, instance.id)?.state === 'unhealthy'
  )

/**
 * With HealthCheckType ELB, an instance that a target group calls unhealthy is replaced once its grace period is over (Auto Scaling user
 * guide: health checks). Settings count as they are at the time.
 */
const watch = async (world: AttachmentWorld, instance: Instance, ending: AbortSignal): Promise<void> => {
  const { clock, fleets } = world
  const since = clock.passed()
  for (;;) {
    await clock.sleep(LOOK_MS, ending)
    const group = fleets.find(instance.group)
    if (instance.state !== 'InService' || group === undefined) return
    const isDue = clock.passed() - since >= group.healthCheckGracePeriod * 1000
    if (isDue && isSick(world, group, instance)) {
      fleets.terminate(instance.id, false, 'an ELB system health check failed')
      return
    }
  }
}

const deregister = async (world: AttachmentWorld, instance: Instance, groups: readonly TargetGroup[]) => {
  await Promise.all(groups.map((one) => world.targetGroups.deregister(one, instance.id)))
}

/** Registers instances that come into service, deregisters those that leave, and replaces those that are unhealthy. */
export const createAttachment = (world: AttachmentWorld): Attachment => {
  const { background, fleets, targetGroups } = world
  const watched = new WeakSet<Instance>()
  const enter = (instance: Instance, group: AutoScalingGroup, arns: readonly string[]): void => {
    if (!group.suspended.has('AddToLoadBalancer'))
      for (const one of groupsOf(world, arns)) targetGroups.register(one, instance.machine)
    if (watched.has(instance)) return
    watched.add(instance)
    background.run((ending) => watch(world, instance, ending))
  }
  fleets.onService((instance) => {
    const group = fleets.find(instance.group)
    if (group !== undefined && group.targetGroupArns.length > 0) enter(instance, group, group.targetGroupArns)
  })
  fleets.onLeaving((instance) => {
    const groups = groupsOf(world, fleets.find(instance.group)?.targetGroupArns ?? [])
    return groups.length === 0 ? undefined : deregister(world, instance, groups)
  })
  return {
    check: (arns) => {
      if (arns.some((arn) => targetGroups.find(arn) === undefined))
        throw new ServiceError(
          'ValidationError',
          'Provided Target Groups may not be valid. Please ensure they exist and try again.'
        )
    },
    attach: (group, arns) => {
      group.targetGroupArns = [...new Set([...group.targetGroupArns, ...arns])]
      for (const instance of fleets.inService(group.name)) enter(instance, group, arns)
    },
    detach: (group, arns) => {
      group.targetGroupArns = group.targetGroupArns.filter((arn) => !arns.includes(arn))
      for (const instance of fleets.inService(group.name))
        background.run((ending) => untilAborted(deregister(world, instance, groupsOf(world, arns)), ending))
    }
  }
}
