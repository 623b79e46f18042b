import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand
} from '@aws-sdk/client-s3'
import { factsOf } from '../domain/fault.js'
import type { Identity } from '../domain/identity.js'
import type { ObjectStore } from '../storage-port.js'
import { headObject } from './bundle-store.js'
import { aborting, alwaysAsked, clientConfig, type Timeouts } from './client-config.js'
import { type RetryPolicy, retrying } from './retry.js'
import { base64Crc, copySource, newObject, partsOf, storedOf, stream, uploaded } from './s3-shapes.js'

/** An upload is also aborted after a cancel, when the runner leaves ten seconds altogether. */
const ABORT_PATIENCE_MS = 4000

/**
 * A client for sending large bodies: it tolerates a longer silence, and sends no `Expect: 100-continue`, which costs each part a
 * round trip and a new connection.
 */
export const sendingClient = (
  region: string,
  identity: Pick<Identity, 'credentials'>,
  timeouts: Timeouts
): S3Client =>
  new S3Client({
    ...clientConfig(region, { ...timeouts, requestMs: timeouts.silenceMs }),
    credentials: alwaysAsked(identity),
    expectContinueHeader: false,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED'
  })

const NEW_ONLY = { IfNoneMatch: '*' }

/** S3 over the SDK's client. Every call has `expectedOwner`, also for the source of a copy. */
export const objectStore = (
  client: S3Client,
  {
    patience,
    expectedOwner,
    lastMoment
  }: { patience: RetryPolicy; expectedOwner?: string | undefined; lastMoment?: AbortSignal | undefined }
): ObjectStore => {
  const owner = { ExpectedBucketOwner: expectedOwner }
  const owners = { ...owner, ExpectedSourceBucketOwner: expectedOwner }
  const send = <T>(
    name: string,
    call: (options: { abortSignal?: AbortSignal }) => Promise<T>,
    within = patience
  ): Promise<T> => retrying(name, (signal) => call(aborting(signal)), within)

  const complete = (
    name: string,
    input: Omit<ConstructorParameters<typeof CompleteMultipartUploadCommand>[0], keyof typeof NEW_ONLY>
  ) =>
    send(name, async (options) =>
      storedOf(
        await client.send(new CompleteMultipartUploadCommand({ ...input, ...NEW_ONLY, ...owner }), options)
      )
    )

  return {
    head: async ({ bucket, key, version }) => {
      try {
        const answer = await send('HeadObject', (options) =>
          headObject(client, { Bucket: bucket, Key: key, VersionId: version, ...owner }, options)
        )
        return { ...storedOf(answer), size: answer.ContentLength ?? 0, metadata: answer.Metadata ?? {} }
      } catch (error) {
        if (factsOf(error).httpStatus === 404) return undefined
        throw error
      }
    },
    put: (object, body) =>
      send('PutObject', async (options) =>
        storedOf(
          await client.send(
            new PutObjectCommand({ ...newObject(object), ...stream(body), ...NEW_ONLY, ...owner }),
            options
          )
        )
      ),
    begin: async (object) => {
      const { UploadId } = await send('CreateMultipartUpload', (options) =>
        client.send(
          new CreateMultipartUploadCommand({
            ...newObject(object),
            ChecksumAlgorithm: 'CRC32',
            ChecksumType: 'FULL_OBJECT',
            ...owner
          }),
          options
        )
      )
      return { bucket: object.bucket, key: object.key, id: UploadId ?? '' }
    },
    part: async (upload, number, body) => {
      const { ETag, ChecksumCRC32 } = await send(`UploadPart ${number}`, (options) =>
        client.send(
          new UploadPartCommand({ ...uploaded(upload), PartNumber: number, ...stream(body), ...owner }),
          options
        )
      )
      return { number, etag: ETag ?? '', crc32: ChecksumCRC32 ?? base64Crc(body.crc) }
    },
    finish: (upload, parts, whole) =>
      complete('CompleteMultipartUpload', {
        ...uploaded(upload),
        ...partsOf(parts),
        ChecksumType: 'FULL_OBJECT',
        ChecksumCRC32: base64Crc(whole.crc),
        MpuObjectSize: whole.size
      }),
    finishCopy: (upload, parts) =>
      complete('CompleteMultipartUpload', {
        ...uploaded(upload),
        ...partsOf(parts),
        ChecksumType: 'FULL_OBJECT'
      }),
    abort: async (upload) => {
      try {
        await send(
          'AbortMultipartUpload',
          (options) =>
            client.send(new AbortMultipartUploadCommand({ ...uploaded(upload), ...owner }), options),
          { ...patience, patienceMs: ABORT_PATIENCE_MS, signal: lastMoment }
        )
      } catch (error) {
        if (factsOf(error).httpStatus !== 404) throw error
      }
    },
    copy: async (object, from) => {
      const answer = await send('CopyObject', (options) =>
        client.send(
          new CopyObjectCommand({
            ...newObject(object),
            ...copySource(from),
            ...NEW_ONLY,
            ...owners,
            MetadataDirective: 'REPLACE',
            TaggingDirective: 'REPLACE'
          }),
          options
        )
      )
      return { etag: answer.CopyObjectResult?.ETag ?? '', versionId: answer.VersionId }
    },
    copyPart: async (upload, number, from, [first, last]) => {
      const { CopyPartResult } = await send(`UploadPartCopy ${number}`, (options) =>
        client.send(
          new UploadPartCopyCommand({
            ...uploaded(upload),
            ...copySource(from),
            ...owners,
            PartNumber: number,
            CopySourceRange: `bytes=${first}-${last}`
          }),
          options
        )
      )
      return { number, etag: CopyPartResult?.ETag ?? '', crc32: CopyPartResult?.ChecksumCRC32 }
    }
  }
}
