import { counted } from '../domain/counted.js'
import type { Zone } from '../ports.js'
import type { BundleStore, StoredBundle } from '../storage-port.js'
import { short } from '../domain/commit.js'
import { isDenied } from '../domain/fault.js'
import type { HistoryRow } from '../domain/history.js'
import { previousOf } from '../domain/previous.js'
import {
  parseRevisionKey,
  type RevisionLocation,
  sameRevision,
  type StoredLocation
} from '../domain/revision.js'
import { UserError } from '../errors.js'

/** What a rollback restores: a stored, pinned bundle, with what is known about it. */
export interface RollbackTarget {
  location: StoredLocation
  commit?: string | undefined
  subject?: string | undefined
  /** How `previous` came to this one, where that is not plain. */
  remarks?: readonly string[]
}

/**
 * Whether a revision can be redeployed byte for byte: its pinned version exists and has the ETag that was deployed. `unknown`
 * when the run may not read the bundle, or when it is of another kind. `onDenied` is given the service's refusal.
 */
export const isAvailable = async (
  location: RevisionLocation,
  store: BundleStore,
  onDenied: (refusal: unknown) => void = () => undefined
): Promise<boolean | 'unknown'> => {
  if (location.kind !== 's3') return 'unknown'
  try {
    const pin = await store.pin(location)
    return pin !== undefined && sameRevision(location, { ...location, ...pin })
  } catch (error) {
    if (!isDenied(error)) throw error
    onDenied(error)
    return 'unknown'
  }
}

/** Where bundles are stored. */
export interface LocatePlace {
  store: BundleStore
  bucket: string
  folder: string
  zone: Zone
  /** False while older deployments can still be read, which may change what `previous` means. */
  isWhole?: boolean
}

/**
 * The input `commit` → the stored bundle, or an error that lists what is available. A commit is looked up among the
 * deployments first, since they pin version and ETag, and then by key prefix in the bucket; there is no database.
 */
export const locate = async (
  wanted: string,
  rows: readonly HistoryRow[],
  place: LocatePlace
): Promise<RollbackTarget> => {
  const { store, folder, zone, isWhole = true } = place
  if (wanted.startsWith('d-')) return byDeployment(wanted, rows, zone)
  if (wanted === 'previous') return previous(rows, zone, isWhole)
  const isEnough = (found: readonly StoredBundle[]): boolean => commitsOf(found).size > AMBIGUOUS_AT
  const found = await store.list(`${folder}${wanted}`, isEnough)
  const stored = found.filter(({ key }) => parseRevisionKey(key) !== undefined)
  const deployed = rows.filter((row) => row.commit?.startsWith(wanted))
  const commits = new Set([...deployed.map((row) => row.commit ?? ''), ...commitsOf(stored)])
  if (commits.size > 1) throw ambiguous(wanted, { commits: [...commits], areAll: !isEnough(found) }, rows)
  if (commits.size === 0)
    throw unavailable(`No bundle of a commit starting with ${wanted} is stored under ${folder}.`, rows, zone)
  const usable =
    deployed.find((row) => row.available !== false && row.served) ??
    deployed.find((row) => row.available !== false)
  if (usable !== undefined) return targetOf(usable)
  return byKey(wanted, neverDeployed(stored, deployed), { ...place, rows })
}

/** Above this many commits, counting stops: each further thousand keys would take another call. */
const AMBIGUOUS_AT = 10

const commitsOf = (found: readonly StoredBundle[]): Set<string> =>
  new Set(found.flatMap(({ key }) => parseRevisionKey(key)?.commit ?? []))

/** Bundles that no deployment pinned. If a pin no longer matches, the key was overwritten: its object is not what was deployed. */
const neverDeployed = <T extends { key: string }>(
  stored: readonly T[],
  deployed: readonly HistoryRow[]
): T[] =>
  stored.filter(
    ({ key }) => !deployed.some(({ revision }) => revision?.kind === 's3' && revision.key === key)
  )

const byDeployment = (id: string, rows: readonly HistoryRow[], zone: Zone): RollbackTarget => {
  const row = rows.find((one) => one.deploymentId === id)
  if (row === undefined) throw unavailable(`${id} is not a deployment of this group.`, rows, zone)
  if (row.available === false)
    throw unavailable(
      `The bundle of ${id} (${row.revisionText}) was deleted, or overwritten since it was deployed.`,
      rows,
      zone
    )
  return targetOf(row)
}

const previous = (rows: readonly HistoryRow[], zone: Zone, isWhole: boolean): RollbackTarget => {
  const { row, from, skipped, isOpen } = previousOf(rows)
  if (row !== undefined && (isWhole || !isOpen))
    return { ...targetOf(row), remarks: [...fromRemark(from), ...skipped.map(skippedRemark)] }
  const oldest = rows.at(-1)
  const before = from === undefined ? '' : ` before ${from.live ? 'what is live' : nameOf(from)}`
  const read =
    oldest === undefined
      ? 'this group has no deployments'
      : `of ${counted(rows.length, 'deployment')} read (back to ${zone.day(oldest.startedAt)}), none served a different revision${before} that was never rolled back and whose bundle still exists`
  throw unavailable(`There is no previous revision: ${read}.`, rows, zone)
}

/** Said only if `previous` does not count from what is live. */
const fromRemark = (from: HistoryRow | undefined): string[] =>
  from === undefined || from.live
    ? []
    : [`What is live is not known, so \`previous\` counts from ${nameOf(from)}, which served last.`]

const skippedRemark = (row: HistoryRow): string =>
  `\`previous\` skips ${nameOf(row)}: ${row.revision?.kind === 's3' ? 'its bundle was deleted, or overwritten since it was deployed' : 'it is not a bundle in S3'}.`

const nameOf = ({ commit, deploymentId, revisionText }: HistoryRow): string =>
  `${commit === undefined ? revisionText : short(commit)} (${deploymentId})`

const targetOf = (row: HistoryRow): RollbackTarget => {
  if (row.revision?.kind !== 's3')
    throw new UserError(
      `${row.deploymentId} deployed ${row.revisionText}, which is not a bundle in S3.`,
      'Choose a deployment whose revision is in S3, or deploy that commit again.'
    )
  return { location: row.revision, commit: row.commit, subject: row.subject }
}

/** For a commit that was never deployed here, or not among the deployments read: its newest stored bundle. */
const byKey = async (
  wanted: string,
  stored: { key: string; lastModified: Date }[],
  {
    store,
    bucket,
    rows,
    zone
  }: { store: BundleStore; bucket: string; rows: readonly HistoryRow[]; zone: Zone }
): Promise<RollbackTarget> => {
  const newest = [...stored].sort(
    (one, other) => other.lastModified.getTime() - one.lastModified.getTime()
  )[0]
  const parsed = newest === undefined ? undefined : parseRevisionKey(newest.key)
  if (newest === undefined || parsed === undefined)
    throw unavailable(
      `The bundle of ${wanted} is no longer stored, or was overwritten since it was deployed.`,
      rows,
      zone
    )
  const location: StoredLocation = { kind: 's3', bucket, key: newest.key, bundleType: parsed.bundleType }
  const pin = await store.pin(location)
  if (pin === undefined) throw unavailable(`The bundle ${newest.key} no longer exists.`, rows, zone)
  return { location: { ...location, ...pin }, commit: parsed.commit }
}

/** How many entries an error lists. */
const LISTED = 10

/** More than one commit has this prefix; when `areAll` is false, there may be more than the given ones. */
export const ambiguous = (
  wanted: string,
  { commits, areAll }: { commits: readonly string[]; areAll: boolean },
  rows: readonly HistoryRow[]
): UserError => {
  const rest = commits.length - LISTED
  return new UserError(
    [
      `${wanted} matches ${areAll ? '' : 'at least '}${commits.length} commits:`,
      ...commits
        .slice(0, LISTED)
        .map((commit) =>
          `  ${commit}  ${rows.find((row) => row.commit === commit)?.subject ?? ''}`.trimEnd()
        ),
      ...(rest > 0 ? [`  … and ${rest} more`] : [])
    ].join('\n'),
    'Use a longer prefix, or the full SHA. Nothing was changed.'
  )
}

/** Says what happened, and lists the newest ten deployments to which a rollback is possible. */
export const unavailable = (message: string, rows: readonly HistoryRow[], zone: Zone): UserError => {
  const available = rows.filter((row) => row.available !== false && row.served).slice(0, LISTED)
  return new UserError(
    message,
    available.length === 0
      ? `Nothing was changed. Deploy the commit again from its source (\`command: deploy\`): none of the ${counted(rows.length, 'deployment')} read has a stored bundle.`
      : [
          `Nothing was changed. Set \`commit\` to one of these. Available, newest first (times in ${zone.name}):`,
          ...available.map((row) => sayRow(row, zone))
        ].join('\n')
  )
}

const sayRow = (row: HistoryRow, zone: Zone): string =>
  `  ${row.commit === undefined ? row.deploymentId : short(row.commit)}  ${row.deploymentId}  ${zone.dayAndClock(row.startedAt)}  ${row.live ? 'live' : row.status}  ${(row.subject ?? '').split(/\r?\n/)[0] ?? ''}`.trimEnd()
