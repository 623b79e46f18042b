import { ServiceError } from '../contract.js'
import { findUpload } from './multipart.js'
import { byBytes, quoted, xml, type S3Operation, type S3Request } from './request.js'
import { current, type Version } from './store.js'

const escapeKey = (key: string): string => encodeURIComponent(key).replace(/%2F/g, '/').replace(/%20/g, '+')

/** Keys are escaped in the answer when the client asks for it (XML cannot carry all of them). */
const written = (request: S3Request): ((key: string) => string) =>
  request.call.query.get('encoding-type') === 'url' ? escapeKey : (key) => key

const maxKeys = (request: S3Request, name: string): number => {
  const given = request.call.query.get(name)
  const asked = given === null ? 1000 : Number(given)
  if (!Number.isInteger(asked) || asked < 0)
    throw new ServiceError('InvalidArgument', `Argument ${name} must be an integer between 0 and 2147483647`)
  return Math.min(asked, 1000, request.pageSize)
}

/** Where a delimiter folds a key into a common prefix; undefined for a key of its own. */
const commonPrefix = (key: string, prefix: string, delimiter: string): string | undefined => {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
  return end < 0 ? undefined : key.slice(0, end + delimiter.length)
}

interface Page<T> {
  items: T[]
  prefixes: string[]
  truncated: boolean
  /** The last key or common prefix of the page. */
  last: string
}

/** One page of sorted keys after `after`; a common prefix counts as one entry. */
const page = <T extends { key: string }>(
  entries: readonly T[],
  { prefix, delimiter, after, limit }: { prefix: string; delimiter: string; after: string; limit: number }
): Page<T> => {
  const found: Page<T> = { items: [], prefixes: [], truncated: false, last: after }
  for (const entry of entries) {
    const folded = commonPrefix(entry.key, prefix, delimiter)
    const name = folded ?? entry.key
    const seen = folded !== undefined && (found.prefixes.includes(folded) || byBytes(folded, after) <= 0)
    if (!entry.key.startsWith(prefix) || byBytes(entry.key, after) <= 0 || seen) continue
    if (found.items.length + found.prefixes.length >= limit) return { ...found, truncated: limit > 0 }
    if (folded === undefined) found.items.push(entry)
    else found.prefixes.push(folded)
    found.last = name
  }
  return found
}

const contents = (version: Version, write: (key: string) => string): object => ({
  Key: write(version.key),
  LastModified: new Date(version.modified),
  ETag: quoted(version.etag),
  ...(version.checksum === undefined
    ? {}
    : { ChecksumAlgorithm: version.checksum.algorithm, ChecksumType: version.checksum.type }),
  Size: version.size,
  StorageClass: 'STANDARD'
})

const parameters = (request: S3Request): { prefix: string; delimiter: string } => ({
  prefix: request.call.query.get('prefix') ?? '',
  delimiter: request.call.query.get('delimiter') ?? ''
})

const TOKEN = 'token:'

const readToken = (token: string): string => {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  if (!text.startsWith(TOKEN))
    throw new ServiceError('InvalidArgument', 'The continuation token provided is incorrect')
  return text.slice(TOKEN.length)
}

const makeToken = (last: string): string => Buffer.from(`${TOKEN}${last}`).toString('base64url')

const listObjects: S3Operation = (request) => {
  const { bucket } = request
  const { query } = request.call
  if (query.get('list-type') !== '2')
    throw new ServiceError('NotImplemented', 'Only version 2 of ListObjects is played here', 501)
  const token = query.get('continuation-token')
  const startAfter = query.get('start-after') ?? ''
  const write = written(request)
  const versions = [...bucket.objects.keys()].sort(byBytes).flatMap((key) => current(bucket, key) ?? [])
  const after = token === null ? startAfter : readToken(token)
  const limit = maxKeys(request, 'max-keys')
  const found = page(versions, { ...parameters(request), after, limit })
  return xml('ListBucketResult', {
    Name: bucket.name,
    Prefix: write(parameters(request).prefix),
    StartAfter: startAfter === '' ? undefined : write(startAfter),
    Delimiter: query.get('delimiter') ?? undefined,
    MaxKeys: Number(query.get('max-keys') ?? '1000'),
    EncodingType: query.get('encoding-type') ?? undefined,
    KeyCount: found.items.length + found.prefixes.length,
    IsTruncated: found.truncated,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: found.truncated ? makeToken(found.last) : undefined,
    Contents: found.items.map((version) => contents(version, write)),
    CommonPrefixes: found.prefixes.map((prefix) => ({ Prefix: write(prefix) }))
  })
}

const listed = (version: Version, latest: boolean, write: (key: string) => string): object => ({
  Key: write(version.key),
  VersionId: version.versionId,
  IsLatest: latest,
  LastModified: new Date(version.modified),
  ...(version.deleteMarker
    ? {}
    : { ETag: quoted(version.etag), Size: version.size, StorageClass: 'STANDARD' })
})

const listVersions: S3Operation = (request) => {
  const { bucket } = request
  const { query } = request.call
  const write = written(request)
  const prefix = parameters(request).prefix
  const all = [...bucket.objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort(byBytes)
    .flatMap((key) =>
      (bucket.objects.get(key) ?? []).map((version, index) => ({ version, latest: index === 0 }))
    )
  const from = startOfVersions(
    all.map(({ version }) => version),
    query.get('key-marker'),
    query.get('version-id-marker')
  )
  const shown = all.slice(from, from + maxKeys(request, 'max-keys'))
  const last = shown.at(-1)?.version
  const truncated = last !== undefined && from + shown.length < all.length
  const of = (markers: boolean): object[] =>
    shown
      .filter(({ version }) => version.deleteMarker === markers)
      .map(({ version, latest }) => listed(version, latest, write))
  return xml('ListVersionsResult', {
    Name: bucket.name,
    Prefix: write(prefix),
    KeyMarker: query.get('key-marker') ?? '',
    MaxKeys: Number(query.get('max-keys') ?? '1000'),
    IsTruncated: truncated,
    EncodingType: query.get('encoding-type') ?? undefined,
    ...(truncated ? { NextKeyMarker: write(last.key), NextVersionIdMarker: last.versionId } : {}),
    Version: of(false),
    DeleteMarker: of(true)
  })
}

const startOfVersions = (all: readonly Version[], key: string | null, versionId: string | null): number => {
  if (key === null) return 0
  const exact = all.findIndex((one) => one.key === key && one.versionId === versionId)
  if (exact >= 0) return exact + 1
  const after = all.findIndex((one) => byBytes(one.key, key) > 0)
  return after < 0 ? all.length : after
}

const listUploads: S3Operation = (request) => {
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

const listParts: S3Operation = (request) => {
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

export const listOperations: Record<string, S3Operation> = {
  ListObjectsV2: listObjects,
  ListObjectVersions: listVersions,
  ListMultipartUploads: listUploads,
  ListParts: listParts
}
