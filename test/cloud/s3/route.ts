import type { Call } from '../wire/call.js'

/** The bucket and key of a path-style request, or of one with the bucket in its host name (`bucket.localhost`). */
export const place = (path: string, host: string): { bucket: string; key: string } => {
  const named = /^([a-z0-9][a-z0-9.-]*)\.localhost(?::\d+)?$/.exec(host)?.[1]
  const whole = decodeURIComponent(named === undefined ? path.slice(1) : `${named}${path}`)
  const slash = whole.indexOf('/')
  return slash < 0
    ? { bucket: whole, key: '' }
    : { bucket: whole.slice(0, slash), key: whole.slice(slash + 1) }
}

type Rule = readonly [method: string, needs: readonly string[], operation: string]

// The first rule whose query parameters are all present decides; the last rule of each method has none.
const bucketRules: readonly Rule[] = [
  ['GET', ['location'], 'GetBucketLocation'],
  ['GET', ['versioning'], 'GetBucketVersioning'],
  ['GET', ['publicAccessBlock'], 'GetPublicAccessBlock'],
  ['GET', ['lifecycle'], 'GetBucketLifecycleConfiguration'],
  ['GET', ['encryption'], 'GetBucketEncryption'],
  ['GET', ['versions'], 'ListObjectVersions'],
  ['GET', ['uploads'], 'ListMultipartUploads'],
  ['GET', [], 'ListObjectsV2'],
  ['HEAD', [], 'HeadBucket'],
  ['PUT', ['versioning'], 'PutBucketVersioning'],
  ['PUT', ['publicAccessBlock'], 'PutPublicAccessBlock'],
  ['PUT', [], 'CreateBucket'],
  ['DELETE', [], 'DeleteBucket'],
  ['POST', ['delete'], 'DeleteObjects']
]

const objectRules: readonly Rule[] = [
  ['GET', ['uploadId'], 'ListParts'],
  ['GET', ['tagging'], 'GetObjectTagging'],
  ['GET', [], 'GetObject'],
  ['HEAD', [], 'HeadObject'],
  ['PUT', ['partNumber', 'uploadId'], 'UploadPart'],
  ['PUT', ['tagging'], 'PutObjectTagging'],
  ['PUT', [], 'PutObject'],
  ['POST', ['uploads'], 'CreateMultipartUpload'],
  ['POST', ['uploadId'], 'CompleteMultipartUpload'],
  ['DELETE', ['uploadId'], 'AbortMultipartUpload'],
  ['DELETE', ['tagging'], 'DeleteObjectTagging'],
  ['DELETE', [], 'DeleteObject']
]

/** Parts of S3 that are not simulated; a query that names one is refused instead of being misread. */
const UNPLAYED =
  /^(acl|policy|policyStatus|lifecycle|encryption|cors|website|notification|logging|replication|ownershipControls|object-lock|legal-hold|retention|torrent|restore|select|attributes|accelerate|requestPayment|analytics|inventory|metrics)$/

/** The parts of them that can be read; a test sets them. */
const READ_ONLY = /^(lifecycle|encryption)$/

const copies: Record<string, string> = { PutObject: 'CopyObject', UploadPart: 'UploadPartCopy' }

/** The API's name of an S3 request; for what is not simulated, its method and what it is about: `PUT ?policy`. */
export const operationOf = (call: Pick<Call, 'request' | 'query' | 'path'>): string => {
  const { bucket, key } = place(call.path, call.request.headers.host ?? '')
  const { method = '' } = call.request
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : `${method} /`
  const unplayed = [...call.query.keys()].find(
    (name) => UNPLAYED.test(name) && !(method === 'GET' && READ_ONLY.test(name))
  )
  if (unplayed !== undefined) return `${method} ?${unplayed}`
  const rule = (key === '' ? bucketRules : objectRules).find(
    ([given, needs]) => given === method && needs.every((name) => call.query.has(name))
  )
  const operation =
    rule?.[2] ?? `${method} ${[...call.query.keys()].map((name) => `?${name}`).join('')}`.trim()
  return call.request.headers['x-amz-copy-source'] === undefined
    ? operation
    : (copies[operation] ?? operation)
}
