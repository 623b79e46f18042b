import type { Deployment } from './deployment.js'
import { parseRevisionKey, revisionFolder } from './revision.js'

/** Who did something to a group, when, and why. */
export interface Signed {
  /** ISO 8601, in UTC. */
  at: string
  by: string
  /** GITHUB_RUN_ID; missing outside of a workflow. */
  run?: string | undefined
  reason?: string | undefined
}

/** A tree that had taken traffic and was rolled back. */
export interface Undone extends Signed {
  /** The deployment that was undone. */
  deployment: string
  /** The first 12 digits of the content hash, which every commit with this tree shares. */
  tree: string
  commit?: string | undefined
}

/** The newest rollback, whether or not it had to undo anything. */
export interface LastRollback extends Signed {
  /** The revision that was wanted, for people; unknown for a rollback that this action did not make. */
  to?: string | undefined
  /** The deployment that it replaces, if it replaces one. */
  undoes?: string | undefined
}

/** Until somebody releases it, nothing is deployed to the group. */
export type Hold = Signed

/**
 * What later runs must know about a group and CodeDeploy does not keep: a rollback by the service itself bears no description
 * of ours. It is a small object beside the bundles, one for each group.
 */
export interface GroupRecord {
  rollback?: LastRollback | undefined
  /** Newest first. */
  undone: readonly Undone[]
  hold?: Hold | undefined
}

export const EMPTY_RECORD: GroupRecord = { undone: [] }

/** Above this size, it is not a record that this action wrote. */
export const MOST_RECORD_BYTES = 256 * 1024

const MOST_UNDONE = 100
const MOST_TEXT = 500
const VERSION = 1

/**
 * `<prefix>/<application>/groups/<group>.json`. No commit starts with `g`, so a search for bundles by short commit never meets
 * it.
 */
export const recordKey = ({ prefix, application, group }: RecordPlace): string =>
  `${revisionFolder(prefix, application)}groups/${group}.json`

interface RecordPlace {
  prefix: string
  application: string
  group: string
}

/** The record as it is stored: JSON that a person can read. */
export const writeRecord = ({ rollback, undone, hold }: GroupRecord): string =>
  `${JSON.stringify({ version: VERSION, rollback, undone: undone.slice(0, MOST_UNDONE), hold }, undefined, 2)}\n`

/** Reads a stored record. Throws an Error that says what is wrong with it. */
export const parseRecord = (text: string): GroupRecord => {
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new Error('it is not an object')
  if (value['version'] !== VERSION)
    throw new Error(`its version is ${String(value['version'])}, expected ${VERSION}`)
  const { rollback, undone, hold } = value
  if (!Array.isArray(undone)) throw new Error('`undone` is not a list')
  return {
    undone: undone.map((entry, at) => ({
      ...signed(entry, `undone[${at}]`),
      ...texts(entry, `undone[${at}]`, ['deployment', 'tree']),
      ...optionalTexts(entry, `undone[${at}]`, ['commit'])
    })),
    rollback:
      rollback === undefined
        ? undefined
        : { ...signed(rollback, 'rollback'), ...optionalTexts(rollback, 'rollback', ['to', 'undoes']) },
    hold: hold === undefined ? undefined : signed(hold, 'hold')
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const signed = (value: unknown, where: string): Signed => {
  const { at, by } = texts(value, where, ['at', 'by'])
  if (Number.isNaN(Date.parse(at))) throw new Error(`\`${where}.at\` is not a time`)
  return { at, by, ...optionalTexts(value, where, ['run', 'reason']) }
}

const texts = <K extends string>(value: unknown, where: string, names: readonly K[]): Record<K, string> => {
  const found = optionalTexts(value, where, names)
  for (const name of names) if (found[name] === undefined) throw new Error(`\`${where}.${name}\` is missing`)
  return found as Record<K, string>
}

const optionalTexts = <K extends string>(
  value: unknown,
  where: string,
  names: readonly K[]
): Partial<Record<K, string>> => {
  if (!isObject(value)) throw new Error(`\`${where}\` is not an object`)
  const found: Partial<Record<K, string>> = {}
  for (const name of names) {
    const text = value[name]
    if (text === undefined) continue
    if (typeof text !== 'string') throw new Error(`\`${where}.${name}\` is not text`)
    found[name] = text.slice(0, MOST_TEXT)
  }
  return found
}

/** Notes a rollback before anything is stopped, so that an older run that waits for the group finds it. Never removes a hold. */
export const withRollback =
  (rollback: LastRollback, hold: boolean) =>
  (record: GroupRecord): GroupRecord => {
    const { at, by, run, reason } = rollback
    return {
      ...record,
      rollback: later(record.rollback, rollback),
      hold: hold ? { at, by, run, reason } : record.hold
    }
  }

/** Of two rollbacks at once, the later one counts. */
const later = (one: LastRollback | undefined, other: LastRollback): LastRollback =>
  one === undefined || Date.parse(one.at) <= Date.parse(other.at) ? other : one

/** Notes what was rolled back, once for each deployment. A revision that this action did not store names no tree. */
export const withUndone =
  ({ id, revision }: Pick<Deployment, 'id' | 'revision'>, signature: Signed) =>
  (record: GroupRecord): GroupRecord => {
    const stored = revision?.kind === 's3' ? parseRevisionKey(revision.key) : undefined
    if (stored === undefined) return record
    const { hash: tree, commit } = stored
    const others = record.undone.filter(({ deployment }) => deployment !== id)
    return { ...record, undone: [{ ...signature, deployment: id, tree, commit }, ...others] }
  }

/** Somebody brought this tree back on purpose, and it serves. */
export const withoutUndone =
  (tree: string) =>
  (record: GroupRecord): GroupRecord => ({
    ...record,
    undone: record.undone.filter((one) => one.tree !== tree)
  })

/** Ends the hold. */
export const released = ({ hold: _, ...rest }: GroupRecord): GroupRecord => rest

/** Whether two records say the same. */
export const sameRecord = (one: GroupRecord, other: GroupRecord): boolean =>
  writeRecord(one) === writeRecord(other)
