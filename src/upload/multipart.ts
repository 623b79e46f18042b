import type { Chunk } from '../bundle/archive.js'
import { crc32Of } from '../bundle/crc32.js'
import { lanes } from '../concurrency.js'
import { factsOf } from '../domain/fault.js'
import { UserError } from '../errors.js'
import type { NewObject, ObjectStore, Part, Stored, Upload } from '../storage-port.js'
import { bodies, type OwnedBody } from './bodies.js'

const MIB = 1024 * 1024
/** Each part costs a request, so parts are larger than S3's minimum of 5 MiB. */
const LEAST_PART = 8 * MIB
/** S3's limit on the number of parts (S3 user guide: multipart upload limits). */
export const MOST_PARTS = 10_000

/** Parts sent in parallel. One connection to S3 carries 50 to 100 MB/s, so these fill 5 Gbit/s with 80 MiB in memory. */
export const AT_ONCE = 10

/** Part size, in whole MiB, for an object of at most this many bytes: 8 MiB up to 78 GiB. */
export const partSize = (atMost: number): number =>
  Math.max(LEAST_PART, Math.ceil(atMost / (MOST_PARTS - 1) / MIB) * MIB)

export interface Sending {
  store: ObjectStore
  /** Called after each request with the number of bytes it sent. */
  sent?: ((bytes: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Stores a stream of chunks as one object: in one request if it is small, otherwise in parallel parts. Only the parts being sent
 * are in memory. Throws a UserError if parts are left behind.
 */
export const uploadChunks = async (
  chunks: AsyncIterable<Chunk>,
  object: NewObject & { atMost: number },
  sending: Sending
): Promise<Stored & { size: number }> => {
  const parts = bodies(chunks, partSize(object.atMost))
  try {
    const first = await parts.next()
    if (first.done === true) throw new Error('The archive is empty, without even a table of contents.')
    if (!first.value.isLast) return await uploadParts(prepend(first.value, parts), object, sending)
    const stored = await sending.store.put(object, first.value)
    sending.sent?.(first.value.size)
    return { ...stored, size: first.value.size }
  } finally {
    // Closes the source if it was not read to its end.
    await parts.return(undefined)
  }
}

async function* prepend<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  yield first
  yield* rest
}

const uploadParts = (
  parts: AsyncIterable<OwnedBody>,
  object: NewObject,
  { store, sent, signal }: Sending
): Promise<Stored & { size: number }> =>
  inParts(object, store, async (upload, add) => {
    const whole = { size: 0, crc: 0 }
    for await (const body of parts) {
      signal?.throwIfAborted()
      whole.crc = crc32Of(whole.crc, body.crc, body.size)
      whole.size += body.size
      await add(async (number) => {
        const part = await store.part(upload, number, body)
        body.release()
        sent?.(body.size)
        return part
      })
    }
    return async (all) => ({ ...(await store.finish(upload, all, whole)), size: whole.size })
  })

/** Adds one part as soon as a lane is free, and passes its number to `work`. */
type AddPart = (work: (number: number) => Promise<Part>) => Promise<void>

/**
 * One multipart upload from beginning to end: `fill` adds the parts and returns how to finish. After any error or cancel it waits
 * for the running requests and aborts the upload, so that no part stays behind and costs money. Throws that error, or a UserError
 * if the abort fails too.
 */
export const inParts = async <T>(
  object: NewObject,
  store: ObjectStore,
  fill: (upload: Upload, add: AddPart) => Promise<(parts: Part[]) => Promise<T>>
): Promise<T> => {
  const upload = await store.begin(object)
  const lane = lanes(AT_ONCE)
  try {
    const parts: Part[] = []
    let count = 0
    const finish = await fill(upload, (work) => {
      const number = ++count
      return lane.start(async () => {
        parts[number - 1] = await work(number)
      })
    })
    await lane.done()
    return await finish(parts)
  } catch (error) {
    await lane.quiet()
    throw await abandon(upload, store, error)
  }
}

/** Aborts the upload and returns the error to throw: the first one, or one that also names the parts that stay behind. */
const abandon = async (upload: Upload, store: ObjectStore, error: unknown): Promise<unknown> => {
  try {
    await store.abort(upload)
    return error
  } catch (failure) {
    const { bucket, key, id } = upload
    const hint = failure instanceof UserError ? ` ${failure.hint}` : ''
    return new UserError(
      `${factsOf(error).message} The multipart upload could not be aborted either: ${factsOf(failure).message}`,
      `Its parts stay in the bucket and cost money. Run \`aws s3api abort-multipart-upload --bucket ${bucket} --key ${key} --upload-id ${id}\`.${hint}`,
      { cause: error }
    )
  }
}
