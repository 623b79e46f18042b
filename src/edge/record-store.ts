import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { factsOf } from '../domain/fault.js'
import { MOST_RECORD_BYTES } from '../domain/record.js'
import type { RecordStore } from '../storage-port.js'
import { aborting } from './client-config.js'
import { type RetryPolicy, retrying } from './retry.js'

/**
 * A text in S3 that changes only from a known state: `If-Match` or, for the first, `If-None-Match: *` (S3 User Guide,
 * "Conditional writes"). 412 and 409 say that another writer was faster; 404 with `If-Match`, that the object is gone.
 */
export const recordStore = (
  client: S3Client,
  {
    patience,
    bucket,
    key,
    expectedOwner
  }: { patience: RetryPolicy; bucket: string; key: string; expectedOwner?: string | undefined }
): RecordStore => {
  const place = { Bucket: bucket, Key: key, ExpectedBucketOwner: expectedOwner }
  const send = <T>(name: string, call: (options: { abortSignal?: AbortSignal }) => Promise<T>): Promise<T> =>
    retrying(name, (signal) => call(aborting(signal)), patience)
  return {
    address: `s3://${bucket}/${key}`,
    read: async () => {
      try {
        return await send('GetObject', async (options) => {
          const { Body, ETag, ContentLength } = await client.send(new GetObjectCommand(place), options)
          if ((ContentLength ?? 0) > MOST_RECORD_BYTES) {
            await Body?.transformToWebStream().cancel()
            throw new Error(`it has ${ContentLength} bytes, more than ${MOST_RECORD_BYTES}`)
          }
          return { text: (await Body?.transformToString()) ?? '', etag: ETag ?? '' }
        })
      } catch (error) {
        if (factsOf(error).name === 'NoSuchKey') return undefined
        throw error
      }
    },
    write: async (text, former) => {
      const condition = former === undefined ? { IfNoneMatch: '*' } : { IfMatch: former }
      try {
        await send('PutObject', (options) =>
          client.send(
            new PutObjectCommand({
              ...place,
              ...condition,
              Body: text,
              ContentType: 'application/json; charset=utf-8'
            }),
            options
          )
        )
        return true
      } catch (error) {
        if ([404, 409, 412].includes(factsOf(error).httpStatus ?? 0)) return false
        throw error
      }
    }
  }
}
