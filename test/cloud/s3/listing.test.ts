import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startCloud, type Cloud } from '../start.js'
import { clientsOf, refusalOf } from '../wire/clients.js'

const KEYS = [
  'a/1.zip',
  'a/2.zip',
  'a/b/3.zip',
  'a/b/4.zip',
  'a/한글 & <x>.zip',
  'b.zip',
  'b/\u{1F600}',
  'b/\uFF21'
]

let cloud: Cloud
let s3: S3Client
let Bucket = ''
beforeAll(async () => {
  cloud = await startCloud({ scripted: true, instances: 1, timeScale: 10_000, pageSize: 3 })
  s3 = clientsOf(cloud).s3
  Bucket = cloud.env['S3_BUCKET'] ?? ''
  for (const Key of KEYS.toReversed()) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
})
afterAll(() => cloud.stop())

type Wishes = {
  Prefix?: string
  Delimiter?: string
  StartAfter?: string
  MaxKeys?: number
  EncodingType?: 'url'
}

const list = async (wishes: Wishes): Promise<{ names: string[]; pages: number }> => {
  const names: string[] = []
  let ContinuationToken: string | undefined
  let pages = 0
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ...wishes, ContinuationToken }))
    expect(page.KeyCount).toBe((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0))
    names.push(
      ...(page.Contents ?? []).map((one) => one.Key ?? ''),
      ...(page.CommonPrefixes ?? []).map((one) => one.Prefix ?? '')
    )
    ContinuationToken = page.NextContinuationToken
    pages += 1
  } while (ContinuationToken !== undefined)
  return { names, pages }
}

test.each<[string, Wishes, string[], number]>([
  ['all, ordered by their bytes', {}, [...KEYS.slice(0, 6), 'b/\uFF21', 'b/\u{1F600}'], 3],
  ['below a prefix', { Prefix: 'a/b/' }, ['a/b/3.zip', 'a/b/4.zip'], 1],
  ['below a prefix that is part of a name', { Prefix: 'a/1' }, ['a/1.zip'], 1],
  ['folded', { Prefix: 'a/', Delimiter: '/' }, ['a/1.zip', 'a/2.zip', 'a/b/', 'a/한글 & <x>.zip'], 2],
  [
    'after a key',
    { StartAfter: 'a/b/3.zip', MaxKeys: 2 },
    ['a/b/4.zip', 'a/한글 & <x>.zip', 'b.zip', 'b/\uFF21', 'b/\u{1F600}'],
    3
  ],
  ['nothing', { Prefix: 'zzz' }, [], 1]
])('%s', async (_name, wishes, names, pages) => {
  expect(await list(wishes)).toEqual({ names, pages })
})

test('keys are escaped on request', async () => {
  expect((await list({ Prefix: 'a/한', EncodingType: 'url' })).names).toEqual([
    'a/%ED%95%9C%EA%B8%80+%26+%3Cx%3E.zip'
  ])
})

test('an unknown token is refused', async () => {
  expect(await refusalOf(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'x' })))).toBe(
    'InvalidArgument'
  )
})

test('versions and delete markers come newest first, through all pages', async () => {
  const Key = 'versions/k'
  for (const Body of ['1', '2', '3']) await s3.send(new PutObjectCommand({ Bucket, Key, Body }))
  await s3.send(new DeleteObjectCommand({ Bucket, Key }))
  const first = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }))
  expect(first).toMatchObject({ IsTruncated: true, DeleteMarkers: [{ Key, IsLatest: true }] })
  const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first
  const second = await s3.send(
    new ListObjectVersionsCommand({ Bucket, Prefix: Key, KeyMarker, VersionIdMarker })
  )
  expect(second.IsTruncated).toBe(false)
  const ids = [first, second].flatMap((page) => page.Versions?.map((version) => version.VersionId) ?? [])
  expect(new Set(ids).size).toBe(3)
})
