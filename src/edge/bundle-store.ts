import type { BundleStore, StoredBundle } from '../storage-port.js'
import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type S3Client
} from '@aws-sdk/client-s3'
import { factsOf } from '../domain/fault.js'
import type { StoredLocation } from '../domain/revision.js'
import { aborting } from './client-config.js'
import { type RetryPolicy, retrying } from './retry.js'

/** The bundles in S3, read-only, for a rollback and the history. */
export const bundleStore = (
  client: S3Client,
  {
    patience,
    bucket,
    expectedOwner
  }: { patience: RetryPolicy; bucket: string; expectedOwner?: string | undefined }
): BundleStore => {
  const owner = { ExpectedBucketOwner: expectedOwner }

  const page = (prefix: string, token: string | undefined) =>
    retrying(
      'ListObjectsV2',
      (signal) =>
        client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token, ...owner }),
          aborting(signal)
        ),
      patience
    )

  const head = (location: StoredLocation) =>
    retrying(
      'HeadObject',
      (signal) =>
        headObject(
          client,
          { Bucket: location.bucket, Key: location.key, VersionId: location.version, ...owner },
          aborting(signal)
        ),
      patience
    )

  return {
    list: async (prefix, isEnough = () => false) => {
      const found: StoredBundle[] = []
      for (let token: string | undefined; ;) {
        const answer = await page(prefix, token)
        for (const { Key, LastModified } of answer.Contents ?? [])
          if (Key !== undefined) found.push({ key: Key, lastModified: LastModified ?? new Date(0) })
        if (answer.NextContinuationToken === undefined || isEnough(found)) return found
        token = answer.NextContinuationToken
      }
    },
    pin: async (location) => {
      try {
        const { ETag, VersionId } = await head(location)
        if (ETag === undefined) return undefined
        // The caller spreads this over a location, so an absent version must stay absent.
        return VersionId === undefined ? { etag: ETag } : { etag: ETag, version: VersionId }
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    }
  }
}

/** 404: no such object or version. 405: the version is a delete marker. InvalidArgument: the version id is not from this bucket. */
const isGone = (error: unknown): boolean => {
  const { httpStatus, name } = factsOf(error)
  return httpStatus === 404 || httpStatus === 405 || name === 'InvalidArgument'
}

/** Bad or expired credentials, a wrong clock or a policy: S3 says which only in the body, and HEAD has none. */
const MUTE = new Set([400, 403])

/**
 * HeadObject with an error message: on a 400 or 403 (API: HeadObject, "a generic code, no exception can be determined") it reads
 * one byte, which needs the same permission, and throws the error of that. If the read works, the error is one to retry.
 */
export const headObject = async (
  client: S3Client,
  input: HeadObjectCommandInput,
  options: { abortSignal?: AbortSignal } = {}
): Promise<HeadObjectCommandOutput> => {
  try {
    return await client.send(new HeadObjectCommand(input), options)
  } catch (error) {
    if (!MUTE.has(factsOf(error).httpStatus ?? 0)) throw error
    await readOneByte(client, input, options)
    // The read worked, so the refusal was temporary.
    throw Object.assign(new Error('HeadObject was refused, but the object can be read'), {
      name: 'RequestTimeout'
    })
  }
}

const readOneByte = async (
  client: S3Client,
  input: HeadObjectCommandInput,
  options: { abortSignal?: AbortSignal }
): Promise<void> => {
  const { Body } = await client.send(new GetObjectCommand({ ...input, Range: 'bytes=0-0' }), options)
  await Body?.transformToByteArray()
}
