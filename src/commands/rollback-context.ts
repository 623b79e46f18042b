import { rowsOf } from '../steps/rows.js'
import { inTurns } from '../concurrency.js'
import { deadlineOf } from '../domain/deadline.js'
import type { Deployment } from '../domain/deployment.js'
import { factsOf, isDenied } from '../domain/fault.js'
import type { HistoryRow } from '../domain/history.js'
import { revisionFolder, type RevisionLocation, sameRevision } from '../domain/revision.js'
import type { Attempt } from '../domain/serving.js'
import { UserError } from '../errors.js'
import type { RollbackInputs } from '../inputs/types.js'
import { journal, type Journal } from '../journal.js'
import type { CodeDeploy, World } from '../ports.js'
import type { BundleStore, RecordStore } from '../storage-port.js'
import { newestFirst, take, targetsOf } from '../steps/history.js'
import { type LiveReading, mayServe } from '../steps/live.js'
import { isAvailable, locate, type LocatePlace, type RollbackTarget } from '../steps/locate.js'
import { type EnteredGroup, enterGroup } from './connect.js'
import { unchecked } from './history.js'
import { openRecord } from './record.js'

/** What a rollback works on, once the run is identified. */
export interface RollbackContext extends EnteredGroup {
  inputs: RollbackInputs
  world: World
  store: BundleStore
  record: RecordStore
  journal: Journal
  /** Epoch milliseconds. */
  deadline: number
}

/** Reads the group, and opens the bundle store and the journal. */
export const enterRollback = async (inputs: RollbackInputs, world: World): Promise<RollbackContext> => {
  const entered = await enterGroup(inputs, world)
  const { identity, group, zone } = entered
  const { clock, runner, paint, context, startedAt } = world
  const { region } = inputs.identity
  const place = { region, bucket: inputs.bucket, expectedOwner: inputs.expectedBucketOwner }
  return {
    ...entered,
    inputs,
    world,
    store: await world.store(place, identity),
    record: await openRecord(inputs, identity, world),
    journal: journal({ runner, paint, now: () => clock.now(), zone, region, group }),
    deadline: deadlineOf(clock.now(), startedAt, { ...inputs, waits: group.waits, hosted: context.hosted })
  }
}

/** The target of a rollback, and the deployments that were read to find it, newest first. */
export interface Found {
  target: RollbackTarget
  rows: readonly HistoryRow[]
  attempts: readonly Attempt[]
}

/** How many of the newest deployments to read, step by step, until what they say about the target is certain. */
const LOOK_BACK = [50, 500, 5000]

/**
 * Finds the wanted bundle and checks it before anything is stopped: an overwritten or deleted bundle is not a target. Goes back
 * only until it is certain which one `previous` means, or until a deployment in which the target served.
 */
export const findTarget = async (reading: LiveReading, context: RollbackContext): Promise<Found> => {
  const { application, group, commit } = context.inputs
  const newest = newestFirst(context.services.cancelable, { application, group })
  let attempts: Attempt[] = []
  let named: Attempt[] = []
  for (const limit of LOOK_BACK) {
    const most = Math.max(limit, reading.attempts.length)
    const more = await take(newest, most - attempts.length)
    attempts = [...attempts, ...(await withTargets(more, reading, context))]
    if (limit === LOOK_BACK[0]) named = await namedOne(attempts, context)
    const isWhole = attempts.length < most || limit === LOOK_BACK.at(-1)
    const older = named.filter(({ deployment }) =>
      attempts.every((one) => one.deployment.id !== deployment.id)
    )
    const found = await findAmong([...attempts, ...older], reading, { ...context, isWhole })
    if (found !== undefined && (isWhole || isCertain(found, commit))) return found
  }
  throw new UserError('No deployment was read.', 'Run it again. Nothing was changed.')
}

/** An older deployment cannot make a revision better than having served; `previous` always has. */
const isCertain = ({ target, rows }: Found, commit: string): boolean =>
  commit === 'previous' ||
  rows.some(({ revision, served }) => served && sameRevision(revision, target.location))

/** How many rows of an error that lists what is available are checked for their bundles. */
const CHECKED = 50

/**
 * Bundles are checked one by one until one is there; only an error checks others, to list those that are available. Undefined
 * while older deployments can still be read to find `previous`.
 */
const findAmong = async (
  attempts: readonly Attempt[],
  reading: LiveReading,
  context: RollbackContext & { isWhole: boolean }
): Promise<Found | undefined> => {
  const { inputs, store, zone, isWhole } = context
  const place = {
    store,
    zone,
    isWhole,
    bucket: inputs.bucket,
    folder: revisionFolder(inputs.prefix, inputs.application)
  }
  const gone: RevisionLocation[] = []
  const isGone = (location: RevisionLocation): boolean => gone.some((one) => sameRevision(one, location))
  for (;;) {
    const rows = await rowsOf(attempts, reading, (location) =>
      Promise.resolve(isGone(location) ? false : 'unknown')
    )
    const target = await orUndefined(locate(inputs.commit, rows, place))
    if (target === undefined)
      return inputs.commit === 'previous' && !isWhole
        ? undefined
        : notFound(rows, attempts, { inputs, place })
    if ((await isAvailable(target.location, store, warnOf(context))) !== false)
      return withItsTargets({ target, rows, attempts }, reading, context)
    gone.push(target.location)
  }
}

/** The rollback may go on without the check, but would then notice a missing bundle only after the running deployment was stopped. */
const warnOf =
  ({ world: { runner } }: RollbackContext) =>
  (refusal: unknown): void =>
    runner.annotate('warning', unchecked(refusal))

const orUndefined = async <T>(finding: Promise<T>): Promise<T | undefined> => {
  try {
    return await finding
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

/** Throws the error with what is available, unless a bundle was there after all. */
const notFound = async (
  rows: readonly HistoryRow[],
  attempts: readonly Attempt[],
  { inputs, place }: { inputs: RollbackInputs; place: LocatePlace }
): Promise<Found> => {
  const near = await inTurns(rows.slice(0, CHECKED), async (row) => ({
    ...row,
    available: row.revision === undefined ? false : await isAvailable(row.revision, place.store)
  }))
  const checked = [...near, ...rows.slice(CHECKED)]
  return { target: await locate(inputs.commit, checked, place), rows: checked, attempts }
}

/** Whether an unfinished deployment of the target served is known only from its targets. */
const withItsTargets = async (
  found: Found,
  reading: LiveReading,
  { services: { cancelable } }: RollbackContext
): Promise<Found> => {
  const isOpen = ({ deployment, targets }: Attempt): boolean =>
    targets.length === 0 && mayServe(deployment) && sameRevision(deployment.revision, found.target.location)
  if (!found.attempts.some(isOpen)) return found
  const attempts = await inTurns(found.attempts, async (attempt) =>
    isOpen(attempt) ? { ...attempt, targets: await targetsOf(attempt.deployment.id, cancelable) } : attempt
  )
  const rows = await rowsOf(attempts, reading, () => Promise.resolve('unknown' as const))
  return { ...found, attempts, rows }
}

/** `previous` may be one that failed or was stopped after all traffic had moved, which only its targets show. */
const withTargets = (
  deployments: readonly Deployment[],
  { attempts }: LiveReading,
  { inputs: { commit }, services: { cancelable } }: RollbackContext
): Promise<Attempt[]> => {
  const read = new Map(attempts.map(({ deployment, targets }) => [deployment.id, targets]))
  return inTurns(deployments, async (deployment) => {
    const isOpen = commit === 'previous' && mayServe(deployment)
    const targets = read.get(deployment.id) ?? (isOpen ? await targetsOf(deployment.id, cancelable) : [])
    return { deployment, targets }
  })
}

/** A deployment that the input names is read, however old it is. */
const namedOne = async (
  attempts: readonly Attempt[],
  { inputs: { commit, application, group }, services: { cancelable } }: RollbackContext
): Promise<Attempt[]> => {
  if (!commit.startsWith('d-') || attempts.some(({ deployment }) => deployment.id === commit)) return []
  const named = await deploymentNamed(commit, cancelable)
  return named?.application === application && named.group === group
    ? [{ deployment: named, targets: [] }]
    : []
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
