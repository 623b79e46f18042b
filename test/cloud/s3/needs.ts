import type { Need } from '../identity/authorize.js'
import { header, type Call } from '../wire/call.js'
import { copySource } from './copy.js'

const onBucket: Record<string, string> = {
  CreateBucket: 's3:CreateBucket',
  DeleteBucket: 's3:DeleteBucket',
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListObjectVersions: 's3:ListBucketVersions',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  GetBucketLocation: 's3:GetBucketLocation',
  GetBucketVersioning: 's3:GetBucketVersioning',
  PutBucketVersioning: 's3:PutBucketVersioning',
  PutPublicAccessBlock: 's3:PutBucketPublicAccessBlock',
  GetPublicAccessBlock: 's3:GetBucketPublicAccessBlock',
  GetBucketLifecycleConfiguration: 's3:GetLifecycleConfiguration',
  GetBucketEncryption: 's3:GetEncryptionConfiguration',
  // For IAM each key is a separate deletion; here the whole request is authorized once, on the bucket's objects.
  DeleteObjects: 's3:DeleteObject'
}

const onObject: Record<string, string> = {
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  UploadPartCopy: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  PutObject: 's3:PutObject',
  CopyObject: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  ListParts: 's3:ListMultipartUploadParts',
  PutObjectTagging: 's3:PutObjectTagging',
  DeleteObjectTagging: 's3:DeleteObjectTagging'
}

const versioned: Record<string, string> = {
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  DeleteObject: 's3:DeleteObject',
  GetObjectTagging: 's3:GetObjectTagging'
}

/** Actions on one version have their own names: s3:GetObjectVersion, s3:GetObjectVersionTagging … */
const withVersion = (action: string, named: boolean): string =>
  named ? action.replace(/Object(Tagging)?$/, 'ObjectVersion$1') : action

const object = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`

const copyNeeds = (call: Call): Need[] => {
  if (header(call, 'x-amz-copy-source') === undefined) return []
  const { bucket, key, versionId } = copySource(call)
  return [{ action: withVersion('s3:GetObject', versionId !== undefined), resource: object(bucket, key) }]
}

/** The IAM permissions that an S3 request needs (S3 user guide, "Required permissions for Amazon S3 API operations"). */
export const s3Needs = (call: Call, bucket: string, key: string): Need[] => {
  if (call.operation === 'ListBuckets') return [{ action: 's3:ListAllMyBuckets', resource: '*' }]
  const forBucket = onBucket[call.operation]
  if (forBucket !== undefined) {
    return [
      {
        action: forBucket,
        resource: call.operation === 'DeleteObjects' ? object(bucket, '*') : `arn:aws:s3:::${bucket}`
      }
    ]
  }
  const read = versioned[call.operation]
  const action =
    read === undefined ? onObject[call.operation] : withVersion(read, call.query.has('versionId'))
  if (action === undefined) return []
  const tagging = header(call, 'x-amz-tagging') === undefined ? [] : ['s3:PutObjectTagging']
  return [
    ...copyNeeds(call),
    ...[action, ...tagging].map((one) => ({ action: one, resource: object(bucket, key) }))
  ]
}
