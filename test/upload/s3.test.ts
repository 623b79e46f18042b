/** @jest-environment ./test/upload/real-errors.mjs */
import { createHash } from 'node:crypto'
import { GetObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { defaultTimeouts } from '../../src/edge/client-config.js'
import { systemClock } from '../../src/edge/clock.js'
import { objectStore, sendingClient } from '../../src/edge/s3.js'
import { type Publication, publish } from '../../src/upload/publish.js'
import { type Cloud, startCloud } from '../cloud/start.js'
import { administrator, clientsOf } from '../cloud/wire/clients.js'
import { archiveOf, HASH, MIB } from './scene.js'

// All the way over the network to the local cloud's S3, which checks signatures, CRCs, sizes and conditions.

const REGION = 'ap-northeast-2'
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud({ scripted: true, instances: 1, timeScale: 10_000 })
  process.env['AWS_ENDPOINT_URL'] = cloud.url
})
afterEach(() => {
  cloud.faults.clear()
})
afterAll(async () => {
  delete process.env['AWS_ENDPOINT_URL']
  await cloud.stop()
})

const storeOf = (signal?: AbortSignal) => {
  const credentials = () => Promise.resolve(administrator(cloud))
  // Pauses between attempts take no time here; retry.test.ts tests their length.
  const clock = { ...systemClock, sleep: () => Promise.resolve() }
  return objectStore(sendingClient(REGION, { credentials }, defaultTimeouts), {
    patience: { clock, patienceMs: 60_000, signal },
    expectedOwner: undefined
  })
}

let count = 0
const place = (more: Partial<Publication> = {}): Publication => {
  const commit = (++count).toString(16).padStart(40, '0')
  return {
    location: {
      bucket: cloud.env['S3_BUCKET'] ?? '',
      key: `p/app/${commit}-${HASH.slice(0, 12)}.zip`,
      bundleType: 'zip',
      region: REGION
    },
    commit,
    ...more
  }
}
const send = (publication: Publication, archive = archiveOf([1000]), signal?: AbortSignal) =>
  publish(archive, publication, {
    ...{ store: storeOf(signal), signal },
    ...{ sleep: () => Promise.resolve(), tell: () => undefined }
  })

const versionOf = ({ location: { bucket, key } }: Publication) =>
  cloud.store.buckets.get(bucket)?.objects.get(key)?.[0]

const readBack = async ({ location: { bucket, key } }: Publication): Promise<Uint8Array> => {
  const { Body } = await clientsOf(cloud).s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  return (await Body?.transformToByteArray()) ?? new Uint8Array()
}

const openUploads = async (): Promise<number> => {
  const { Uploads } = await clientsOf(cloud).s3.send(
    new ListMultipartUploadsCommand({ Bucket: cloud.env['S3_BUCKET'] })
  )
  return (Uploads ?? []).length
}

const large = () => archiveOf(Array.from({ length: 30 }, () => 700_000))

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('a bundle arrives', () => {
  test.each([
    ['in one request', archiveOf([1000, 20])],
    ['in parts', large()]
  ])('%s, with its metadata and tags', async (_, archive) => {
    const publication = place({ subject: 'Größer & schöner', tags: { team: 'web', 'cost center': 'a/b' } })
    const published = await send(publication, archive)
    expect(published).toMatchObject({ size: archive.bytes.length, uploadedBytes: archive.bytes.length })
    const there = await storeOf().head(publication.location)
    expect(there).toMatchObject({
      etag: published.etag,
      versionId: published.versionId,
      size: archive.bytes.length,
      metadata: {
        commit: publication.commit,
        'content-sha256': HASH,
        subject: 'Gr%C3%B6%C3%9Fer%20%26%20sch%C3%B6ner'
      }
    })
    const version = versionOf(publication)
    expect(version?.checksum).toMatchObject({ algorithm: 'CRC32', type: 'FULL_OBJECT' })
    expect(version?.tags).toEqual([
      ['team', 'web'],
      ['cost center', 'a/b']
    ])
    expect(sha256(await readBack(publication))).toBe(sha256(archive.bytes))
    expect(await send(publication, archive)).toMatchObject({ existed: true, uploadedBytes: 0 })
  })

  test('as a copy of the live revision, with no bytes sent', async () => {
    const live = place()
    await send(live, large())
    const next = place({ copyFrom: live.location })
    const published = await send(next, large())
    expect(published).toMatchObject({ copied: true, uploadedBytes: 0, size: 21_000_000 })
    expect((await storeOf().head(next.location))?.metadata['commit']).toBe(next.commit)
  })
})

describe('a large live revision is copied in parts', () => {
  const huge = archiveOf(Array.from({ length: 65 }, () => MIB))
  let live: Publication
  beforeAll(async () => {
    live = place()
    await send(live, huge)
  })
  const copyOf = (fault?: string, signal?: AbortSignal) => {
    cloud.requests.length = 0
    if (fault !== undefined) cloud.faults.add(fault)
    const next = place({ copyFrom: live.location })
    return { next, publishing: send(next, huge, signal) }
  }
  const asked = (): string[] => cloud.requests.map(({ operation }) => operation)

  test('completely, with one checksum and its own metadata, with no bytes sent', async () => {
    const { next, publishing } = copyOf()
    expect(await publishing).toMatchObject({ copied: true, uploadedBytes: 0, size: 65 * MIB })
    expect(asked().filter((operation) => operation === 'UploadPartCopy')).toHaveLength(2)
    expect(asked()).not.toContain('UploadPart')
    expect(versionOf(next)).toMatchObject({
      checksum: { algorithm: 'CRC32', type: 'FULL_OBJECT', value: versionOf(live)?.checksum?.value },
      size: 65 * MIB
    })
    expect((await storeOf().head(next.location))?.metadata['commit']).toBe(next.commit)
    expect(sha256(await readBack(next))).toBe(sha256(huge.bytes))
  })

  test.each(['throttle:2', 'reset-after', '500-json', 'truncate'])(
    'completely, even after UploadPartCopy:%s',
    async (kind) => {
      const { next, publishing } = copyOf(`UploadPartCopy:${kind}`)
      expect(await publishing).toMatchObject({ copied: true, uploadedBytes: 0 })
      expect(versionOf(next)?.checksum?.value).toBe(versionOf(live)?.checksum?.value)
      expect(await openUploads()).toBe(0)
    }
  )

  test('until a cancel, and no upload stays open', async () => {
    const cancel = new AbortController()
    const { publishing } = copyOf('UploadPartCopy:hang:forever', cancel.signal)
    while (!asked().includes('UploadPartCopy')) await new Promise(setImmediate)
    cancel.abort(new Error('canceled'))
    await expect(publishing).rejects.toThrow('canceled')
    expect(asked()).toContain('AbortMultipartUpload')
    expect(await openUploads()).toBe(0)
  })

  test('unless that is denied: then it is sent, and no upload stays open', async () => {
    const { next, publishing } = copyOf('UploadPartCopy:access-denied:forever')
    expect(await publishing).toMatchObject({ copied: false, uploadedBytes: 65 * MIB })
    expect(versionOf(next)?.size).toBe(65 * MIB)
    expect(await openUploads()).toBe(0)
  })
})

describe('faults during an upload', () => {
  const faults = [
    'UploadPart:throttle:2',
    'UploadPart:slow-down:3',
    'UploadPart:500-json:1:1',
    'UploadPart:503-html',
    'UploadPart:reset-before:2',
    'UploadPart:reset-after',
    'UploadPart:truncate',
    'CreateMultipartUpload:503-empty',
    'CompleteMultipartUpload:reset-after',
    'CompleteMultipartUpload:500-json',
    'CompleteMultipartUpload:conflict-409',
    'HeadObject:throttle:2'
  ]
  test.each(faults)('%s: the bundle is still stored, once, and no upload stays open', async (fault) => {
    cloud.faults.add(fault)
    const publication = place()
    const published = await send(publication, large())
    expect(published.size).toBe(21_000_000)
    expect(versionOf(publication)?.size).toBe(21_000_000)
    expect(
      cloud.store.buckets.get(publication.location.bucket)?.objects.get(publication.location.key)
    ).toHaveLength(1)
    expect(await openUploads()).toBe(0)
  })

  test.each([
    'PutObject:reset-after',
    'PutObject:slow-down:2',
    'PutObject:conflict-409',
    'PutObject:precondition-412'
  ])('%s: a small bundle is still stored', async (fault) => {
    cloud.faults.add(fault)
    const publication = place()
    await send(publication)
    expect(versionOf(publication)?.size).toBe(1000)
  })

  test('a part that is always refused ends it, and no upload stays open', async () => {
    cloud.faults.add('UploadPart:access-denied:forever')
    await expect(send(place(), large())).rejects.toThrow(/S3 refused UploadPart/)
    expect(await openUploads()).toBe(0)
  })

  test('an archive that fails halfway leaves nothing behind', async () => {
    const publication = place()
    const broken = archiveOf(
      Array.from({ length: 30 }, () => 700_000),
      {
        broken: { after: 25, error: new Error('a file changed') }
      }
    )
    await expect(send(publication, broken)).rejects.toThrow('a file changed')
    expect(versionOf(publication)).toBeUndefined()
    expect(await openUploads()).toBe(0)
  })
})

test('a bucket that does not exist', async () => {
  const publication = place()
  publication.location.bucket = 'no-such-bucket-here'
  await expect(send(publication)).rejects.toThrow(/there is no such bucket/)
})
