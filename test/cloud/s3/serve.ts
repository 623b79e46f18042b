import { ServiceError } from '../contract.js'
import { authorize } from '../identity/authorize.js'
import { evaluate } from '../identity/policy.js'
import type { Principal } from '../wire/authenticate.js'
import { header, type Answer, type Call } from '../wire/call.js'
import { notSimulated } from '../wire/not-simulated.js'
import { S3Refusal } from '../wire/refusal.js'
import { bucketOperations } from './bucket.js'
import { completeUpload } from './complete.js'
import { copyOperations } from './copy.js'
import { deleteOperations } from './delete.js'
import { kmsNeeds } from './kms-needs.js'
import { listOperations } from './listing.js'
import { multipartOperations } from './multipart.js'
import { s3Needs } from './needs.js'
import { objectOperations } from './objects.js'
import { empty, readXml, xml, type S3Operation } from './request.js'
import { place } from './route.js'
import { settingOperations } from './settings.js'
import { createBucket, findBucket, type Bucket, type Store } from './store.js'

const operations: Record<string, S3Operation> = {
  ...bucketOperations,
  ...settingOperations,
  ...objectOperations,
  ...deleteOperations,
  ...copyOperations,
  ...multipartOperations,
  CompleteMultipartUpload: completeUpload,
  ...listOperations
}

export interface S3Options {
  store: Store
  accountId: string
  /** The region for requests that name none. */
  region: string
  now: () => number
  pageSize: number
}

/**
 * A bucket in another region answers with that region (docs/service.md, reference 7.4); the client's region is the one it
 * signed for.
 */
const checkRegion = (bucket: Bucket, region: string): void => {
  if (bucket.region === region) return
  throw new S3Refusal(
    {
      code: 'PermanentRedirect',
      message:
        'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
      status: 301
    },
    {
      detail: { Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com`, Bucket: bucket.name },
      headers: { 'x-amz-bucket-region': bucket.region }
    }
  )
}

/** A bucket of another account, or one whose owner is not the one that the client expects. */
const checkOwner = (call: Call, bucket: Bucket, accountId: string): void => {
  const expected = header(call, 'x-amz-expected-bucket-owner') ?? accountId
  if (expected !== bucket.owner || bucket.owner !== accountId)
    throw new ServiceError('AccessDenied', 'Access Denied', 403)
}

const listBuckets = (options: S3Options): Answer => {
  const own = [...options.store.buckets.values()].filter((bucket) => bucket.owner === options.accountId)
  return xml('ListAllMyBucketsResult', {
    Owner: { ID: options.accountId },
    Buckets: { Bucket: own.map((one) => ({ Name: one.name, CreationDate: new Date(one.created) })) }
  })
}

const checkName = (name: string): void => {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw new ServiceError('InvalidBucketName', 'The specified bucket is not valid.')
  }
}

const makeBucket = async (call: Call, name: string, options: S3Options): Promise<Answer> => {
  checkName(name)
  const existing = options.store.buckets.get(name)
  if (existing?.owner === options.accountId) {
    throw new ServiceError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409
    )
  }
  if (existing !== undefined)
    throw new ServiceError('BucketAlreadyExists', 'The requested bucket name is not available.', 409)
  const length = Number(header(call, 'content-length') ?? '0')
  const asked = length === 0 ? {} : await readXml(call, 'CreateBucketConfiguration')
  const region =
    typeof asked['LocationConstraint'] === 'string' ? asked['LocationConstraint'] : options.region
  createBucket(options.store, {
    name,
    region,
    owner: options.accountId,
    created: options.now(),
    versioning: ''
  })
  return empty(200, { location: `/${name}` })
}

/** Answers one authenticated S3 request (docs/service.md, reference 7.4). Throws ServiceError for every refusal. */
export const serveS3 = async (call: Call, principal: Principal, options: S3Options): Promise<Answer> => {
  const { bucket: name, key } = place(call.path, header(call, 'host') ?? '')
  authorize(call.protocol, principal.key, s3Needs(call, name, key))
  if (call.operation === 'ListBuckets') return listBuckets(options)
  if (call.operation === 'CreateBucket') return makeBucket(call, name, options)
  const operation = operations[call.operation]
  if (operation === undefined) throw notSimulated(call)
  if (Buffer.byteLength(key) > 1024) throw new ServiceError('KeyTooLongError', 'Your key is too long')
  const bucket = findBucket(options.store, name)
  checkRegion(bucket, principal.signature.region)
  checkOwner(call, bucket, options.accountId)
  authorize(
    call.protocol,
    principal.key,
    kmsNeeds(call, options.store, bucket.uploads, { bucket: name, key })
  )
  const may = (action: string, resource: string): boolean => {
    principal.key.asked?.push({ action, resource })
    return evaluate(principal.key.policy(), action, resource) === 'allowed'
  }
  return operation({
    call,
    principal,
    store: options.store,
    bucket,
    key,
    now: options.now(),
    may,
    pageSize: options.pageSize
  })
}
