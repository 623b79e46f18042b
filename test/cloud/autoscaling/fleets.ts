import { ServiceError } from '../contract.js'
import type { Templates } from '../ec2/templates.js'
import { membersOf, type FleetState, type FleetWorld, type HookAnswer } from './fleet-state.js'
import type { AutoScalingGroup, GroupDefinition, Instance, LifecycleHook, Sizes } from './model.js'
import { removeGroup, scale, terminate } from './scaling.js'
import { until } from './until.js'

/** All Auto Scaling groups and all instances of one cloud. */
export interface Fleets {
  create(definition: GroupDefinition): AutoScalingGroup
  find(name: string): AutoScalingGroup | undefined
  /** Ids of launch templates that were deleted; a test may add some. */
  goneTemplates: Set<string>
  templates: Templates
  all(): AutoScalingGroup[]
  /** Changes sizes; instances are launched and terminated accordingly. */
  resize(name: string, sizes: Partial<Sizes>): void
  /** Resolves when the group and all its instances are gone. Throws ResourceInUse for a group with instances, unless forced. */
  remove(name: string, force: boolean): Promise<void>
  putHook(name: string, hook: LifecycleHook): void
  deleteHook(name: string, hookName: string): void
  instances(name: string): Instance[]
  inService(name: string): Instance[]
  instance(id: string): Instance | undefined
  allInstances(): Instance[]
  /** Terminates one instance; the group replaces it unless `decrement`. */
  terminate(id: string, decrement: boolean, why?: string): void
  /** Resolves as soon as `met` is true; checks it after every change of any instance. Rejects on abort. */
  until(met: () => boolean, signal: AbortSignal): Promise<void>
  /** Who completes the launch hook for a waiting instance; undefined leaves the hook to its timeout. */
  onLaunchHook(answer: (instance: Instance, hook: LifecycleHook) => Promise<HookAnswer> | undefined): void
  /** Called when an instance comes into service. */
  onService(tell: (instance: Instance) => void): void
  /** Called before an instance is terminated; it is once the promise has resolved. */
  onLeaving(before: (instance: Instance) => Promise<void> | undefined): void
  /** Called when an instance goes, so that load balancers forget it. */
  onGone(tell: (instance: Instance) => void): void
}

const known = (state: FleetState, name: string): AutoScalingGroup => {
  const group = state.groups.get(name)
  if (group === undefined) {
    throw new ServiceError(
      'ValidationError',
      `AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`
    )
  }
  return group
}

const create = (state: FleetState, definition: GroupDefinition): AutoScalingGroup => {
  if (state.groups.has(definition.name)) {
    throw new ServiceError(
      'AlreadyExists',
      `AutoScalingGroup by this name already exists - A group with the name ${definition.name} already exists`
    )
  }
  checkSizes(definition)
  const group: AutoScalingGroup = {
    ...definition,
    arn: `arn:aws:autoscaling:${state.region}:${state.accountId}:autoScalingGroup:${state.ids.uuid()}:autoScalingGroupName/${definition.name}`,
    createdAt: state.clock.now(),
    suspended: new Set(),
    hooks: new Map(),
    activities: [],
    extras: {
      ...{ policies: new Map(), schedules: new Map(), notifications: new Map(), metrics: new Set() }
    }
  }
  state.groups.set(group.name, group)
  scale(state, group)
  return group
}

const checkSizes = ({ min, max, desired }: Sizes): void => {
  if (min > max)
    throw new ServiceError(
      'ValidationError',
      `Max bound, ${max}, must be greater than or equal to min bound, ${min}`
    )
  if (desired < min || desired > max) {
    throw new ServiceError(
      'ValidationError',
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`
    )
  }
}

const resize = (state: FleetState, name: string, sizes: Partial<Sizes>): void => {
  const group = known(state, name)
  const next = {
    min: sizes.min ?? group.min,
    max: sizes.max ?? group.max,
    desired: sizes.desired ?? group.desired
  }
  // A new minimum or maximum also changes the desired capacity, unless the request sets that (API: UpdateAutoScalingGroup).
  if (sizes.desired === undefined) next.desired = Math.min(Math.max(next.desired, next.min), next.max)
  checkSizes(next)
  Object.assign(group, next)
  scale(state, group)
}

const terminateOne = (
  state: FleetState,
  { id, decrement, why }: { id: string; decrement: boolean; why?: string | undefined }
): void => {
  const instance = state.members.get(id)
  const group = instance === undefined ? undefined : state.groups.get(instance.group)
  if (instance === undefined || group === undefined) {
    throw new ServiceError(
      'ValidationError',
      `Instance Id not found - No managed instance found for instance ID: ${id}`
    )
  }
  if (decrement) {
    if (group.desired - 1 < group.min) {
      throw new ServiceError(
        'ValidationError',
        `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`
      )
    }
    group.desired -= 1
  }
  terminate(state, instance, why ?? 'a user asked for its termination')
}

/** The Auto Scaling groups of one cloud; the clock controls every wait. */
export const createFleets = (world: FleetWorld): Fleets => {
  const state: FleetState = {
    ...world,
    groups: new Map(),
    members: new Map(),
    watchers: new Set(),
    answerHook: () => undefined,
    entered: () => undefined,
    leaving: () => undefined,
    gone: () => undefined
  }
  return {
    create: (definition) => create(state, definition),
    find: (name) => state.groups.get(name),
    goneTemplates: state.templates.gone,
    templates: state.templates,
    all: () => [...state.groups.values()],
    resize: (name, sizes) => resize(state, name, sizes),
    remove: (name, force) => removeGroup(state, known(state, name), force),
    putHook: (name, hook) => void known(state, name).hooks.set(hook.name, hook),
    deleteHook: (name, hookName) => {
      if (!known(state, name).hooks.delete(hookName)) {
        throw new ServiceError(
          'ValidationError',
          `No Lifecycle Hook found named '${hookName}' for AutoScalingGroup '${name}'`
        )
      }
    },
    instances: (name) => membersOf(state, name),
    inService: (name) => membersOf(state, name).filter((instance) => instance.state === 'InService'),
    instance: (id) => state.members.get(id),
    allInstances: () => [...state.members.values()],
    terminate: (id, decrement, why) => terminateOne(state, { id, decrement, why }),
    until: (met, signal) => until(state, met, signal),
    onLaunchHook: (answer) => void (state.answerHook = answer),
    onService: (tell) => void (state.entered = tell),
    onLeaving: (before) => void (state.leaving = before),
    onGone: (tell) => void (state.gone = tell)
  }
}
