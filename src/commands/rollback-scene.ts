import { deadlineOf } from '../domain/deadline.js'
import { revisionFolder } from '../domain/revision.js'
import { UserError } from '../errors.js'
import type { RollbackInputs } from '../inputs/types.js'
import { journal, type Journal } from '../journal.js'
import type { Seen } from '../steps/history.js'
import { isAvailable, locate, type BundleStore, type RollbackTarget } from '../steps/locate.js'
import { rowsOf } from '../steps/rows.js'
import type { World } from '../world.js'
import { enterGroup, type EnteredGroup } from './group.js'

/** Where a rollback works, once it is known who it is. */
export interface Scene extends EnteredGroup {
  inputs: RollbackInputs
  world: World
  store: BundleStore
  journal: Journal
  /** Epoch milliseconds. */
  deadline: number
}

/** Reads the group, and opens what a rollback looks at and writes to. */
export const enterScene = async (inputs: RollbackInputs, world: World): Promise<Scene> => {
  const entered = await enterGroup(inputs, world)
  const { identity, group } = entered
  const { clock, runner, paint, context, startedAt } = world
  const { region } = inputs.identity
  const place = { region, bucket: inputs.bucket, expectedOwner: inputs.expectedBucketOwner }
  return {
    ...entered,
    inputs,
    world,
    store: await world.store(place, identity),
    journal: journal({ runner, paint, now: () => clock.now(), region, group }),
    deadline: deadlineOf(clock.now(), startedAt, { ...inputs, waits: group.waits, hosted: context.hosted })
  }
}

/**
 * The stored bundle that is wanted. It is looked at before anything is stopped: what was overwritten or deleted is no
 * target. The bundles of all the other deployments are looked at only when this one is not to be had, for the list of
 * those that are.
 */
export const findTarget = async (
  seen: readonly Seen[],
  { inputs, store }: Scene
): Promise<RollbackTarget> => {
  const place = { store, bucket: inputs.bucket, folder: revisionFolder(inputs.prefix, inputs.application) }
  const unseen = await rowsOf(seen, () => Promise.resolve('unknown' as const))
  try {
    const target = await locate(inputs.commit, unseen, place)
    if ((await isAvailable(target.location, store)) !== false) return target
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
  return locate(inputs.commit, await rowsOf(seen, (location) => isAvailable(location, store)), place)
}
