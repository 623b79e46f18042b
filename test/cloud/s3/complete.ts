import { createHash } from 'node:crypto'
import { ServiceError } from '../contract.js'
import { header, type Call } from '../wire/call.js'
import { checksumHeader, compositeChecksum, type Checksum } from './checksum.js'
import { checkWrite } from './conditions.js'
import { measure } from './copy.js'
import { findUpload } from './multipart.js'
import { items, quoted, readXml, unquoted, xml, type S3Operation } from './request.js'
import { addVersion, type Part, type Upload } from './store.js'
import { checksumHeaders, etagFor, writtenHeaders } from './written.js'

/** The minimum size of every part but the last (S3 user guide, multipart limits). */
const MIN_PART = 5 * 1024 ** 2

const refuse = (code: string, message: string): ServiceError => new ServiceError(code, message)

/** The parts in the client's list, checked against the uploaded ones (S3 API reference, CompleteMultipartUpload). */
const listedParts = (upload: Upload, listed: readonly Record<string, string>[]): Part[] => {
  if (listed.length === 0)
    throw refuse(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema'
    )
  const parts = listed.map((one) => listedPart(upload, one))
  if (parts.some((part, index) => part.number <= (parts[index - 1]?.number ?? 0))) {
    throw refuse(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.'
    )
  }
  if (parts.slice(0, -1).some((part) => part.size < MIN_PART)) {
    throw refuse('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size')
  }
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

/** Joins the listed parts into one object; only this checks the conditions (docs/service.md, reference 7.4). */
export const completeUpload: S3Operation = async (request) => {
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
