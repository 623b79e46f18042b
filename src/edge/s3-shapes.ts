import { Readable } from 'node:stream'
import type { Body, NewObject, ObjectPlace, Part, Stored, Upload } from '../ports.js'

/** S3 keeps and takes CRCs as four bytes, highest first, in base64. */
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

/** Bodies go as streams: so the signature covers the headers with the CRC, and no second pass over the bytes is made. */
export const stream = (body: Body) => ({
  Body: Readable.from(body.pieces, { objectMode: false }),
  ContentLength: body.size,
  ChecksumCRC32: base64Crc(body.crc)
})

/** All that is said of a new object, as a Put, a copy and a multipart upload take it (API: PutObject). */
export const newObject = ({ bucket, key, contentType, metadata, tags, kmsKeyId }: NewObject) => ({
  Bucket: bucket,
  Key: key,
  ContentType: contentType,
  Metadata: metadata,
  ...(Object.keys(tags).length === 0 ? {} : { Tagging: new URLSearchParams(tags).toString() }),
  ...(kmsKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId })
})

/** The very version of an object that is copied, refused with 412 when it is not there as it was (API: CopyObject). */
export const copySource = ({ bucket, key, etag, versionId }: ObjectPlace & Stored) => ({
  CopySource: `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`,
  CopySourceIfMatch: etag
})

/** Which multipart upload is meant. */
export const uploaded = ({ bucket, key, id }: Upload) => ({ Bucket: bucket, Key: key, UploadId: id })

/** The parts of an upload, in order, each with what S3 said of it (API: CompleteMultipartUpload). */
export const partsOf = (parts: readonly Part[]) => ({
  MultipartUpload: {
    Parts: parts.map(({ number, etag, crc32 }) => ({
      PartNumber: number,
      ETag: etag,
      ChecksumCRC32: crc32
    }))
  }
})
