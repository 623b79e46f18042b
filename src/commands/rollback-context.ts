import { rowsOf } from '../steps/rows.js'
import { inTurns } from '../concurrency.js'
import { deadlineOf } from '../domain/deadline.js'
import type { Deployment } from '../domain/deployment.js'
import { factsOf, isDenied } from '../domain/fault.js'
import { revisionFolder } from '../domain/revision.js'
import type { Attempt } from '../domain/serving.js'
import { UserError } from '../errors.js'
import type { RollbackInputs } from '../inputs/types.js'
import { journal, type Journal } from '../journal.js'
import type { BundleStore, CodeDeploy, World } from '../ports.js'
import { newestDeployments, targetsOf } from '../steps/history.js'
import { type LiveReading, mayServe } from '../steps/live.js'
import { isAvailable, locate, type RollbackTarget } from '../steps/locate.js'
import { type EnteredGroup, enterGroup } from './connect.js'

/** What a rollback works on, once the run is identified. */
export interface RollbackContext extends EnteredGroup {
  inputs: RollbackInputs
  world: World
  store: BundleStore
  journal: Journal
  /** Epoch milliseconds. */
  deadline: number
}

/** Reads the group, and opens the bundle store and the journal. */
export const enterRollback = async (inputs: RollbackInputs, world: World): Promise<RollbackContext> => {
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

/** How many of the newest deployments to read; for `previous` step by step, until one is found. */
const LOOK_BACK = [50, 500, 5000]

/**
 * Finds the wanted bundle and checks it before anything is stopped: an overwritten or deleted bundle is not a target. The
 * bundles of other deployments are checked only if this one is unavailable, to list those that are available.
 */
export const findTarget = async (reading: LiveReading, context: RollbackContext): Promise<RollbackTarget> => {
  for (const limit of LOOK_BACK) {
    const attempts = await lookBack(limit, reading, context)
    const mayBeOlder = context.inputs.commit === 'previous' && attempts.length >= limit
    try {
      return await findAmong(attempts, reading, context)
    } catch (error) {
      if (!mayBeOlder || limit === LOOK_BACK.at(-1) || !(error instanceof UserError)) throw error
    }
  }
  throw new UserError('No deployment was read.', 'Run it again. Nothing was changed.')
}

const findAmong = async (
  attempts: readonly Attempt[],
  reading: LiveReading,
  { inputs, store }: RollbackContext
): Promise<RollbackTarget> => {
  const place = { store, bucket: inputs.bucket, folder: revisionFolder(inputs.prefix, inputs.application) }
  const unseen = await rowsOf(attempts, reading, () => Promise.resolve('unknown' as const))
  try {
    const target = await locate(inputs.commit, unseen, place)
    if ((await isAvailable(target.location, store)) !== false) return target
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
  return locate(
    inputs.commit,
    await rowsOf(attempts, reading, (location) => isAvailable(location, store)),
    place
  )
}

/**
 * The newest deployments. `previous` may be one that was stopped after all traffic had moved, which only its targets show. A
 * deployment named by its id is read, however old it is.
 */
const lookBack = async (
  limit: number,
  { attempts }: LiveReading,
  { inputs: { commit, application, group }, services: { cancelable } }: RollbackContext
): Promise<Attempt[]> => {
  const deployments = await newestDeployments(cancelable, {
    application,
    group,
    limit
  })
  const read = new Map(attempts.map(({ deployment, targets }) => [deployment.id, targets]))
  const found = await inTurns(deployments, async (deployment) => {
    const isOpen = commit === 'previous' && mayServe(deployment)
    return {
      deployment,
      targets: read.get(deployment.id) ?? (isOpen ? await targetsOf(deployment.id, cancelable) : [])
    }
  })
  if (!commit.startsWith('d-') || deployments.some(({ id }) => id === commit)) return found
  const named = await deploymentNamed(commit, cancelable)
  return named?.application === application && named.group === group
    ? [...found, { deployment: named, targets: [] }]
    : found
}

const deploymentNamed = async (id: string, service: CodeDeploy): Promise<Deployment | undefined> => {
  try {
    return await service.deployment(id)
  } catch (error) {
    if (/^(DeploymentDoesNotExist|InvalidDeploymentId)/.test(factsOf(error).name) || isDenied(error))
      return undefined
    throw error
  }
}
