import { maxKeys, parameters } from './list-request.js'
import { findUpload } from './multipart.js'
import { byBytes, quoted, xml, type S3Operation } from './request.js'
import type { Upload } from './store.js'

const byKeyAndTime = (one: Upload, other: Upload): number =>
  byBytes(one.key, other.key) || one.started - other.started

export const listUploads: S3Operation = (request) => {
  const prefix = parameters(request).prefix
  const { query } = request.call
  const [key, id] = [query.get('key-marker') ?? '', query.get('upload-id-marker')]
  const all = [...request.bucket.uploads.values()]
    .filter((upload) => upload.key.startsWith(prefix))
    .sort(byKeyAndTime)
  // Uploads of the marker's key count as new only after the marker's upload (API: ListMultipartUploads).
  const at = id === null ? -1 : all.findIndex((one) => one.key === key && one.id === id)
  const rest = at >= 0 ? all.slice(at + 1) : all.filter((one) => byBytes(one.key, key) > 0)
  const uploads = rest.slice(0, maxKeys(request, 'max-uploads'))
  const truncated = uploads.length < rest.length
  return xml('ListMultipartUploadsResult', {
    Bucket: request.bucket.name,
    Prefix: prefix,
    MaxUploads: 1000,
    IsTruncated: truncated,
    ...(truncated ? { NextKeyMarker: uploads.at(-1)?.key, NextUploadIdMarker: uploads.at(-1)?.id } : {}),
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
