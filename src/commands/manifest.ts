import type { Identity } from '../domain/identity.js'
import { MOST_MANIFEST_ENTRIES, manifestKey, writeManifest, type Manifest } from '../domain/manifest.js'
import type { Revision } from '../domain/revision.js'
import type { GroupInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import type { ManifestStore } from '../storage-port.js'
import { whyNot } from '../steps/record.js'
import type { Bundled } from './bundling.js'

type BucketInputs = Pick<GroupInputs, 'identity' | 'bucket' | 'expectedBucketOwner'>

/** The manifests beside the bundles of an application. */
export const openManifests = (
  inputs: BucketInputs & { kmsKeyId?: string | undefined },
  identity: Identity,
  world: World
): Promise<ManifestStore> => {
  const { bucket, expectedBucketOwner: expectedOwner, kmsKeyId } = inputs
  return world.manifests({ region: inputs.identity.region, bucket, expectedOwner, kmsKeyId }, identity)
}

/** What is in the bundle that is being deployed; `size` is the number of bytes of its archive. */
export const manifestOf = async (
  { source, bundling }: Bundled,
  { contentHash, size }: { contentHash: string; size: number }
): Promise<Manifest> => {
  const [{ hooks }, entries] = await Promise.all([source.inspect(), bundling.entries()])
  return { contentHash, size, hooks, entries }
}

/**
 * Stores the manifest of a stored bundle. No deployment depends on it, so a failure is one warning. Resolves at once when the job is
 * canceled.
 */
export const storeManifest = async (
  bundled: Bundled,
  { location, contentHash, size }: Revision,
  { store, world }: { store: ManifestStore; world: World }
): Promise<void> => {
  const key = manifestKey(location.key)
  if (key === undefined) return
  try {
    const manifest = await manifestOf(bundled, { contentHash, size })
    if (manifest.entries.length > MOST_MANIFEST_ENTRIES) {
      world.runner.info(
        `The bundle has ${manifest.entries.length} files and folders; above ${MOST_MANIFEST_ENTRIES}, they are not listed, so later runs cannot say what changes on the servers.`
      )
      return
    }
    await store.write(key, writeManifest(manifest))
  } catch (error) {
    if (world.canceled.aborted) return
    world.runner.annotate(
      'warning',
      `Later previews and rollbacks cannot say what changes on the servers: ${store.address(key)} cannot be written: ${whyNot(error)}.`
    )
  }
}
