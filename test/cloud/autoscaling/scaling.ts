import { ServiceError } from '../contract.js'
import { untilAborted } from './abort.js'
import { changed, membersOf, type FleetState } from './fleet-state.js'
import { launch, noteFailedLaunch, refusedLaunch, REST_AFTER_FAILURE_MS } from './launch.js'
import type { AutoScalingGroup, Instance } from './model.js'

const leaving = (instance: Instance): boolean => instance.state === 'Terminating'

/** Launches and terminates until the group has the desired number of instances; does nothing for suspended processes, or for a group that goes. */
export const scale = (state: FleetState, group: AutoScalingGroup): void => {
  if (group.status !== undefined) return
  const staying = membersOf(state, group.name).filter((instance) => !leaving(instance))
  if (!group.suspended.has('Launch')) {
    const refused = refusedLaunch(state, group)
    if (refused !== undefined && staying.length < group.desired) tryAgain(state, group, refused)
    for (let missing = refused === undefined ? group.desired - staying.length : 0; missing > 0; missing--) {
      launch(state, group, (instance, why) => terminate(state, instance, why))
    }
  }
  if (!group.suspended.has('Terminate')) {
    // The oldest first, as OldestInstance does; the default policy depends on more than a cloud with one zone has.
    const spare = staying.filter((instance) => !instance.protectedFromScaleIn)
    for (const instance of spare.slice(0, Math.max(0, staying.length - group.desired))) {
      terminate(state, instance, 'the desired capacity is smaller than the number of instances')
    }
  }
}

/** Auto Scaling keeps trying to launch what is missing. */
const tryAgain = (state: FleetState, group: AutoScalingGroup, why: string): void => {
  noteFailedLaunch(state, group, why)
  state.background.run(async (signal) => {
    await state.clock.sleep(REST_AFTER_FAILURE_MS, signal)
    if (state.groups.get(group.name) === group && group.status === undefined) scale(state, group)
  })
}

/** Shows an instance as terminated at once, and terminates it in the background; the group then scales. */
export const terminate = (state: FleetState, instance: Instance, why: string): void => {
  if (leaving(instance)) return
  instance.state = 'Terminating'
  noteEnd(state, instance, why)
  changed(state)
  const left = state.leaving(instance)
  state.background.run(async (signal) => {
    if (left !== undefined) await untilAborted(left, signal).catch(() => undefined)
    await instance.machine.terminate()
    instance.state = 'Terminated'
    state.members.delete(instance.id)
    state.gone(instance)
    changed(state)
  })
  const group = state.groups.get(instance.group)
  if (group !== undefined && group.status === undefined) scale(state, group)
}

const noteEnd = (state: FleetState, instance: Instance, why: string): void => {
  const now = state.clock.now()
  state.groups.get(instance.group)?.activities.unshift({
    id: state.ids.uuid(),
    description: `Terminating EC2 instance: ${instance.id}`,
    cause: `At ${new Date(now).toISOString()} an instance was taken out of service because ${why}.`,
    startedAt: now,
    endedAt: now,
    status: 'Successful'
  })
}

/**
 * Deletes a group; if forced, its instances too, without their hooks (API: DeleteAutoScalingGroup). Resolves when they are
 * gone.
 */
export const removeGroup = (state: FleetState, group: AutoScalingGroup, force: boolean): Promise<void> => {
  const members = membersOf(state, group.name)
  if (members.length > 0 && !force) {
    throw new ServiceError(
      'ResourceInUse',
      'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.'
    )
  }
  group.status = 'Delete in progress'
  group.desired = 0
  group.min = 0
  return new Promise((resolve) => {
    const look = (): void => {
      if (membersOf(state, group.name).length > 0) return
      state.watchers.delete(look)
      state.groups.delete(group.name)
      resolve()
    }
    state.watchers.add(look)
    for (const instance of members) terminate(state, instance, 'its group is deleted')
    look()
  })
}
