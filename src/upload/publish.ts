import type { Archive, ArchiveProgress } from '../bundle/archive.js'
import type { BundleType } from '../domain/revision.js'
import { UserError } from '../errors.js'
import type { NewObject, ObjectPlace, ObjectStore, StoredObject } from '../storage-port.js'
import { copyIfSame, type CopySource } from './copy.js'
import { bundleMetadata, CONTENT_HASH, contentType } from './metadata.js'
import { uploadChunks } from './multipart.js'
import { explaining, isConflict, isTaken, isUploadGone } from './refusal.js'

/** Where the bundle goes, and what is stored with it. */
export interface Publication {
  location: ObjectPlace & { bundleType: BundleType; region: string }
  commit: string
  subject?: string | undefined
  tags?: Record<string, string>
  kmsKeyId?: string | undefined
  /** The live revision: if it has the same tree, S3 copies it and nothing is sent. */
  copyFrom?: CopySource | undefined
}

/** What publishing needs from outside. */
export interface Publishing {
  store: ObjectStore
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** `sent` is the number of bytes sent so far. */
  progress?: ((state: ArchiveProgress & { sent: number }) => void) | undefined
  tell: (sentence: string) => void
  signal?: AbortSignal | undefined
}

/** A stored bundle, pinned. */
export interface Published {
  etag: string
  versionId?: string | undefined
  /** Bytes of the archive. */
  size: number
  /** Bytes sent; 0 if the bundle was already stored or S3 copied it. */
  uploadedBytes: number
  /** It was already stored. */
  existed: boolean
  /** S3 copied it from the live revision. */
  copied: boolean
}

/** How many times a run starts over because another one is storing the same bundle. */
const MOST_CONFLICTS = 5
const CONFLICT_PAUSE_MS = 1000

/**
 * Makes sure that the bundle is in S3, and sends nothing that is already there: it looks for the key, then has S3 copy an
 * identical live tree, and only otherwise packs and sends the archive. It never overwrites and leaves no parts behind. Throws a
 * UserError for every refusal that a person can fix.
 */
export const publish = async (
  archive: Archive,
  publication: Publication,
  publishing: Publishing
): Promise<Published> => {
  const object = objectOf(archive, publication)
  const store = explaining(publishing.store, publication.location.region)
  const sent = { bytes: 0 }
  for (let conflicts = 0; ; conflicts++) {
    const there = await store.head(object)
    if (there !== undefined) return found(there, { archive, object, sent: sent.bytes })
    try {
      const { copyFrom: from } = publication
      const { store: plain, tell } = publishing
      const copied =
        from === undefined
          ? undefined
          : await copyIfSame(archive.contentHash, { object, from, store: plain, tell })
      if (copied !== undefined) return { ...copied, uploadedBytes: 0, existed: false, copied: true }
      return await send(archive, object, { ...publishing, store, sent })
    } catch (error) {
      // If the key is taken, another run stored it, or this one did and the answer was lost: the next HeadObject finds it.
      if (!(isTaken(error) || isConflict(error) || isUploadGone(error)) || conflicts >= MOST_CONFLICTS)
        throw error
      await publishing.sleep(CONFLICT_PAUSE_MS * 2 ** conflicts, publishing.signal)
    }
  }
}

const objectOf = (archive: Archive, publication: Publication): NewObject => {
  const { location, commit, subject, tags = {}, kmsKeyId } = publication
  return {
    bucket: location.bucket,
    key: location.key,
    contentType: contentType(location.bundleType),
    metadata: bundleMetadata({ commit, subject, contentHash: archive.contentHash }),
    tags,
    kmsKeyId
  }
}

const found = (
  there: StoredObject,
  { archive, object, sent }: { archive: Archive; object: NewObject; sent: number }
): Published => {
  const hash = there.metadata[CONTENT_HASH]
  if (hash !== archive.contentHash)
    throw new UserError(
      `The key ${object.key} in the bucket ${object.bucket} is taken by an object with ${hash === undefined ? 'no content hash' : `the content hash ${hash}`}, but this bundle has ${archive.contentHash}. The action does not overwrite it.`,
      'Delete that object if nothing deploys it any longer, or set another `s3-prefix`.'
    )
  const { etag, versionId, size } = there
  return { etag, versionId, size, uploadedBytes: sent, existed: sent === 0, copied: false }
}

const send = async (
  archive: Archive,
  object: NewObject,
  { store, sent, progress, signal }: Publishing & { sent: { bytes: number } }
): Promise<Published> => {
  let state: ArchiveProgress = { files: 0, bytesIn: 0, bytesOut: 0 }
  const tell = (): void => progress?.({ ...state, sent: sent.bytes })
  const chunks = archive.chunks((now) => {
    state = now
    tell()
  })
  const stored = await uploadChunks(
    chunks,
    { ...object, atMost: archive.atMost },
    {
      store,
      signal,
      sent: (bytes) => {
        sent.bytes += bytes
        tell()
      }
    }
  )
  return { ...stored, uploadedBytes: sent.bytes, existed: false, copied: false }
}
