import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client
} from '@aws-sdk/client-s3'
import type { CleanupStore } from '../cleanup-port.js'
import type { BundleObject, UnfinishedUpload } from '../domain/cleanup.js'
import { factsOf } from '../domain/fault.js'
import type { Identity } from '../domain/identity.js'
import type { BucketPlace } from '../storage-port.js'
import { type Connecting, open, patience } from './aws.js'
import { aborting } from './client-config.js'
import { retrying } from './retry.js'

/** As long as for the other calls of a cleanup. */
const PATIENCE_MS = 2 * 60_000

/** S3's calls of a cleanup. Every call has the expected owner of the bucket. */
export const connectCleanupStore = (
  { region, bucket, expectedOwner }: BucketPlace,
  identity: Identity,
  connecting: Connecting
): CleanupStore => {
  const policy = patience(connecting, PATIENCE_MS, identity)
  const client = open(S3Client, region, identity, connecting)
  const place = { Bucket: bucket, ExpectedBucketOwner: expectedOwner }
  const call = <T>(name: string, send: (options: ReturnType<typeof aborting>) => Promise<T>): Promise<T> =>
    retrying(name, (signal) => send(aborting(signal)), policy)

  return {
    uploads: async (folder) => {
      const found: UnfinishedUpload[] = []
      for (let from: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {}; ;) {
        const answer = await call('ListMultipartUploads', (options) =>
          client.send(new ListMultipartUploadsCommand({ ...place, Prefix: folder, ...from }), options)
        )
        for (const { Key, UploadId, Initiated } of answer.Uploads ?? [])
          if (Key !== undefined && UploadId !== undefined && Initiated !== undefined)
            found.push({ key: Key, id: UploadId, startedAt: Initiated })
        if (answer.IsTruncated !== true || answer.NextKeyMarker === undefined) return found
        from = { KeyMarker: answer.NextKeyMarker, UploadIdMarker: answer.NextUploadIdMarker }
      }
    },
    abort: async ({ key, id }) => {
      try {
        await call('AbortMultipartUpload', (options) =>
          client.send(new AbortMultipartUploadCommand({ ...place, Key: key, UploadId: id }), options)
        )
      } catch (error) {
        if (factsOf(error).httpStatus !== 404) throw error
      }
    },
    bundles: async (folder) => {
      const found: BundleObject[] = []
      for (let token: string | undefined; ;) {
        const answer = await call('ListObjectsV2', (options) =>
          client.send(
            new ListObjectsV2Command({ ...place, Prefix: folder, Delimiter: '/', ContinuationToken: token }),
            options
          )
        )
        for (const { Key, Size = 0, LastModified } of answer.Contents ?? [])
          if (Key !== undefined && LastModified !== undefined)
            found.push({ key: Key, size: Size, storedAt: LastModified })
        if (answer.NextContinuationToken === undefined) return found
        token = answer.NextContinuationToken
      }
    },
    remove: async (key) => {
      await call('DeleteObject', (options) =>
        client.send(new DeleteObjectCommand({ ...place, Key: key }), options)
      )
    }
  }
}
