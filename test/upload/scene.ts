import type { Archive } from '../../src/bundle/archive.js'
import { crc32 } from '../../src/bundle/crc32.js'
import type { NewObject, ObjectStore, StoredObject } from '../../src/storage-port.js'

export const MIB = 1024 * 1024
export const COMMIT = 'c'.repeat(40)
export const HASH = 'abcdef012345'.padEnd(64, '0')
export const OTHER_COMMIT = 'd'.repeat(40)

/** An archive of chunks of these sizes, each filled with a byte of its own; `broken` throws after some of them. */
export const archiveOf = (
  sizes: readonly number[],
  options: { contentHash?: string; broken?: { after: number; error: Error } } = {}
): Archive & { made(): number; bytes: Buffer } => {
  let made = 0
  const pieces = sizes.map((size, index) => Buffer.alloc(size, 97 + (index % 26)))
  return {
    contentHash: options.contentHash ?? HASH,
    atMost: sizes.reduce((sum, size) => sum + size, 0),
    bytes: Buffer.concat(pieces),
    made: () => made,
    chunks: async function* (progress) {
      made++
      let bytesOut = 0
      for (const [index, bytes] of pieces.entries()) {
        if (options.broken?.after === index) throw options.broken.error
        await Promise.resolve()
        bytesOut += bytes.length
        yield { bytes, crc: crc32(bytes), release: () => undefined }
        progress?.({ files: index + 1, bytesIn: bytesOut, bytesOut })
      }
    }
  }
}

/** A store in memory that records its calls; tests override the ones that must behave differently. */
export const memoryStore = (
  overrides: Partial<ObjectStore> = {}
): { store: ObjectStore; calls: string[]; objects: Map<string, StoredObject> } => {
  const calls: string[] = []
  const objects = new Map<string, StoredObject>()
  const begun = new Map<string, NewObject>()
  const keep = (object: NewObject, size: number): { etag: string } => {
    objects.set(object.key, { size, etag: '"e"', metadata: object.metadata })
    return { etag: '"e"' }
  }
  const store: ObjectStore = {
    head: ({ key }) => answer(`head ${key}`, objects.get(key)),
    put: (object, body) => answer(`put ${body.size}`, keep(object, body.size)),
    begin: (object) => {
      begun.set('id', object)
      return answer('begin', { bucket: object.bucket, key: object.key, id: 'id' })
    },
    part: (_, number, body) => answer(`part ${number} ${body.size}`, { number, etag: `"${number}"` }),
    finish: (upload, parts, whole) => {
      const object = begun.get(upload.id)
      if (object === undefined) throw new Error('no upload was begun')
      return answer(
        `finish ${parts.map(({ number }) => number).join(' ')} of ${whole.size}`,
        keep(object, whole.size)
      )
    },
    abort: () => answer('abort', undefined),
    copy: (object, from) => answer(`copy ${from.key}`, keep(object, objects.get(from.key)?.size ?? 0)),
    copyPart: (_, number, _from, [first, last]) =>
      answer(`copyPart ${number} ${first}-${last}`, { number, etag: `"${number}"` }),
    finishCopy: (_, parts) => answer(`finishCopy ${parts.length}`, { etag: '"copied"' }),
    ...overrides
  }
  const answer = <T>(call: string, value: T): Promise<T> => {
    calls.push(call)
    return Promise.resolve(value)
  }
  return { store, calls, objects }
}

/** An error like those of the SDK. */
export const refusal = (name: string, httpStatusCode: number, message = ''): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } })
