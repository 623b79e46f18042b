import { treeOf } from '../domain/admission.js'
import { faultOf } from '../domain/fault.js'
import {
  type BundleChanges,
  compareManifests,
  type Manifest,
  manifestKey,
  parseManifest
} from '../domain/manifest.js'
import type { Known } from '../domain/plan.js'
import { type RevisionLocation, revisionName } from '../domain/revision.js'
import type { Polling } from '../ports.js'
import type { ManifestStore } from '../storage-port.js'
import { whyNot } from './record.js'
import { within } from './within.js'

/** The manifest of a stored bundle, or a sentence that says why it is not known. Only a cancel throws. */
export const readManifest = async (
  location: RevisionLocation | undefined,
  store: Pick<ManifestStore, 'address' | 'read'>,
  signal?: AbortSignal
): Promise<Known<Manifest>> => {
  const key = location?.kind === 's3' ? manifestKey(location.key) : undefined
  if (location?.kind !== 's3' || key === undefined)
    return { unknown: `${revisionName(location) ?? 'the revision'} was not stored by this action.` }
  try {
    const text = await store.read(key, signal)
    if (text === undefined)
      return {
        unknown: `${store.address(key)} does not exist; bundles that an older version of this action stored have no manifest.`
      }
    return { value: parseManifest(text, location.key) }
  } catch (error) {
    if (faultOf(error) === 'canceled') throw error
    return { unknown: `${store.address(key)} cannot be read: ${whyNot(error)}.` }
  }
}

/** Finds the manifest of a stored bundle. */
export type ManifestReader = (location: RevisionLocation | undefined) => Promise<Known<Manifest>>

const NOTHING: BundleChanges = { added: [], changed: [], removed: [], modeChanged: [], hooks: [] }

/**
 * What changes on the servers when one stored bundle replaces another, or why it is not known. Keys with the same hash are of the
 * same tree, so nothing is read for them.
 */
export const changesBetween = async (
  from: RevisionLocation | undefined,
  to: RevisionLocation | undefined,
  read: ManifestReader
): Promise<Known<BundleChanges>> => {
  const tree = treeOf(from)
  if (tree !== undefined && tree === treeOf(to)) return { value: NOTHING }
  const [before, after] = await Promise.all([read(from), read(to)])
  if ('unknown' in before) return before
  return 'unknown' in after ? after : { value: compareManifests(before.value, after.value) }
}

/** What `find` finds out within `ms` on the clock. After that, it is ended, and its value is not known. */
export const inTime = async <T>(
  ms: number,
  find: (signal: AbortSignal) => Promise<Known<T>>,
  polling: Pick<Polling, 'clock' | 'signal'>
): Promise<Known<T>> =>
  (await within(ms, polling, find)) ?? { unknown: `S3 did not answer within ${ms / 1000} s.` }
