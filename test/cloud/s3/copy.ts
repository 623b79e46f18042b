import { createHash } from 'node:crypto'
import { ServiceError } from '../contract.js'
import { header, type Call } from '../wire/call.js'
import { createChecksum, type Algorithm } from './checksum.js'
import { checkSource, checkWrite } from './conditions.js'
import { parseRange, readPieces, slicePieces, type Piece } from './pieces.js'
import { headerTags, keptHeaders, quoted, xml, type S3Operation, type S3Request } from './request.js'
import { addVersion, findBucket, findVersion, type Version } from './store.js'
import { checksumHeaders, etagFor, writtenHeaders } from './written.js'

const MAX_COPY = 5 * 1024 ** 3

/** Bucket, key and version of the x-amz-copy-source header. */
export const copySource = (call: Call): { bucket: string; key: string; versionId?: string } => {
  const [path = '', query = ''] = (header(call, 'x-amz-copy-source') ?? '').split('?versionId=')
  const whole = decodeURIComponent(path).replace(/^\//, '')
  const slash = whole.indexOf('/')
  if (slash < 1)
    throw new ServiceError(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey'
    )
  const place = { bucket: whole.slice(0, slash), key: whole.slice(slash + 1) }
  return query === '' ? place : { ...place, versionId: decodeURIComponent(query) }
}

const source = (request: S3Request): Version => {
  const { bucket, key, versionId } = copySource(request.call)
  const from = findBucket(request.store, bucket)
  const owner = header(request.call, 'x-amz-source-expected-bucket-owner')
  if (owner !== undefined && owner !== from.owner)
    throw new ServiceError('AccessDenied', 'Access Denied', 403)
  const version = findVersion(from, key, versionId)
  checkSource(request.call, version)
  return version
}

const modified = (time: number): string => new Date(time).toISOString()

/**
 * A copy is one object, whatever its source: S3 gives it a plain ETag and a full checksum, even if the source was uploaded in
 * parts.
 */
const asOne = async (from: Version): Promise<Pick<Version, 'etag' | 'checksum'>> => {
  if (!from.etag.includes('-'))
    return { etag: from.etag, ...(from.checksum === undefined ? {} : { checksum: from.checksum }) }
  const algorithm = from.checksum?.algorithm
  const { md5, checksum } = await measure(from.pieces, algorithm)
  if (algorithm === undefined || checksum === undefined) return { etag: md5 }
  return { etag: md5, checksum: { algorithm, value: checksum, type: 'FULL_OBJECT' } }
}

const copyObject: S3Operation = async (request) => {
  const { call, bucket, key } = request
  const from = source(request)
  if (from.size > MAX_COPY) {
    throw new ServiceError(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_COPY}`
    )
  }
  checkWrite(call, bucket, key)
  const replaced = header(call, 'x-amz-metadata-directive') === 'REPLACE'
  const asked = keptHeaders(call)
  const encrypted = Object.fromEntries(
    Object.entries(asked).filter(([name]) => name.startsWith('x-amz-server-side'))
  )
  const headers = replaced ? asked : { ...withoutEncryption(from.headers), ...encrypted }
  const one = await asOne(from)
  checkWrite(call, bucket, key)
  const version = addVersion(bucket, {
    ...from,
    ...one,
    key,
    headers,
    etag: etagFor(headers, one.etag),
    modified: request.now,
    tags: header(call, 'x-amz-tagging-directive') === 'REPLACE' ? headerTags(call) : from.tags
  })
  const result = { ETag: quoted(version.etag), LastModified: modified(request.now) }
  return xml('CopyObjectResult', result, {
    ...writtenHeaders(version),
    ...checksumHeaders(version),
    ...(from.versionId === 'null' ? {} : { 'x-amz-copy-source-version-id': from.versionId })
  })
}

const withoutEncryption = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-server-side')))

interface Measured {
  md5: string
  checksum?: string
}

/** From this size on, measured digests are remembered: files never change, and some are copied many times. */
const LARGE = 32 * 1024 ** 2
const measured = new Map<string, Promise<Measured>>()

/** The MD5 of stored bytes, and a checksum if requested. */
export const measure = (pieces: readonly Piece[], algorithm: Algorithm | undefined): Promise<Measured> => {
  if (pieces.reduce((sum, { size }) => sum + size, 0) < LARGE) return measureAnew(pieces, algorithm)
  const name = JSON.stringify([algorithm, pieces])
  const known = measured.get(name) ?? measureAnew(pieces, algorithm)
  measured.set(name, known)
  return known
}

const measureAnew = async (pieces: readonly Piece[], algorithm: Algorithm | undefined): Promise<Measured> => {
  const md5 = createHash('md5')
  const running = algorithm === undefined ? undefined : createChecksum(algorithm)
  for await (const chunk of readPieces(pieces)) {
    md5.update(chunk)
    running?.update(chunk)
  }
  const digest = md5.digest('hex')
  return running === undefined ? { md5: digest } : { md5: digest, checksum: running.digest() }
}

/** The range of another object that becomes a part. */
export const copiedPart = (request: S3Request): { pieces: Piece[]; size: number } => {
  const from = source(request)
  const range = parseRange(header(request.call, 'x-amz-copy-source-range'), from.size)
  const { start, end } = range ?? { start: 0, end: from.size - 1 }
  return { pieces: slicePieces(from.pieces, start, end), size: end - start + 1 }
}

export const copyOperations: Record<string, S3Operation> = { CopyObject: copyObject }
