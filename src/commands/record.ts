import { treeOf } from '../domain/admission.js'
import type { Deployment } from '../domain/deployment.js'
import { faultOf, mayBeDone } from '../domain/fault.js'
import type { Identity } from '../domain/identity.js'
import {
  type GroupRecord,
  recordKey,
  released,
  type Signed,
  withoutUndone,
  withRollback,
  withUndone
} from '../domain/record.js'
import type { Revision, StoredLocation } from '../domain/revision.js'
import { UserError } from '../errors.js'
import type { DeployInputs, GroupInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import type { RecordStore } from '../storage-port.js'
import { frozenUntil, signature } from '../report/signature.js'
import type { Zone } from '../report/times.js'
import { type Admit, admission } from '../steps/admission.js'
import { changeRecord, whyNot } from '../steps/record.js'
import type { Services } from './connect.js'
import { originOf } from './origin.js'

/** The group's record, beside its bundles. */
export const openRecord = (
  inputs: Omit<GroupInputs, 'timeZone'>,
  identity: Identity,
  world: World
): Promise<RecordStore> => {
  const { bucket, expectedBucketOwner: expectedOwner } = inputs
  const { region } = inputs.identity
  return world.records({ region, bucket, expectedOwner }, recordKey(inputs), identity)
}

/** This run's signature. */
export const signed = ({ context, clock }: World, reason?: string): Signed => {
  const { run } = originOf(context)
  return {
    at: new Date(clock.now()).toISOString(),
    by: run.actor,
    run: /^\d+$/.test(run.id) ? run.id : undefined,
    reason
  }
}

/** What a deploy asks before it starts anything, and again right before CreateDeployment. */
export const admissionOf = (
  inputs: DeployInputs,
  { services, zone, record }: { services: Services; zone: Zone; record: RecordStore },
  world: World
): Admit =>
  admission(
    {
      runId: world.context.runId,
      checkOrder: !inputs.skipOrderCheck,
      redeployUndone: inputs.redeployUndone
    },
    { store: record, service: services.cancelable },
    {
      group: `${inputs.application}/${inputs.group}`,
      sign: (one) => signature(one, zone),
      freeze: {
        windows: inputs.freeze,
        isOverridden: inputs.overrideFreeze,
        until: (window) => frozenUntil(window, zone)
      },
      now: () => world.clock.now(),
      // A run that GitHub says nothing about was created when it started, or earlier.
      began: async () => (await world.runCreatedAt()) ?? world.startedAt,
      warn: (sentence) => world.runner.annotate('warning', sentence)
    }
  )

/** Ends the hold and says whose it was. Throws the service's error when the record cannot be written. */
export const releaseHold = async (
  record: RecordStore,
  { group, zone }: { group: string; zone: Zone },
  world: World
): Promise<void> => {
  let hold: GroupRecord['hold']
  await changeRecord(record, (latest) => {
    hold = latest.hold
    return released(latest)
  })
  world.runner.info(
    hold === undefined
      ? `${group} is not on hold.`
      : `Released the hold on ${group}. It was held by ${signature(hold, zone)}.`
  )
}

/** A rollback as the record notes it, before anything is stopped. */
export interface Going {
  /** The revision that is wanted, for people. */
  to: string
  /** The deployment that it replaces, if it replaces one. */
  undoes: Deployment | undefined
  hold: boolean
  reason: string | undefined
}

/**
 * Notes a rollback and its hold before anything is stopped, so that an older run which waits for the group finds them. A
 * rollback does not depend on it: when it fails, the reason is returned.
 */
export const noteRollback = (
  { to, undoes, hold, reason }: Going,
  record: RecordStore,
  world: World
): Promise<string | undefined> =>
  noted(record, withRollback({ ...signed(world, reason), to, undoes: undoes?.id }, hold)).catch(
    (error: unknown) => {
      throw hold ? mayBeHeld(error) : error
    }
  )

/** A cancel while the hold was being set. */
const mayBeHeld = (cause: unknown): UserError =>
  new UserError(
    'The job was canceled before the rollback began.',
    'Nothing was stopped. S3 has not answered whether the group is on hold now: to be sure that it is not, run `command: release`.',
    { cause }
  )

/** A rollback whose note failed continues, and says what that means. */
export const warnNotNoted = (why: string, { record, world }: { record: RecordStore; world: World }): void =>
  world.runner.annotate(
    'warning',
    `This rollback cannot be noted in ${record.address}: ${why}. The rollback continues, but an older run that waits for the group may deploy after it. Cancel such runs by hand.`
  )

/**
 * Deploys are not held, although that was asked for. The rollback has already reported its own result, with exit code `code`; this
 * comes second, and a rollback that worked fails because of it alone.
 */
export const refuseHold = (
  why: string,
  code: number,
  {
    record,
    world,
    group
  }: { record: RecordStore; world: World; group: { application: string; name: string } }
): number => {
  const place = `${group.application}/${group.name}`
  const so = code === 0 ? `The rollback worked, but the job fails, because ${place}` : place
  world.runner.fail(
    `${so} is not on hold, although \`hold: true\` was set: ${record.address} cannot be written: ${why}.\nUntil that works, disable the deploy workflow (\`gh workflow disable\`), and run this rollback again to set the hold.`
  )
  return code === 0 ? 1 : code
}

/** What of the end of a rollback is missing in the record. */
export interface Unstored {
  why: string
  /** Whether the write may have been carried out: its answer is missing. */
  mayBeStored: boolean
  /** Whether the record still lists the target's own tree as rolled back. */
  listsTarget: boolean
}

/**
 * Notes what was undone, and that the target, which a person chose, may be deployed again. The target is live by then, so
 * nothing throws, not even a cancel; undefined when all of it is stored.
 */
export const noteUndone = async (
  undone: Deployment | undefined,
  target: StoredLocation,
  { record, world, reason }: { record: RecordStore; world: World; reason: string | undefined }
): Promise<Unstored | undefined> => {
  const wanted = treeOf(target)
  let listsTarget = false
  const missing = await notedAtTheEnd(record, (latest) => {
    listsTarget = latest.undone.some(({ tree }) => tree === wanted)
    const marked = undone === undefined ? latest : withUndone(undone, signed(world, reason))(latest)
    return wanted === undefined ? marked : withoutUndone(wanted)(marked)
  })
  return missing && { ...missing, listsTarget }
}

/** A tree that had been rolled back and serves again on purpose is no longer refused. It serves by then, so nothing throws. */
export const forgetUndone = async (
  { location }: Revision,
  { record, world }: { record: RecordStore; world: World }
): Promise<void> => {
  const tree = treeOf(location)
  if (tree === undefined) return
  const missing = await notedAtTheEnd(record, withoutUndone(tree))
  if (missing === undefined) return
  world.runner.annotate(
    'warning',
    `The next deployment of these files needs \`redeploy-undone: true\` again: ${record.address} cannot be written: ${missing.why}`
  )
}

/** Undefined when the record is written, otherwise why it is not. A cancel throws. */
const noted = async (
  record: RecordStore,
  change: (latest: GroupRecord) => GroupRecord
): Promise<string | undefined> => {
  try {
    await changeRecord(record, change)
    return undefined
  } catch (error) {
    if (faultOf(error) === 'canceled') throw error
    return whyNot(error)
  }
}

/** The same after the run has reported its result, which a cancel no longer changes. */
const notedAtTheEnd = async (
  record: RecordStore,
  change: (latest: GroupRecord) => GroupRecord
): Promise<Omit<Unstored, 'listsTarget'> | undefined> => {
  try {
    await changeRecord(record, change)
    return undefined
  } catch (error) {
    const isCanceled = faultOf(error) === 'canceled'
    const why = isCanceled ? 'the job was canceled before S3 answered' : whyNot(error)
    return { why, mayBeStored: mayBeDone(error) }
  }
}
