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
import type { ManifestStore } from '../storage-port.js'
import { whyNot } from './record.js'

/** The manifest of a stored bundle, or a sentence that says why it is not known. Only a cancel throws. */
export const readManifest = async (
  location: RevisionLocation | undefined,
  store: Pick<ManifestStore, 'address' | 'read'>
): Promise<Known<Manifest>> => {
  const key = location?.kind === 's3' ? manifestKey(location.key) : undefined
  if (location?.kind !== 's3' || key === undefined)
    return { unknown: `${revisionName(location) ?? 'the revision'} was not stored by this action.` }
  try {
    const text = await store.read(key)
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

/** What changes on the servers when one stored bundle replaces another, or why it is not known. */
export const changesBetween = async (
  from: RevisionLocation | undefined,
  to: RevisionLocation | undefined,
  store: Pick<ManifestStore, 'address' | 'read'>
): Promise<Known<BundleChanges>> => {
  const [before, after] = await Promise.all([readManifest(from, store), readManifest(to, store)])
  if ('unknown' in before) return before
  return 'unknown' in after ? after : { value: compareManifests(before.value, after.value) }
}
