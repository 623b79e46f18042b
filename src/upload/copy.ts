import { factsOf, isDenied, wordsOf } from '../domain/fault.js'
import { allowIt } from '../domain/rights.js'
import { parseRevisionKey } from '../domain/revision.js'
import type { NewObject, ObjectPlace, ObjectStore, Stored } from '../storage-port.js'
import { CONTENT_HASH } from './metadata.js'
import { inParts, MOST_PARTS } from './multipart.js'

/**
 * In one request S3 copies some 80 MB per second and sends nothing meanwhile (field report: aws-sdk-js-v3 2917). A larger object
 * is copied in parallel parts of this size, which is faster, and no request stays silent long enough to be cut. CopyObject takes
 * no source above 5 GiB (S3 user guide: copying objects).
 */
const COPY_PART = 64 * 1024 ** 2

/** The live revision, which the new one may be a copy of. */
export type CopySource = ObjectPlace & { version?: string | undefined }

export interface Copying {
  object: NewObject
  from: CopySource
  store: ObjectStore
  tell: (sentence: string) => void
}

/**
 * Has S3 copy the live revision to the new key if it has the same tree. Undefined if it has another one, or if this role may not
 * copy it: then the caller sends the bundle, and the log names the permission that would have avoided that.
 */
export const copyIfSame = async (
  contentHash: string,
  { object, from, store, tell }: Copying
): Promise<(Stored & { size: number }) | undefined> => {
  const [source, wanted] = [parseRevisionKey(from.key), parseRevisionKey(object.key)]
  if (source?.hash !== wanted?.hash || source?.bundleType !== wanted?.bundleType) return undefined
  try {
    const found = await store.head(from)
    if (found?.metadata[CONTENT_HASH] !== contentHash) return undefined
    const pinned = { ...from, etag: found.etag, versionId: found.versionId }
    const copied =
      found.size <= COPY_PART
        ? await store.copy(object, pinned)
        : await copyInParts(object, { from: pinned, size: found.size, store })
    return { ...copied, size: found.size }
  } catch (error) {
    if (!isDenied(error)) throw error
    const operation = factsOf(error).operation
    tell(
      `The live bundle ${from.key} could not be copied${operation === '' ? '' : ` (${operation})`}: ${wordsOf(error)}. Uploading the bundle instead. To let S3 copy identical bundles, ${allowIt(error)}.`
    )
    return undefined
  }
}

const copyInParts = (
  object: NewObject,
  { from, size, store }: { from: ObjectPlace & Stored; size: number; store: ObjectStore }
): Promise<Stored> =>
  inParts(object, store, async (upload, add) => {
    const step = Math.max(COPY_PART, Math.ceil(size / MOST_PARTS))
    for (let first = 0; first < size; first += step) {
      const last = Math.min(first + step, size) - 1
      await add((number) => store.copyPart(upload, number, from, [first, last]))
    }
    return (parts) => store.finishCopy(upload, parts)
  })
