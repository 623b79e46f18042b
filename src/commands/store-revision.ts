import { counted } from '../domain/counted.js'
import type { Archive } from '../bundle/archive.js'
import { type Revision, revisionKey, type StoredLocation } from '../domain/revision.js'
import type { DeployInputs } from '../inputs/types.js'
import type { World } from '../ports.js'
import type { ObjectStore } from '../storage-port.js'
import { unversioned } from '../report/unversioned.js'
import { bytesText, duration } from '../report/units.js'
import { publish, type Published } from '../upload/publish.js'
import { type Bundling, progressTeller } from './bundling.js'
import type { Source } from './source.js'

/** What to store, and what is known about it besides its bytes. */
export interface Storing {
  inputs: DeployInputs
  source: Source
  bundling: Bundling
  /** What the group runs now; an equal tree is copied by S3 instead of sent. */
  live: StoredLocation | undefined
  subject: string
}

/** Source → Revision. The hash is known before anything is packed, so that a bundle that is already stored is not sent again. */
export const storeRevision = async (
  storing: Storing,
  store: ObjectStore,
  world: World
): Promise<Revision> => {
  const { source, bundling } = storing
  const archive = await bundling.archive
  const hashedAt = world.clock.now()
  const stored = await storeArchive(archive, storing, { store, world })
  const times = { hashMs: bundling.hashMs(), storeMs: world.clock.now() - hashedAt }
  tellStored(stored, source, { ...times, packMs: stored.packedAt - hashedAt, world })
  return stored.revision
}

interface StoredRevision {
  revision: Revision
  published: Published
  /** Epoch milliseconds of the last piece of the archive. */
  packedAt: number
}

const storeArchive = async (
  archive: Archive,
  { inputs, source, live, subject }: Storing,
  { store, world }: { store: ObjectStore; world: World }
): Promise<StoredRevision> => {
  const { contentHash } = archive
  const { bucket, prefix, application, commit } = inputs
  const { bundleType } = source
  const key = revisionKey({ prefix, application }, { commit, contentHash, bundleType })
  const tell = progressTeller(world, { files: source.files, bytes: source.bytes })
  const packed = { bytes: 0, at: world.clock.now() }
  const published = await publish(
    archive,
    {
      location: { bucket, key, bundleType, region: inputs.identity.region },
      commit,
      subject,
      tags: inputs.objectTags,
      kmsKeyId: inputs.kmsKeyId,
      copyFrom: live?.bundleType === bundleType ? live : undefined
    },
    {
      store,
      signal: world.canceled,
      tell: (sentence) => world.runner.info(sentence),
      sleep: (ms, signal) => world.clock.sleep(ms, signal),
      progress: ({ files, bytesIn, bytesOut, sent }) => {
        if (bytesOut !== packed.bytes) Object.assign(packed, { bytes: bytesOut, at: world.clock.now() })
        tell(
          `Storing: ${files} of ${counted(source.files, 'file')}, ${bytesText(bytesIn)} in, ${bytesText(bytesOut)} out, ${bytesText(sent)} sent`,
          bytesIn
        )
      }
    }
  )
  const location = pinned({ bucket, key, bundleType }, published)
  const { size, uploadedBytes } = published
  return {
    published,
    packedAt: packed.at,
    revision: { commit, location, contentHash, uploadedBytes, size }
  }
}

const pinned = (
  place: Pick<StoredLocation, 'bucket' | 'key' | 'bundleType'>,
  { etag, versionId }: Published
): StoredLocation => ({
  kind: 's3',
  ...place,
  etag,
  version: versionId
})

interface Times {
  hashMs: number
  packMs: number
  storeMs: number
}

/** What took how long; packing and uploading overlap. */
const timesOf = ({ kind, openMs }: Source, wasSent: boolean, { hashMs, packMs, storeMs }: Times): string =>
  [
    `${kind === 'folder' ? 'walk' : 'read'} ${duration(openMs)}`,
    ...(kind === 'folder' ? [`hash ${duration(hashMs)}`] : []),
    ...(kind === 'folder' && wasSent ? [`deflate ${duration(packMs)}`] : []),
    ...(wasSent ? [`upload ${duration(storeMs)}`] : [])
  ].join(', ')

/** Logs the result: one line for the bundle, one for the revision. */
const tellStored = (
  { revision, published }: StoredRevision,
  source: Source,
  { world, ...times }: Times & { world: World }
): void => {
  const { runner } = world
  const how = published.existed
    ? 'already stored, nothing sent'
    : published.copied
      ? 'same as what is live, copied by S3, nothing sent'
      : `${bytesText(published.uploadedBytes)} sent`
  const ratio = source.bytes === 0 ? 1 : revision.size / source.bytes
  runner.info(
    `Bundle: ${counted(source.files, 'file')}, ${bytesText(source.bytes)} → ${bytesText(revision.size)} (${Math.round(ratio * 100)} %), ${how}; ${timesOf(source, published.uploadedBytes > 0, times)}`
  )
  runner.info(
    `Revision: s3://${revision.location.bucket}/${revision.location.key}, SHA-256 of the tree ${revision.contentHash}`
  )
  const remark = unversioned(revision.location)
  if (remark !== undefined) runner.info(remark)
}
