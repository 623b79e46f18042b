import {
  HeadObjectCommand,
  ListObjectsV2Command,
  type HeadObjectCommandOutput,
  type S3Client
} from '@aws-sdk/client-s3'
import { factsOf } from '../domain/fault.js'
import type { StoredLocation } from '../domain/revision.js'
import type { BundleStore } from '../steps/locate.js'
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
      () =>
        client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token, ...owner })
        ),
      patience
    )

  const head = (location: StoredLocation) =>
    patiently(
      'HeadObject',
      () =>
        client.send(
          new HeadObjectCommand({
            Bucket: location.bucket,
            Key: location.key,
            ...(location.version === undefined ? {} : { VersionId: location.version }),
            ...owner
          })
        ),
      patience
    )

  return {
    list: async (prefix) => {
      const found: { key: string; lastModified: Date }[] = []
      for (let token: string | undefined; ;) {
        const answer = await page(prefix, token)
        for (const { Key, LastModified } of answer.Contents ?? [])
          if (Key !== undefined) found.push({ key: Key, lastModified: LastModified ?? new Date(0) })
        if (answer.NextContinuationToken === undefined) return found
        token = answer.NextContinuationToken
      }
    },
    pin: async (location) => {
      try {
        return pinOf(await head(location))
      } catch (error) {
        if (isGone(error)) return undefined
        if (!isBadRequest(error)) throw error
        patience.renewCredentials?.()
        return pinAgain(location, head)
      }
    }
  }
}

type Head = (location: StoredLocation) => Promise<HeadObjectCommandOutput>

/**
 * A HEAD answers without a word, so a bare 400 is either a version id that is not one of this bucket, or an expired token.
 * With new credentials it can only be the version.
 */
const pinAgain = async (location: StoredLocation, head: Head): ReturnType<BundleStore['pin']> => {
  try {
    return pinOf(await head(location))
  } catch (error) {
    if (isGone(error) || (isBadRequest(error) && location.version !== undefined)) return undefined
    throw error
  }
}

const pinOf = ({ ETag, VersionId }: HeadObjectCommandOutput): Awaited<ReturnType<BundleStore['pin']>> =>
  ETag === undefined ? undefined : { etag: ETag, ...(VersionId === undefined ? {} : { version: VersionId }) }

/** 404: no such object or version. 405: the version is a delete marker. */
const isGone = (error: unknown): boolean => {
  const { httpStatus } = factsOf(error)
  return httpStatus === 404 || httpStatus === 405
}

const isBadRequest = (error: unknown): boolean => factsOf(error).httpStatus === 400
