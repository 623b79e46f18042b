import { createHash, randomBytes } from 'node:crypto'
import { ServiceError } from '../contract.js'
import { header, type Call } from '../wire/call.js'
import { checksumHeader, compositeChecksum, parseAlgorithm, type Checksum } from './checksum.js'
import { checkWrite } from './conditions.js'
import { copiedPart, measure } from './copy.js'
import { checksumHeaders, etagFor, writtenHeaders } from './objects.js'
import { receive } from './receive.js'
import {
  empty,
  headerTags,
  items,
  keptHeaders,
  quoted,
  readXml,
  unquoted,
  xml,
  type S3Operation,
  type S3Request
} from './request.js'
import { addVersion, type Part, type Upload } from './store.js'

/** Every part but the last (S3 user guide, multipart limits). */
const MIN_PART = 5 * 1024 ** 2
const MAX_PARTS = 10_000

const refuse = (code: string, message: string, status = 400): ServiceError =>
  new ServiceError(code, message, status)

/** The upload that a request names; throws NoSuchUpload. */
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

// A lost part is one that S3 confirmed and does not find when the upload is completed.
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

/** The parts that the client lists, checked against those that are here (S3 API reference, CompleteMultipartUpload). */
const listedParts = (upload: Upload, listed: readonly Record<string, string>[]): Part[] => {
  if (listed.length === 0)
    throw refuse(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema'
    )
  const parts = listed.map((one) => listedPart(upload, one))
  parts.forEach((part, index) => {
    const before = parts[index - 1]
    if (before !== undefined && before.number >= part.number) {
      throw refuse(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.'
      )
    }
    if (index < parts.length - 1 && part.size < MIN_PART) {
      throw refuse('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size')
    }
  })
  return parts
}

const listedPart = (upload: Upload, listed: Record<string, string>): Part => {
  const part = upload.parts.get(Number(listed['PartNumber']))
  const checksum = listed[`Checksum${upload.algorithm ?? ''}`]
  const wrong = checksum !== undefined && part?.checksum !== undefined && checksum !== part.checksum
  if (part === undefined || wrong || part.etag !== unquoted(listed['ETag'] ?? '')) {
    throw refuse(
      'InvalidPart',
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
    )
  }
  return part
}

const wholeChecksum = async (
  call: Call,
  upload: Upload,
  parts: readonly Part[]
): Promise<Checksum | undefined> => {
  const { algorithm, checksumType: type } = upload
  if (algorithm === undefined) return undefined
  const value =
    type === 'COMPOSITE'
      ? compositeChecksum(
          algorithm,
          parts.map((part) => part.checksum ?? '')
        )
      : ((
          await measure(
            parts.flatMap((part) => part.pieces),
            algorithm
          )
        ).checksum ?? '')
  const given = header(call, checksumHeader(algorithm))
  if (given !== undefined && given.replace(/-\d+$/, '') !== value.replace(/-\d+$/, '')) {
    throw refuse('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`)
  }
  return { algorithm, value, type }
}

const checkSize = (call: Call, size: number): void => {
  const given = header(call, 'x-amz-mp-object-size')
  if (given !== undefined && Number(given) !== size) {
    throw refuse(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${given} does not match what was computed: ${size}`
    )
  }
}

const partsEtag = (parts: readonly Part[]): string => {
  const md5 = createHash('md5')
  for (const part of parts) md5.update(Buffer.from(part.etag, 'hex'))
  return `${md5.digest('hex')}-${parts.length}`
}

const complete: S3Operation = async (request) => {
  const { call, bucket, key } = request
  const upload = findUpload(request)
  const parts = listedParts(upload, items((await readXml(call, 'CompleteMultipartUpload'))['Part']))
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  checkSize(call, size)
  const checksum = await wholeChecksum(call, upload, parts)
  findUpload(request)
  checkWrite(call, bucket, key)
  bucket.uploads.delete(upload.id)
  const version = addVersion(bucket, {
    key,
    deleteMarker: false,
    etag: etagFor(upload.headers, partsEtag(parts)),
    size,
    pieces: parts.flatMap((part) => part.pieces),
    modified: request.now,
    headers: upload.headers,
    tags: upload.tags,
    ...(checksum === undefined ? {} : { checksum })
  })
  const named =
    checksum === undefined
      ? {}
      : { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }
  const result = {
    Location: `/${bucket.name}/${key}`,
    Bucket: bucket.name,
    Key: key,
    ETag: quoted(version.etag),
    ...named
  }
  return xml('CompleteMultipartUploadResult', result, {
    ...writtenHeaders(version),
    ...checksumHeaders(version)
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
  CompleteMultipartUpload: complete,
  AbortMultipartUpload: abort
}
