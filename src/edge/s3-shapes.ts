import { Readable } from 'node:stream'
import type { Body, NewObject, ObjectPlace, Part, Stored, Upload } from '../storage-port.js'

/** A CRC-32 as S3 writes it: four bytes, big-endian, in base64. */
export const base64Crc = (crc: number): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes.toString('base64')
}

/** What pins an object, from the answer that stored it. Only a versioned bucket has a version id. */
export const storedOf = (answer: { ETag?: string | undefined; VersionId?: string | undefined }): Stored => ({
  etag: answer.ETag ?? '',
  versionId: answer.VersionId
})

/** Bodies are sent as streams: the signature then covers the header with the CRC, and the bytes are not read a second time. */
export const stream = (body: Body) => ({
  Body: Readable.from(body.pieces, { objectMode: false }),
  ContentLength: body.size,
  ChecksumCRC32: base64Crc(body.crc)
})

/** Everything about a new object, in the form that PutObject, CopyObject and CreateMultipartUpload share (API: PutObject). */
export const newObject = ({ bucket, key, contentType, metadata, tags, kmsKeyId }: NewObject) => ({
  Bucket: bucket,
  Key: key,
  ContentType: contentType,
  Metadata: metadata,
  ...(Object.keys(tags).length === 0 ? {} : { Tagging: new URLSearchParams(tags).toString() }),
  ...(kmsKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId })
})

/** Exactly this version as the source of a copy; S3 refuses with 412 if the object has changed (API: CopyObject). */
export const copySource = ({ bucket, key, etag, versionId }: ObjectPlace & Stored) => ({
  CopySource: `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`,
  CopySourceIfMatch: etag
})

/** Identifies a multipart upload. */
export const uploaded = ({ bucket, key, id }: Upload) => ({ Bucket: bucket, Key: key, UploadId: id })

/** The parts of an upload, in order, each with the ETag and CRC that S3 returned (API: CompleteMultipartUpload). */
export const partsOf = (parts: readonly Part[]) => ({
  MultipartUpload: {
    Parts: parts.map(({ number, etag, crc32 }) => ({
      PartNumber: number,
      ETag: etag,
      ChecksumCRC32: crc32
    }))
  }
})
