import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { factsOf } from '../domain/fault.js'
import { MOST_MANIFEST_BYTES, MOST_MANIFEST_TEXT } from '../domain/manifest.js'
import type { ManifestPlace, ManifestStore } from '../storage-port.js'
import { aborting } from './client-config.js'
import { type RetryPolicy, retrying } from './retry.js'

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/** Reads no more than a manifest has, whatever the answer says of its length. Leaving the loop ends the answer. */
const readBounded = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body) {
    length += piece.length
    if (length > MOST_MANIFEST_BYTES) throw new Error(`it has more than ${MOST_MANIFEST_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Manifests in S3, compressed. One that is there is never replaced: `If-None-Match: *` (S3 User Guide, "Conditional writes"). */
export const manifestStore = (
  client: S3Client,
  { patience, bucket, expectedOwner, kmsKeyId }: ManifestPlace & { patience: RetryPolicy }
): ManifestStore => {
  const place = { Bucket: bucket, ExpectedBucketOwner: expectedOwner }
  const encryption =
    kmsKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId }
  const send = <T>(
    name: string,
    call: (options: { abortSignal?: AbortSignal }) => Promise<T>,
    signal = patience.signal
  ): Promise<T> => retrying(name, (ending) => call(aborting(ending)), { ...patience, signal })
  return {
    address: (key) => `s3://${bucket}/${key}`,
    read: async (key, signal) => {
      try {
        const bytes = await send(
          'GetObject',
          async (options) => {
            const { Body, ContentLength = 0 } = await client.send(
              new GetObjectCommand({ ...place, Key: key }),
              options
            )
            if (ContentLength > MOST_MANIFEST_BYTES) {
              await Body?.transformToWebStream().cancel()
              throw new Error(`it has ${ContentLength} bytes, more than ${MOST_MANIFEST_BYTES}`)
            }
            return readBounded(Body as AsyncIterable<Uint8Array>)
          },
          either(patience.signal, signal)
        )
        return (await unpack(bytes, { maxOutputLength: MOST_MANIFEST_TEXT })).toString()
      } catch (error) {
        if (factsOf(error).name === 'NoSuchKey') return undefined
        throw error
      }
    },
    write: async (key, text) => {
      const body = await pack(text)
      try {
        await send('PutObject', (options) =>
          client.send(
            new PutObjectCommand({
              ...{ ...place, ...encryption },
              ...{ Key: key, Body: body, IfNoneMatch: '*' },
              ContentType: 'application/gzip'
            }),
            options
          )
        )
      } catch (error) {
        // 412: there is one; 409: another run is just writing the same.
        if (![409, 412].includes(factsOf(error).httpStatus ?? 0)) throw error
      }
    }
  }
}

const either = (one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined =>
  one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other])
