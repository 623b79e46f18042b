import { randomBytes } from 'node:crypto'
import { ServiceError } from '../contract.js'
import { header, type Call } from '../wire/call.js'
import { checksumHeader, parseAlgorithm } from './checksum.js'
import { copiedPart, measure } from './copy.js'
import { receive } from './receive.js'
import { empty, headerTags, keptHeaders, quoted, xml, type S3Operation, type S3Request } from './request.js'
import type { Part, Upload } from './store.js'

const MAX_PARTS = 10_000

const refuse = (code: string, message: string, status = 400): ServiceError =>
  new ServiceError(code, message, status)

/** The upload in a request; throws NoSuchUpload. */
export const findUpload = (request: S3Request): Upload => {
  const upload = request.bucket.uploads.get(request.call.query.get('uploadId') ?? '')
  if (upload?.key === request.key) return upload
  throw refuse(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404
  )
}

const checksumType = (call: Call, algorithm: string | undefined): 'FULL_OBJECT' | 'COMPOSITE' => {
  const asked = header(call, 'x-amz-checksum-type')
  if (algorithm === 'CRC64NVME') return 'FULL_OBJECT'
  return asked === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE'
}

const create: S3Operation = ({ call, bucket, key, now }) => {
  const algorithm = parseAlgorithm(header(call, 'x-amz-checksum-algorithm'))
  const upload: Upload = {
    id: randomBytes(48).toString('base64url'),
    key,
    started: now,
    headers: keptHeaders(call),
    tags: headerTags(call),
    checksumType: checksumType(call, algorithm),
    parts: new Map(),
    ...(algorithm === undefined ? {} : { algorithm })
  }
  bucket.uploads.set(upload.id, upload)
  return xml(
    'InitiateMultipartUploadResult',
    { Bucket: bucket.name, Key: key, UploadId: upload.id },
    algorithm === undefined
      ? {}
      : { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': upload.checksumType }
  )
}

const partNumber = (call: Call): number => {
  const number = Number(call.query.get('partNumber'))
  if (Number.isInteger(number) && number >= 1 && number <= MAX_PARTS) return number
  throw refuse('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive')
}

// A lost part is one that S3 has confirmed but cannot find when the upload is completed.
const keep = (request: S3Request, upload: Upload, part: Part): void => {
  if (request.call.fault !== 'lost-part') upload.parts.set(part.number, part)
}

const uploadPart: S3Operation = async (request) => {
  const { call } = request
  const upload = findUpload(request)
  const number = partNumber(call)
  const received = await receive(call, request.principal, request.store, upload.algorithm)
  const { checksum } = received
  if (upload.algorithm !== undefined && checksum?.algorithm !== upload.algorithm) {
    throw refuse(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm.toLowerCase()}, actual checksum Type: ${checksum?.algorithm.toLowerCase() ?? 'null'}`
    )
  }
  findUpload(request)
  keep(request, upload, {
    number,
    etag: received.md5,
    size: received.piece.size,
    pieces: [received.piece],
    modified: request.now,
    ...(checksum === undefined ? {} : { checksum: checksum.value })
  })
  const echoed = checksum === undefined ? {} : { [checksumHeader(checksum.algorithm)]: checksum.value }
  return empty(200, { etag: quoted(received.md5), ...echoed })
}

const uploadPartCopy: S3Operation = async (request) => {
  const upload = findUpload(request)
  const number = partNumber(request.call)
  const copied = copiedPart(request)
  const { md5, checksum } = await measure(copied.pieces, upload.algorithm)
  const own = checksum === undefined ? {} : { checksum }
  keep(request, upload, { number, etag: md5, modified: request.now, ...copied, ...own })
  const named = checksum === undefined ? {} : { [`Checksum${upload.algorithm ?? ''}`]: checksum }
  return xml('CopyPartResult', {
    LastModified: new Date(request.now).toISOString(),
    ETag: quoted(md5),
    ...named
  })
}

const abort: S3Operation = (request) => {
  request.bucket.uploads.delete(findUpload(request).id)
  return empty(204)
}

export const multipartOperations: Record<string, S3Operation> = {
  CreateMultipartUpload: create,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  AbortMultipartUpload: abort
}
