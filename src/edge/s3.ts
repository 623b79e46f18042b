import { Readable } from 'node:stream'
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
import type {
  Body,
  NewObject,
  ObjectPlace,
  ObjectStore,
  Part,
  Stored,
  Upload
} from '../upload/object-store.js'
import { alwaysAsked, clientConfig, type Timeouts } from './clients.js'
import { headObject } from './head-object.js'
import { patiently, type Patience } from './retry.js'

/** Aborting is done after a cancel too, when a runner grants ten seconds in all. */
const ABORT_PATIENCE_MS = 4000

/**
 * A client for sending large bodies: no limit on a whole request, only on silence, and no `Expect: 100-continue`, which
 * costs a round trip and a connection of its own for each part.
 */
export const sendingClient = (
  region: string,
  identity: Pick<Identity, 'credentials'>,
  timeouts: Timeouts
): S3Client =>
  new S3Client({
    ...clientConfig(region, timeouts),
    requestHandler: { connectionTimeout: timeouts.connectMs, socketTimeout: timeouts.silenceMs },
    credentials: alwaysAsked(identity),
    expectContinueHeader: false,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED'
  })

/** S3 keeps and takes CRCs as four bytes, highest first, in base64. */
export const base64Crc = (crc: number): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes.toString('base64')
}

const version = (VersionId: string | undefined): { versionId?: string } =>
  VersionId === undefined ? {} : { versionId: VersionId }

const storedOf = (answer: { ETag?: string | undefined; VersionId?: string | undefined }): Stored => ({
  etag: answer.ETag ?? '',
  ...version(answer.VersionId)
})

/** Bodies go as streams: so the signature covers the headers with the CRC, and no second pass over the bytes is made. */
const stream = (body: Body) => ({
  Body: Readable.from(body.pieces, { objectMode: false }),
  ContentLength: body.size,
  ChecksumCRC32: base64Crc(body.crc)
})

const newObject = ({ bucket, key, contentType, metadata, tags, kmsKeyId }: NewObject) => ({
  Bucket: bucket,
  Key: key,
  ContentType: contentType,
  Metadata: metadata,
  ...(Object.keys(tags).length === 0 ? {} : { Tagging: new URLSearchParams(tags).toString() }),
  ...(kmsKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId })
})

const copySource = ({ bucket, key, etag, versionId }: ObjectPlace & Stored) => ({
  CopySource: `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`,
  CopySourceIfMatch: etag
})

const uploaded = ({ bucket, key, id }: Upload) => ({ Bucket: bucket, Key: key, UploadId: id })

const partsOf = (parts: readonly Part[]) => ({
  MultipartUpload: {
    Parts: parts.map(({ number, etag, crc32 }) => ({
      PartNumber: number,
      ETag: etag,
      ...(crc32 === undefined ? {} : { ChecksumCRC32: crc32 })
    }))
  }
})

const NEW_ONLY = { IfNoneMatch: '*' }

/** S3 over the SDK's client. `expectedOwner` goes with every call, for the source of a copy too. */
export const objectStore = (
  client: S3Client,
  {
    patience,
    expectedOwner,
    lastMoment
  }: { patience: Patience; expectedOwner?: string | undefined; lastMoment?: AbortSignal | undefined }
): ObjectStore => {
  const owner = expectedOwner === undefined ? {} : { ExpectedBucketOwner: expectedOwner }
  const owners = expectedOwner === undefined ? {} : { ...owner, ExpectedSourceBucketOwner: expectedOwner }
  const send = <T>(
    name: string,
    call: (options: { abortSignal?: AbortSignal }) => Promise<T>,
    within = patience
  ): Promise<T> =>
    patiently(name, (signal) => call(signal === undefined ? {} : { abortSignal: signal }), within)

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
    head: async ({ bucket, key, version: wanted }) => {
      try {
        const answer = await send('HeadObject', (options) =>
          headObject(
            client,
            {
              Bucket: bucket,
              Key: key,
              ...owner,
              ...(wanted === undefined ? {} : { VersionId: wanted })
            },
            options
          )
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
      return { etag: answer.CopyObjectResult?.ETag ?? '', ...version(answer.VersionId) }
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
      const crc32 = CopyPartResult?.ChecksumCRC32
      return { number, etag: CopyPartResult?.ETag ?? '', ...(crc32 === undefined ? {} : { crc32 }) }
    }
  }
}
