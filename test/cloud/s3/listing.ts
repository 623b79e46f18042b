import { ServiceError } from '../contract.js'
import { maxKeys, parameters, written } from './list-request.js'
import { listParts, listUploads } from './list-uploads.js'
import { listVersions } from './list-versions.js'
import { byBytes, quoted, xml, type S3Operation } from './request.js'
import { current, type Version } from './store.js'

/** Where a delimiter folds a key into a common prefix; undefined if the key is listed itself. */
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

export const listOperations: Record<string, S3Operation> = {
  ListObjectsV2: listObjects,
  ListObjectVersions: listVersions,
  ListMultipartUploads: listUploads,
  ListParts: listParts
}
