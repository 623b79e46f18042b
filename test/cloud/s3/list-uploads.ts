import { maxKeys, parameters } from './list-request.js'
import { findUpload } from './multipart.js'
import { quoted, xml, type S3Operation } from './request.js'

export const listUploads: S3Operation = (request) => {
  const prefix = parameters(request).prefix
  const uploads = [...request.bucket.uploads.values()].filter((upload) => upload.key.startsWith(prefix))
  return xml('ListMultipartUploadsResult', {
    Bucket: request.bucket.name,
    Prefix: prefix,
    MaxUploads: 1000,
    IsTruncated: false,
    Upload: uploads.map((one) => ({
      Key: one.key,
      UploadId: one.id,
      StorageClass: 'STANDARD',
      Initiated: new Date(one.started)
    }))
  })
}

export const listParts: S3Operation = (request) => {
  const upload = findUpload(request)
  const after = Number(request.call.query.get('part-number-marker') ?? '0')
  const parts = [...upload.parts.values()]
    .filter((part) => part.number > after)
    .sort((a, b) => a.number - b.number)
  const shown = parts.slice(0, maxKeys(request, 'max-parts'))
  const truncated = shown.length < parts.length
  return xml('ListPartsResult', {
    Bucket: request.bucket.name,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: after,
    NextPartNumberMarker: truncated ? shown.at(-1)?.number : undefined,
    MaxParts: 1000,
    IsTruncated: truncated,
    Part: shown.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.modified),
      ETag: quoted(part.etag),
      Size: part.size
    }))
  })
}
