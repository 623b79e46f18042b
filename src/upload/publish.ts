import type { Archive, ArchiveProgress } from '../bundle/archive.js'
import type { BundleType } from '../domain/revision.js'
import { UserError } from '../errors.js'
import type { NewObject, ObjectPlace, ObjectStore, StoredObject } from '../ports.js'
import { copyIfSame, type CopySource } from './copy.js'
import { bundleMetadata, CONTENT_HASH, contentType } from './metadata.js'
import { uploadChunks } from './multipart.js'
import { explaining, isConflict, isTaken, isUploadGone } from './refusal.js'

/** What is to be stored where, and what is said of it. */
export interface Publication {
  location: ObjectPlace & { bundleType: BundleType; region: string }
  commit: string
  subject?: string | undefined
  tags?: Record<string, string>
  kmsKeyId?: string | undefined
  /** The live revision: when its tree is the same, S3 copies it and nothing is sent. */
  copyFrom?: CopySource | undefined
}

/** What publishing needs of the outside. */
export interface Publishing {
  store: ObjectStore
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** `sent` counts the bytes that went over the wire. */
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
  /** Bytes that were sent; 0 when the bundle was there already or was copied by S3. */
  uploadedBytes: number
  /** It was there already. */
  existed: boolean
  /** S3 copied it from the live revision. */
  copied: boolean
}

/** Two runs that store the same bundle at the same moment meet at most so often before one of them is there. */
const MOST_CONFLICTS = 5
const CONFLICT_PAUSE_MS = 1000

/**
 * Makes sure that the bundle is in S3, sending nothing that is there: the same key is found, the same tree is copied, and
 * only else is the archive made and sent. It never overwrites. Throws a UserError for every refusal that a person can mend,
 * and leaves no parts behind.
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
      // Taken means that another run, or an attempt of this one whose answer was lost, stored it: the next look finds it.
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
      `The key ${object.key} is taken in the bucket ${object.bucket} by an object with ${hash === undefined ? 'no content hash' : `the content hash ${hash}`}, and this bundle has ${archive.contentHash}. It is not overwritten.`,
      'Delete that object if nothing deploys it anymore, or set another `s3-prefix`.'
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
