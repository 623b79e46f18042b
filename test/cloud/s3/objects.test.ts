import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import {
  ChecksumAlgorithm,
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startCloud, type Cloud } from '../start.js'
import { clientsOf, refusalOf } from '../wire/clients.js'
import { objectStore } from './object-store.js'

let cloud: Cloud
let s3: S3Client
let Bucket = ''
beforeAll(async () => {
  cloud = await startCloud({ scripted: true, instances: 1, timeScale: 10_000 })
  s3 = clientsOf(cloud).s3
  Bucket = cloud.env['S3_BUCKET'] ?? ''
})
afterAll(() => cloud.stop())

const put = (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
const content = async (Key: string, more: { Range?: string; VersionId?: string } = {}): Promise<string> =>
  (await (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString()) ?? ''

describe('an object', () => {
  test('is returned with its bytes, metadata, encryption and tags', async () => {
    const KMSKeyId = 'arn:aws:kms:ap-northeast-2:123456789012:key/1'
    const written = await put('full', 'hello', {
      Metadata: { commit: 'abc' },
      ContentType: 'text/plain',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: KMSKeyId,
      Tagging: 'a=1&b=%ED%95%9C'
    })
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'full', ChecksumMode: 'ENABLED' }))
    expect(head).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      Metadata: { commit: 'abc' },
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: KMSKeyId,
      VersionId: written.VersionId,
      ETag: written.ETag,
      ChecksumCRC32: 'NhCmhg==',
      ChecksumType: 'FULL_OBJECT'
    })
    const tags = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'full' }))
    expect(tags.TagSet).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '한' }
    ])
    expect(await content('full')).toBe('hello')
  })

  test('has the MD5 as ETag, unless KMS encrypts it', async () => {
    expect((await put('md5', 'hello')).ETag).toBe('"5d41402abc4b2a76b9719d911017c592"')
    expect((await put('kms', 'hello', { ServerSideEncryption: 'aws:kms' })).ETag).not.toBe(
      '"5d41402abc4b2a76b9719d911017c592"'
    )
  })

  test.each([
    ['bytes=0-1', 'he'],
    ['bytes=3-', 'lo'],
    ['bytes=-2', 'lo'],
    ['bytes=4-99', 'o']
  ])('is read in the range %s', async (Range, expected) => {
    await put('range', 'hello')
    expect(await content('range', { Range })).toBe(expected)
  })

  test('has no range beyond its end', async () => {
    await put('range', 'hello')
    expect(await refusalOf(content('range', { Range: 'bytes=5-' }))).toBe('InvalidRange')
  })

  test('can be empty, or a stream in aws-chunked encoding', async () => {
    await put('empty', '')
    expect(await content('empty')).toBe('')
    const stream = Readable.from([Buffer.alloc(100_000, 'a'), Buffer.alloc(100_000, 'b')])
    await s3.send(new PutObjectCommand({ Bucket, Key: 'stream', Body: stream, ContentLength: 200_000 }))
    expect(await content('stream', { Range: 'bytes=99999-100000' })).toBe('ab')
  })

  test.each(Object.values(ChecksumAlgorithm).filter((one) => /^(CRC32|CRC32C|SHA1|SHA256)$/.test(one)))(
    'is verified by its %s',
    async (ChecksumAlgorithm) => {
      const member = `Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32'
      const written = await put('sum', 'hello', { ChecksumAlgorithm })
      expect(written[member]).toMatch(/=$/)
      const wrong = Buffer.alloc(Buffer.from(written[member] ?? '', 'base64').length).toString('base64')
      expect(await refusalOf(put('sum', 'hello', { [member]: wrong }))).toBe('BadDigest')
    }
  )
})

describe('a conditional write', () => {
  test('never replaces an existing object', async () => {
    await put('once', 'first')
    await expect(put('once', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 }
    })
    expect(await content('once')).toBe('first')
  })

  test('lets only one of two win', async () => {
    const both = await Promise.all(
      ['a', 'b'].map((body) => refusalOf(put('race', body, { IfNoneMatch: '*' })))
    )
    expect(both.sort()).toEqual(['PreconditionFailed', 'none'])
  })

  test('can ask for a version to replace', async () => {
    const { ETag } = await put('match', 'first')
    expect(await refusalOf(put('match', 'second', { IfMatch: ETag ?? '' }))).toBe('none')
    expect(await refusalOf(put('match', 'third', { IfMatch: ETag ?? '' }))).toBe('PreconditionFailed')
    expect(await refusalOf(put('nothing', 'x', { IfMatch: ETag ?? '' }))).toBe('NoSuchKey')
  })
})

describe('versions', () => {
  test('stay readable when the object is replaced or deleted', async () => {
    const first = await put('kept', 'first')
    await put('kept', 'second')
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'kept' }))
    expect(deleted.DeleteMarker).toBe(true)
    expect(await refusalOf(content('kept'))).toBe('NoSuchKey')
    expect(await content('kept', { VersionId: first.VersionId ?? '' })).toBe('first')
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'kept', VersionId: deleted.VersionId }))
    expect(await content('kept')).toBe('second')
    expect(await refusalOf(content('kept', { VersionId: 'none' }))).toBe('NoSuchVersion')
  })

  test('are not kept if the bucket has no versioning', async () => {
    const unversioned = { Bucket: `${Bucket}-unversioned`, Key: 'k' }
    expect((await s3.send(new PutObjectCommand({ ...unversioned, Body: '1' }))).VersionId).toBeUndefined()
    await s3.send(
      new DeleteObjectsCommand({ Bucket: unversioned.Bucket, Delete: { Objects: [{ Key: 'k' }] } })
    )
    expect(await refusalOf(s3.send(new HeadObjectCommand(unversioned)))).toBe('NotFound')
  })
})

describe('a copy', () => {
  test('keeps bytes and metadata, and can be conditional', async () => {
    await put('한 글', 'hello', { Metadata: { commit: 'abc' } })
    const CopySource = encodeURIComponent(`${Bucket}/한 글`)
    const copy = new CopyObjectCommand({ Bucket, Key: 'copy', CopySource, IfNoneMatch: '*' })
    expect((await s3.send(copy)).CopyObjectResult?.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"')
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }))).Metadata).toEqual({
      commit: 'abc'
    })
    expect(await refusalOf(s3.send(copy))).toBe('PreconditionFailed')
    const other = new CopyObjectCommand({ Bucket, Key: 'c2', CopySource, CopySourceIfMatch: '"other"' })
    expect(await refusalOf(s3.send(other))).toBe('PreconditionFailed')
  })
})

describe('a bucket', () => {
  const ask = (name: string, region?: string): Promise<string> =>
    refusalOf(
      clientsOf(cloud, region === undefined ? {} : { region }).s3.send(
        new GetObjectCommand({ Bucket: name, Key: 'k' })
      )
    )

  test.each([
    ['that does not exist', 'nobody-has-this', undefined, 'NoSuchBucket'],
    ['in another account', 'example-revisions-foreign', undefined, 'AccessDenied'],
    ['in another region', 'example-revisions-elsewhere', undefined, 'PermanentRedirect'],
    ['called in its own region', 'example-revisions-elsewhere', 'us-west-2', 'NoSuchKey']
  ])('%s', async (_name, name, region, expected) => {
    expect(await ask(name, region)).toBe(expected)
  })

  test('refuses callers that expect another owner', async () => {
    expect(await refusalOf(put('owned', 'x', { ExpectedBucketOwner: '999999999999' }))).toBe('AccessDenied')
    expect(await refusalOf(put('owned', 'x', { ExpectedBucketOwner: '123456789012' }))).toBe('none')
  })

  test('can be created, and shows its region and its versioning', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'fresh-one' }))
    expect(await refusalOf(s3.send(new CreateBucketCommand({ Bucket: 'fresh-one' })))).toBe(
      'BucketAlreadyOwnedByYou'
    )
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: 'fresh-one' }))).Status).toBeUndefined()
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await s3.send(new PutBucketVersioningCommand({ Bucket: 'fresh-one', VersioningConfiguration }))
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: 'fresh-one' }))).Status).toBe('Enabled')
    const where = await s3.send(new GetBucketLocationCommand({ Bucket: 'fresh-one' }))
    expect(where.LocationConstraint).toBe('ap-northeast-2')
    expect((await s3.send(new HeadBucketCommand({ Bucket: 'fresh-one' }))).BucketRegion).toBe(
      'ap-northeast-2'
    )
    const names = (await s3.send(new ListBucketsCommand({}))).Buckets?.map((bucket) => bucket.Name)
    expect(names).toContain('fresh-one')
    expect(names).not.toContain('example-revisions-foreign')
  })
})

test('machines find an object as one file, by version', async () => {
  const { VersionId = '' } = await put('for-machines', 'first')
  await put('for-machines', 'second')
  const objects = objectStore(cloud.store)
  expect(objects.head(Bucket, 'for-machines', VersionId)).toEqual({
    etag: '8b04d5e3775d298e78455efc5ca404d5',
    size: 5,
    versionId: VersionId
  })
  expect(readFileSync(objects.file(Bucket, 'for-machines', VersionId), 'utf8')).toBe('first')
  expect(readFileSync(objects.file(Bucket, 'for-machines'), 'utf8')).toBe('second')
  expect(objects.head(Bucket, 'missing')).toBeUndefined()
  expect(() => objects.file(Bucket, 'missing')).toThrow('The specified key does not exist.')
})
