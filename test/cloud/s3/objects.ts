import { Readable } from 'node:stream'
import { ServiceError } from '../contract.js'
import { header, type Answer } from '../wire/call.js'
import { checkRead, checkWrite } from './conditions.js'
import { parseRange, readPieces, slicePieces } from './pieces.js'
import { receive } from './receive.js'
import { empty, headerTags, keptHeaders, quoted, type S3Operation, type S3Request } from './request.js'
import { addVersion, findVersion, type Version } from './store.js'
import { checksumHeaders, etagFor, writtenHeaders } from './written.js'

const MAX_PUT = 5 * 1024 ** 3

const putObject: S3Operation = async (request) => {
  const { call, bucket, key } = request
  if (Number(header(call, 'content-length') ?? '0') > MAX_PUT) {
    throw new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size')
  }
  const headers = keptHeaders(call)
  const tags = headerTags(call)
  checkWrite(call, bucket, key)
  const received = await receive(call, request.principal, request.store)
  checkWrite(call, bucket, key)
  const version = addVersion(bucket, {
    key,
    deleteMarker: false,
    etag: etagFor(headers, received.md5),
    size: received.piece.size,
    pieces: [received.piece],
    modified: request.now,
    headers,
    tags,
    ...(received.checksum === undefined
      ? {}
      : { checksum: { ...received.checksum, type: 'FULL_OBJECT' as const } })
  })
  return empty(200, { etag: quoted(version.etag), ...writtenHeaders(version), ...checksumHeaders(version) })
}

const readHeaders = (version: Version): Record<string, string> => ({
  'content-type': 'binary/octet-stream',
  ...version.headers,
  ...writtenHeaders(version),
  etag: quoted(version.etag),
  'last-modified': new Date(version.modified).toUTCString(),
  'accept-ranges': 'bytes',
  ...(version.tags.length === 0 ? {} : { 'x-amz-tagging-count': String(version.tags.length) })
})

/** A missing key is Access Denied for callers that may not list the bucket (S3 API reference, GetObject). */
const visibleVersion = (request: S3Request): Version => {
  const { bucket, key } = request
  try {
    return findVersion(bucket, key, request.call.query.get('versionId') ?? undefined)
  } catch (error) {
    const hidden = error instanceof ServiceError && error.code === 'NoSuchKey'
    if (hidden && !request.may('s3:ListBucket', `arn:aws:s3:::${bucket.name}`)) {
      throw new ServiceError('AccessDenied', 'Access Denied', 403)
    }
    throw error
  }
}

const read = (request: S3Request, withBody: boolean): Answer => {
  const { call } = request
  const version = visibleVersion(request)
  checkRead(call, version)
  const range = parseRange(header(call, 'range'), version.size)
  const { start, end } = range ?? { start: 0, end: version.size - 1 }
  const wanted = header(call, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' && range === undefined
  const headers = {
    ...readHeaders(version),
    ...(wanted ? checksumHeaders(version) : {}),
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${version.size}` })
  }
  const status = range === undefined ? 200 : 206
  const length = end - start + 1
  if (!withBody) return { status, headers: { ...headers, 'content-length': String(length) } }
  return { status, headers, body: Readable.from(readPieces(slicePieces(version.pieces, start, end))), length }
}

export const objectOperations: Record<string, S3Operation> = {
  PutObject: putObject,
  GetObject: (request) => read(request, true),
  HeadObject: (request) => read(request, false)
}
