import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompleteMultipartUploadCommandInput,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
  type S3Client
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { startCloud, type Cloud } from '../start.js'
import { clientsOf, refusalOf } from '../wire/clients.js'
import { objectStore } from './object-store.js'

const MIB = 1024 ** 2
const parts = [Buffer.alloc(5 * MIB, 'a'), Buffer.alloc(5 * MIB + 1, 'b'), Buffer.from('end')]

let cloud: Cloud
let s3: S3Client
let Bucket = ''
beforeAll(async () => {
  cloud = await startCloud({ scripted: true, instances: 1, timeScale: 10_000 })
  s3 = clientsOf(cloud).s3
  Bucket = cloud.env['S3_BUCKET'] ?? ''
})
afterEach(() => {
  cloud.faults.clear()
})
afterAll(() => cloud.stop())

const begin = async (Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))
  const place = { Bucket, Key, UploadId }
  const send = async (number: number, Body: Buffer): Promise<CompletedPart> => {
    const sent = await s3.send(
      new UploadPartCommand({
        ...place,
        PartNumber: number,
        Body,
        ...(more.ChecksumAlgorithm === undefined ? {} : { ChecksumAlgorithm: more.ChecksumAlgorithm })
      })
    )
    const { ETag, ChecksumCRC32, ChecksumSHA256 } = sent
    return { PartNumber: number, ETag, ChecksumCRC32, ChecksumSHA256 }
  }
  const complete = (Parts: CompletedPart[], rest: Partial<CompleteMultipartUploadCommandInput> = {}) =>
    s3.send(new CompleteMultipartUploadCommand({ ...place, MultipartUpload: { Parts }, ...rest }))
  return { place, send, complete }
}

const all = async (
  send: (number: number, body: Buffer) => Promise<CompletedPart>
): Promise<CompletedPart[]> => Promise.all(parts.map((part, index) => send(index + 1, part)))

test('parts become one object, in whatever order they arrive', async () => {
  const upload = await begin('big', { Metadata: { commit: 'abc' }, ChecksumAlgorithm: 'CRC32' })
  const sent = [
    await upload.send(3, parts[2] ?? Buffer.alloc(0)),
    await upload.send(1, parts[0] ?? Buffer.alloc(0)),
    await upload.send(2, parts[1] ?? Buffer.alloc(0))
  ]
  const listed = await s3.send(new ListPartsCommand({ ...upload.place, MaxParts: 2 }))
  expect(listed.Parts?.map((part) => part.PartNumber)).toEqual([1, 2])
  expect(listed.IsTruncated).toBe(true)
  const done = await upload.complete(sent.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)))
  const digests = parts.map((part) => createHash('md5').update(part).digest())
  expect(done.ETag).toBe(`"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-3"`)
  expect(done.ChecksumCRC32).toMatch(/-3$/)
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'big' }))
  expect(head).toMatchObject({ ContentLength: 10 * MIB + 4, Metadata: { commit: 'abc' } })
  const across = await s3.send(
    new GetObjectCommand({ Bucket, Key: 'big', Range: `bytes=${5 * MIB - 2}-${5 * MIB + 1}` })
  )
  expect(await across.Body?.transformToString()).toBe('aabb')
  expect(readFileSync(objectStore(cloud.store).file(Bucket, 'big')).equals(Buffer.concat(parts))).toBe(true)
  expect(await refusalOf(upload.complete(sent))).toBe('NoSuchUpload')
})

test('a checksum over the whole object is verified at the end', async () => {
  const upload = await begin('whole', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' })
  const sent = await all(upload.send)
  expect(
    await refusalOf(upload.complete(sent, { ChecksumCRC32: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' }))
  ).toBe('BadDigest')
  const done = await upload.complete(sent, { ChecksumType: 'FULL_OBJECT' })
  expect(done).toMatchObject({ ChecksumType: 'FULL_OBJECT', ChecksumCRC32: expect.not.stringContaining('-') })
})

test.each<[string, (sent: CompletedPart[]) => CompletedPart[], string]>([
  ['a missing part', (sent) => [...sent, { PartNumber: 9, ETag: '"x"' }], 'InvalidPart'],
  ['another ETag', ([first, ...rest]) => [{ ...first, ETag: '"0"' }, ...rest], 'InvalidPart'],
  ['parts out of order', (sent) => sent.toReversed(), 'InvalidPartOrder'],
  [
    'a small part that is not the last',
    ([, , small]) => [small ?? {}, { ...small, PartNumber: 4 }],
    'EntityTooSmall'
  ]
])('a list with %s is refused', async (_name, change, expected) => {
  const upload = await begin('refused')
  const sent = [...(await all(upload.send))]
  await upload.send(4, parts[2] ?? Buffer.alloc(0))
  expect(await refusalOf(upload.complete(change(sent)))).toBe(expected)
  expect(await refusalOf(upload.complete(sent))).toBe('none')
})

test('the condition is checked when the upload is completed', async () => {
  const upload = await begin('conditional')
  const sent = await upload.send(1, Buffer.from('mine'))
  await s3.send(new PutObjectCommand({ Bucket, Key: 'conditional', Body: 'theirs' }))
  expect(await refusalOf(upload.complete([sent], { IfNoneMatch: '*' }))).toBe('PreconditionFailed')
})

test('a part lost after its confirmation is noticed at the end', async () => {
  const upload = await begin('lost')
  cloud.faults.add('UploadPart:lost-part:1:1')
  const sent = [
    await upload.send(1, parts[0] ?? Buffer.alloc(0)),
    await upload.send(2, parts[2] ?? Buffer.alloc(0))
  ]
  expect(await refusalOf(upload.complete(sent))).toBe('InvalidPart')
})

test('an aborted upload leaves nothing behind', async () => {
  const upload = await begin('aborted')
  await upload.send(1, Buffer.from('x'))
  const list = async () =>
    (await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'aborted' }))).Uploads ?? []
  expect((await list()).map((one) => one.UploadId)).toEqual([upload.place.UploadId])
  await s3.send(new AbortMultipartUploadCommand(upload.place))
  expect(await list()).toEqual([])
  expect(await refusalOf(upload.send(2, Buffer.from('x')))).toBe('NoSuchUpload')
})

test('parts can be copied from another object', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: Buffer.concat(parts) }))
  const upload = await begin('copied')
  const copy = async (PartNumber: number, CopySourceRange: string): Promise<CompletedPart> => {
    const command = new UploadPartCopyCommand({
      ...upload.place,
      PartNumber,
      CopySource: `${Bucket}/source`,
      CopySourceRange
    })
    return { PartNumber, ETag: (await s3.send(command)).CopyPartResult?.ETag }
  }
  await upload.complete([
    await copy(1, `bytes=0-${5 * MIB}`),
    await copy(2, `bytes=${5 * MIB + 1}-${10 * MIB + 3}`)
  ])
  expect(readFileSync(objectStore(cloud.store).file(Bucket, 'copied')).equals(Buffer.concat(parts))).toBe(
    true
  )
})
