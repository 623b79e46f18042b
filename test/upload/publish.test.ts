import { describe, expect, test } from '@jest/globals'
import type { ObjectStore } from '../../src/storage-port.js'
import { type Publication, publish } from '../../src/upload/publish.js'
import { archiveOf, COMMIT, HASH, memoryStore, MIB, OTHER_COMMIT, refusal } from './scene.js'

const KEY = `p/app/${COMMIT}-${HASH.slice(0, 12)}.zip`
const LIVE = `p/app/${OTHER_COMMIT}-${HASH.slice(0, 12)}.zip`
const publication: Publication = {
  location: { bucket: 'b', key: KEY, bundleType: 'zip', region: 'eu-central-1' },
  commit: COMMIT
}
const run = (store: ObjectStore, more: Partial<Publication> = {}, archive = archiveOf([1000])) => {
  const [slept, told]: [number[], string[]] = [[], []]
  const tell = (sentence: string) => void told.push(sentence)
  const sleep = (ms: number) => {
    slept.push(ms)
    return Promise.resolve()
  }
  return publish(archive, { ...publication, ...more }, { store, sleep, tell }).then((published) => ({
    ...published,
    slept,
    told
  }))
}
const stored = (size: number, hash = HASH) => ({
  size,
  etag: '"live"',
  versionId: 'v1',
  metadata: { 'content-sha256': hash }
})

describe('nothing is sent twice', () => {
  test('the key exists: nothing is even packed', async () => {
    const { store, calls, objects } = memoryStore()
    objects.set(KEY, stored(77))
    const archive = archiveOf([1000])
    expect(await run(store, {}, archive)).toMatchObject({
      existed: true,
      copied: false,
      uploadedBytes: 0,
      size: 77,
      etag: '"live"',
      versionId: 'v1'
    })
    expect(calls).toEqual([`head ${KEY}`])
    expect(archive.made()).toBe(0)
  })

  test('the live revision has the same tree: S3 copies it', async () => {
    const { store, calls, objects } = memoryStore()
    objects.set(LIVE, stored(64 * MIB))
    expect(await run(store, { copyFrom: { bucket: 'b', key: LIVE } })).toMatchObject({
      existed: false,
      copied: true,
      uploadedBytes: 0,
      size: 64 * MIB
    })
    expect(calls.slice(1)).toEqual([`head ${LIVE}`, `copy ${LIVE}`])
  })

  test('a large one is copied in parallel parts', async () => {
    const { store, calls, objects } = memoryStore()
    const part = 64 * MIB
    const size = 2 * part + 1
    objects.set(LIVE, stored(size))
    expect(await run(store, { copyFrom: { bucket: 'b', key: LIVE } })).toMatchObject({ copied: true, size })
    expect(calls.slice(2)).toEqual([
      'begin',
      `copyPart 1 0-${part - 1}`,
      `copyPart 2 ${part}-${2 * part - 1}`,
      `copyPart 3 ${2 * part}-${2 * part}`,
      'finishCopy 3'
    ])
  })

  test('one of 5 TB is copied in no more than 10,000 parts, none above 5 GiB', async () => {
    const { store, calls, objects } = memoryStore()
    const size = 5 * 1024 ** 4
    objects.set(LIVE, stored(size))
    await run(store, { copyFrom: { bucket: 'b', key: LIVE } })
    const ranges = calls.flatMap((call) => {
      const [, first, last] = /^copyPart \d+ (\d+)-(\d+)$/.exec(call) ?? []
      return last === undefined ? [] : [{ first: Number(first), last: Number(last) }]
    })
    expect(ranges.length).toBeLessThanOrEqual(10_000)
    expect(ranges.at(-1)?.last).toBe(size - 1)
    for (const [at, { first, last }] of ranges.entries()) {
      expect(first).toBe((ranges[at - 1]?.last ?? -1) + 1)
      expect(last - first).toBeLessThan(5 * 1024 ** 3)
    }
  })

  const others: [name: string, key: string, hash: string][] = [
    ['another tree', `p/app/${OTHER_COMMIT}-${'0'.repeat(12)}.zip`, HASH],
    ['another type', LIVE.replace('.zip', '.tgz'), HASH],
    ['only the same prefix of the hash', LIVE, HASH.replace(/0$/, '1')],
    ['a foreign key', 'releases/app.zip', HASH]
  ]
  test.each(others)('%s is live: the bundle is sent', async (_, key, hash) => {
    const { store, calls, objects } = memoryStore()
    objects.set(key, stored(77, hash))
    expect(await run(store, { copyFrom: { bucket: 'b', key } })).toMatchObject({
      copied: false,
      uploadedBytes: 1000
    })
    expect(calls.at(-1)).toBe('put 1000')
  })

  test('the role may not copy the live one: the bundle is sent', async () => {
    const { store, objects } = memoryStore({ copy: () => Promise.reject(refusal('AccessDenied', 403)) })
    objects.set(LIVE, stored(77))
    const { uploadedBytes, told } = await run(store, { copyFrom: { bucket: 'b', key: LIVE } })
    expect(uploadedBytes).toBe(1000)
    expect(told).toEqual([
      expect.stringContaining('Uploading the bundle instead. To let S3 copy identical bundles, ')
    ])
  })
})

describe('two runs at once', () => {
  test('the other one was first: its bundle is used', async () => {
    const { store, objects } = memoryStore({
      put: () => {
        objects.set(KEY, stored(77))
        return Promise.reject(refusal('PreconditionFailed', 412))
      }
    })
    expect(await run(store)).toMatchObject({ existed: true, uploadedBytes: 0, size: 77, slept: [1000] })
  })

  test('the answer to its own upload was lost: the stored bundle is its own', async () => {
    const { store, objects } = memoryStore({
      finish: () => {
        objects.set(KEY, stored(9 * MIB))
        return Promise.reject(refusal('NoSuchUpload', 404))
      }
    })
    const archive = archiveOf(Array.from({ length: 9 }, () => MIB))
    expect(await run(store, {}, archive)).toMatchObject({ existed: false, uploadedBytes: 9 * MIB })
  })

  test('a conflict: the upload starts over after a pause', async () => {
    let conflicts = 0
    const whole = memoryStore()
    const { store } = memoryStore({
      put: (object, body) =>
        ++conflicts <= 2
          ? Promise.reject(refusal('ConditionalRequestConflict', 409))
          : whole.store.put(object, body)
    })
    const archive = archiveOf([1000])
    expect(await run(store, {}, archive)).toMatchObject({ uploadedBytes: 1000, slept: [1000, 2000] })
    expect(archive.made()).toBe(3)
  })

  test('endless conflicts are an error', async () => {
    const conflict = refusal('ConditionalRequestConflict', 409)
    let puts = 0
    const { store } = memoryStore({
      put: () => {
        puts++
        return Promise.reject(conflict)
      }
    })
    await expect(run(store)).rejects.toBe(conflict)
    expect(puts).toBe(6)
  })

  test('a refusal that has nothing to do with another run is not repeated', async () => {
    let puts = 0
    const { store } = memoryStore({
      put: () => {
        puts++
        return Promise.reject(refusal('AccessDenied', 403))
      }
    })
    await expect(run(store)).rejects.toThrow('S3 refused PutObject')
    expect(puts).toBe(1)
  })
})

test.each([
  ['no content hash', {}],
  [`the content hash ${'f'.repeat(64)}`, { 'content-sha256': 'f'.repeat(64) }]
])('an object with %s under the same key is neither accepted nor overwritten', async (what, metadata) => {
  const { store, calls, objects } = memoryStore()
  objects.set(KEY, { ...stored(77), metadata })
  await expect(run(store)).rejects.toMatchObject({
    message: expect.stringContaining(
      `The key ${KEY} in the bucket b is taken by an object with ${what}, but this bundle has ${HASH}.`
    ),
    hint: expect.stringContaining('`s3-prefix`')
  })
  expect(calls).toEqual([`head ${KEY}`])
})

test('a bundle in a bucket without versions has no version to pin', async () => {
  const { store, objects } = memoryStore()
  objects.set(KEY, { size: 77, etag: '"e"', metadata: { 'content-sha256': HASH } })
  expect((await run(store)).versionId).toBeUndefined()
})

test('the progress counts the packed bytes and ends with all bytes sent', async () => {
  const { store } = memoryStore()
  const seen: { files: number; bytesOut: number; sent: number }[] = []
  const options = { store, sleep: () => Promise.resolve(), tell: () => undefined }
  await publish(archiveOf([600, 400]), publication, { ...options, progress: (state) => seen.push(state) })
  expect(seen.map(({ files, bytesOut, sent }) => [files, bytesOut, sent])).toEqual([
    [1, 600, 0],
    [2, 1000, 0],
    [2, 1000, 1000]
  ])
})

describe('a refusal is explained', () => {
  const cases: [name: string, error: Error, message: RegExp, hint: RegExp][] = [
    [
      'no permission',
      refusal('AccessDenied', 403, 'no'),
      /refused PutObject of p\/app\/c/,
      /s3:PutObject, as docs\/iam\/action-policy.json does; and s3:PutObjectTagging, as docs\/iam\/optional-object-tags.json does/
    ],
    ['no bucket', refusal('NoSuchBucket', 404), /there is no such bucket/, /Correct `s3-bucket`/],
    [
      'another region',
      Object.assign(refusal('PermanentRedirect', 301), {
        $response: { headers: { 'x-amz-bucket-region': 'us-west-2' } }
      }),
      /not in the region eu-central-1 but in us-west-2/,
      /region of the instances/
    ],
    [
      'no such KMS key',
      refusal('KMS.NotFoundException', 400, 'Key arn:x does not exist'),
      /KMS.NotFoundException: Key arn:x/,
      /Check that the key/
    ]
  ]
  test.each(cases)('%s', async (_, error, message, hint) => {
    const { store } = memoryStore({ put: () => Promise.reject(error) })
    await expect(run(store, { tags: { team: 'web' } })).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
      cause: error
    })
  })

  test('a forbidden HEAD may mean that listing is forbidden', async () => {
    const { store } = memoryStore({ head: () => Promise.reject(refusal('403', 403)) })
    await expect(run(store)).rejects.toMatchObject({ hint: expect.stringContaining('s3:ListBucket') })
  })

  test('a message from IAM that names the permission leaves nothing to guess', async () => {
    const words =
      'User: arn:x is not authorized to perform: kms:GenerateDataKey on resource: arn:y because no identity-based policy allows it'
    const { store } = memoryStore({ put: () => Promise.reject(refusal('AccessDenied', 403, words)) })
    await expect(run(store, { kmsKeyId: 'arn:y' })).rejects.toMatchObject({
      hint: expect.stringContaining(
        'allow the role kms:GenerateDataKey, as docs/iam/optional-kms-key.json does.'
      )
    })
  })

  test('with a KMS key its permissions are named too', async () => {
    const { store } = memoryStore({ put: () => Promise.reject(refusal('AccessDenied', 403)) })
    await expect(run(store, { kmsKeyId: 'alias/x' })).rejects.toMatchObject({
      hint: expect.stringContaining('kms:GenerateDataKey')
    })
  })
})
