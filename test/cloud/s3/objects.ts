import { createReadStream } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { ServiceError } from '../contract.js'
import { S3Refusal } from '../wire/refusal.js'
import { header, type Answer } from '../wire/call.js'
import { checksumHeader } from './checksum.js'
import { checkRead, checkWrite } from './conditions.js'
import { receive } from './receive.js'
import {
  empty,
  headerTags,
  items,
  keptHeaders,
  quoted,
  readXml,
  xml,
  type S3Operation,
  type S3Request
} from './request.js'
import { addVersion, findVersion, type Piece, type Version } from './store.js'

const MAX_PUT = 5 * 1024 ** 3

/** An object encrypted by KMS has an ETag that is no MD5 (S3 API reference, Object). */
export const etagFor = (headers: Record<string, string>, etag: string): string =>
  headers['x-amz-server-side-encryption'] === 'AES256'
    ? etag
    : randomBytes(16).toString('hex') + (/-\d+$/.exec(etag)?.[0] ?? '')

const ENCRYPTION = /^x-amz-server-side-encryption/

/** What every write says of the version it made. */
export const writtenHeaders = (version: Version): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(version.headers).filter(([name]) => ENCRYPTION.test(name))),
  ...(version.versionId === 'null' ? {} : { 'x-amz-version-id': version.versionId })
})

export const checksumHeaders = (version: Version): Record<string, string> =>
  version.checksum === undefined
    ? {}
    : {
        [checksumHeader(version.checksum.algorithm)]: version.checksum.value,
        'x-amz-checksum-type': version.checksum.type
      }

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

/** `bytes=a-b`, `bytes=a-` or `bytes=-n` within an object; undefined when the header is none of these (S3 then sends all). */
export const parseRange = (
  text: string | undefined,
  size: number
): { start: number; end: number } | undefined => {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(text ?? '') ?? []
  if (from === '' && to === '') return undefined
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (start >= size || start > end) {
    const detail = { RangeRequested: text ?? '', ActualObjectSize: String(size) }
    throw new S3Refusal(
      { code: 'InvalidRange', message: 'The requested range is not satisfiable', status: 416 },
      { detail, headers: { 'content-range': `bytes */${size}` } }
    )
  }
  return { start, end }
}

/** The stretches of the pieces that make up a range of the whole. */
export const slicePieces = (pieces: readonly Piece[], start: number, end: number): Piece[] => {
  const found: Piece[] = []
  let position = 0
  for (const piece of pieces) {
    const from = Math.max(start, position)
    const to = Math.min(end + 1, position + piece.size)
    if (from < to) found.push({ path: piece.path, offset: piece.offset + from - position, size: to - from })
    position += piece.size
  }
  return found
}

/** The bytes of pieces, one after the other. */
export async function* readPieces(pieces: readonly Piece[]): AsyncGenerator<Buffer> {
  for (const { path, offset, size } of pieces) {
    if (size > 0)
      yield* createReadStream(path, { start: offset, end: offset + size - 1 }) as AsyncIterable<Buffer>
  }
}

/** A missing key is Access Denied to those who may not list the bucket (S3 API reference, GetObject). */
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

interface Removal {
  versionId?: string
  marker?: boolean
}

const remove = (request: S3Request, key: string, versionId: string | undefined): Removal => {
  const { bucket } = request
  const versions = bucket.objects.get(key) ?? []
  if (versionId !== undefined) {
    const gone = versions.find((one) => one.versionId === versionId)
    const left = versions.filter((one) => one !== gone)
    if (left.length === 0) bucket.objects.delete(key)
    else bucket.objects.set(key, left)
    return gone === undefined ? { versionId } : { versionId, marker: gone.deleteMarker }
  }
  if (bucket.versioning === '') {
    bucket.objects.delete(key)
    return {}
  }
  const marker = {
    key,
    deleteMarker: true,
    etag: '',
    size: 0,
    pieces: [],
    modified: request.now,
    headers: {},
    tags: []
  }
  return { versionId: addVersion(bucket, marker).versionId, marker: true }
}

const deleteObject: S3Operation = (request) => {
  const removal = remove(request, request.key, request.call.query.get('versionId') ?? undefined)
  return empty(204, {
    ...(removal.versionId === undefined ? {} : { 'x-amz-version-id': removal.versionId }),
    ...(removal.marker === true ? { 'x-amz-delete-marker': 'true' } : {})
  })
}

const deleteObjects: S3Operation = async (request) => {
  const body = await readXml(request.call, 'Delete')
  const Deleted = items(body['Object']).map((one) => {
    const removal = remove(request, one['Key'] ?? '', one['VersionId'])
    const made = removal.marker === true && one['VersionId'] === undefined
    return {
      Key: one['Key'],
      VersionId: one['VersionId'],
      ...(made ? { DeleteMarker: true, DeleteMarkerVersionId: removal.versionId } : {})
    }
  })
  return xml('DeleteResult', body['Quiet'] === 'true' ? {} : { Deleted })
}

export const objectOperations: Record<string, S3Operation> = {
  PutObject: putObject,
  GetObject: (request) => read(request, true),
  HeadObject: (request) => read(request, false),
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects
}
