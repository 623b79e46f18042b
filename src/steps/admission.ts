import {
  type Applicant,
  refusalOf,
  type Refusal,
  unrecorded,
  withoutReturned,
  withUnrecorded
} from '../domain/admission.js'
import { short } from '../domain/commit.js'
import type { Deployment } from '../domain/deployment.js'
import { type FreezeWindow, frozenBy } from '../domain/freeze.js'
import { faultOf } from '../domain/fault.js'
import type { GroupRecord, Signed } from '../domain/record.js'
import { UserError } from '../errors.js'
import type { CodeDeploy } from '../ports.js'
import type { RecordStore } from '../storage-port.js'
import { targetsOf } from './history.js'
import { changeRecord, readRecord, recordOf, whyNot } from './record.js'

export interface AdmissionOptions {
  /** `application/group`, for messages. */
  group: string
  /** Who, when and why, in words. */
  sign: (signed: Signed) => string
  /** When nothing is deployed, unless that is overridden. */
  freeze: { windows: readonly FreezeWindow[]; isOverridden: boolean; until: (window: FreezeWindow) => string }
  now: () => number
  /** When this run was created, in epoch milliseconds; asked only after a rollback that was made outside of a workflow. */
  began: () => Promise<number>
  warn: (sentence: string) => void
}

/** What an admission needs of CodeDeploy. */
export type AdmissionService = Pick<CodeDeploy, 'deployment' | 'targetIds' | 'targets'>

/** Throws when the run may not deploy now. `last` is the group's last deployment, if it has been read. */
export type Admit = (tree: string | undefined, last?: Deployment) => Promise<void>

/**
 * The check before a deployment: no freeze, no hold, no rollback that is newer than this run, and no tree that was rolled back. Another run
 * may roll back while this one bundles or waits for the group, so the check is repeated right before CreateDeployment.
 */
export const admission = (
  applicant: Pick<Applicant, 'runId' | 'checkOrder' | 'redeployUndone'>,
  { store, service }: { store: RecordStore; service: AdmissionService },
  { group, sign, freeze, now, began, warn }: AdmissionOptions
): Admit => {
  const warned = new Set<string>()
  const warnOnce = (sentence: string): void => {
    if (!warned.has(sentence)) warn(sentence)
    warned.add(sentence)
  }
  return async (tree, last) => {
    const window = frozenBy(freeze.windows, now())
    const until = window === undefined ? '' : freeze.until(window)
    if (window !== undefined && !freeze.isOverridden) throw refused({ kind: 'frozen', until }, group, sign)
    if (window !== undefined)
      warnOnce(`Deploying although ${group} is frozen ${until}: \`override-freeze: true\` is set.`)
    const reading = await readRecord(store)
    const record = recordOf(reading)
    if ('unreadable' in reading) warnOnce(unreadable(store, reading.unreadable))
    const change = await noticed(record, last, service)
    const complete = change(record)
    if (complete !== record && !('unreadable' in reading)) await keep(change, store, warnOnce)
    const asks = complete.rollback !== undefined && complete.rollback.run === undefined
    const refusal = refusalOf({ ...applicant, tree, began: asks ? await began() : 0 }, complete)
    if (refusal !== undefined) throw refused(refusal, group, sign)
  }
}

const unreadable = ({ address }: RecordStore, why: string): string =>
  `The record of rollbacks and holds, ${address}, cannot be read: ${why}. This run cannot see a hold, and knows of a rollback only if it was the group's last deployment.`

/** Adds the rollback that the last deployment shows, if the record does not know of it, and forgets what has come back since. */
const noticed = async (
  record: GroupRecord,
  last: Deployment | undefined,
  service: AdmissionService
): Promise<(record: GroupRecord) => GroupRecord> => {
  if (last === undefined) return (same) => same
  const id = unrecorded(last, record)
  if (id === undefined) return (latest) => withoutReturned(last, latest)
  const [deployment, targets] = await Promise.all([service.deployment(id), targetsOf(id, service)])
  return (latest) => withUnrecorded(last, { deployment, targets }, latest)
}

/** Kept, since the next deployment hides it from later runs. */
const keep = async (
  change: (record: GroupRecord) => GroupRecord,
  store: RecordStore,
  warn: (sentence: string) => void
): Promise<void> => {
  try {
    await changeRecord(store, change)
  } catch (error) {
    if (faultOf(error) === 'canceled') throw error
    warn(
      `A rollback outside of this action was noticed, but cannot be noted in ${store.address}: ${whyNot(error)}. Later runs may not know of it.`
    )
  }
}

const NOTHING = 'Nothing was deployed.'

/** Why a run may not deploy, and the one thing to do about it. */
const refused = (refusal: Refusal, group: string, sign: AdmissionOptions['sign']): UserError => {
  switch (refusal.kind) {
    case 'frozen':
      return new UserError(
        `${group} is frozen ${refusal.until}.`,
        `${NOTHING} Deploy after that. For an urgent fix, set \`override-freeze: true\`; a rollback is always possible.`
      )
    case 'hold':
      return new UserError(
        `${group} is on hold: nothing is deployed until somebody releases it. Held by ${sign(refusal.hold)}.`,
        `${NOTHING} To release it, run the action with \`command: release\`, or dispatch this workflow with \`release-hold: true\`.`
      )
    case 'order': {
      const { runId } = refusal.applicant
      const { rollback } = refusal
      const to = rollback.to === undefined ? '' : ` to ${nameOf(rollback.to)}`
      return new UserError(
        `${group} was rolled back${to} after ${runId === '' ? 'this run' : `this run, ${runId},`} was created. Rolled back by ${sign(rollback)}.`,
        `${NOTHING} Push a fix: its run is newer. To deploy this older run on purpose, set \`skip-order-check: true\`.`
      )
    }
    case 'undone': {
      const { commit, deployment } = refusal.undone
      const name = commit === undefined ? deployment : `${short(commit)} (${deployment})`
      return new UserError(
        `This bundle has the same files as ${name}, which was rolled back on ${group} by ${sign(refusal.undone)}.`,
        `${NOTHING} Deploy a fix. To deploy these files again on purpose, set \`redeploy-undone: true\`.`
      )
    }
  }
}

const nameOf = (revision: string): string => (/^[0-9a-f]{40}$/.test(revision) ? short(revision) : revision)
