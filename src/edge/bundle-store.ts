import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { factsOf } from '../domain/fault.js'
import type { StoredLocation } from '../domain/revision.js'
import type { BundleStore, StoredBundle } from '../steps/locate.js'
import { headObject } from './head-object.js'
import { patiently, type Patience } from './retry.js'

/** The bundles in S3, as a rollback and the history look at them: read only. */
export const bundleStore = (
  client: S3Client,
  {
    patience,
    bucket,
    expectedOwner
  }: { patience: Patience; bucket: string; expectedOwner?: string | undefined }
): BundleStore => {
  const owner = expectedOwner === undefined ? {} : { ExpectedBucketOwner: expectedOwner }

  const page = (prefix: string, token: string | undefined) =>
    patiently(
      'ListObjectsV2',
      (signal) =>
        client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token, ...owner }),
          aborting(signal)
        ),
      patience
    )

  const head = (location: StoredLocation) =>
    patiently(
      'HeadObject',
      (signal) =>
        headObject(
          client,
          {
            Bucket: location.bucket,
            Key: location.key,
            ...(location.version === undefined ? {} : { VersionId: location.version }),
            ...owner
          },
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
        return ETag === undefined
          ? undefined
          : { etag: ETag, ...(VersionId === undefined ? {} : { version: VersionId }) }
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    }
  }
}

const aborting = (abortSignal: AbortSignal | undefined) => (abortSignal === undefined ? {} : { abortSignal })

/** 404: no such object or version. 405: the version is a delete marker. InvalidArgument: its id is not one of this bucket. */
const isGone = (error: unknown): boolean => {
  const { httpStatus, name } = factsOf(error)
  return httpStatus === 404 || httpStatus === 405 || name === 'InvalidArgument'
}
