import { ServiceError } from '../contract.js'
import { empty, items, readXml, xml, type S3Operation } from './request.js'
import { findVersion } from './store.js'

const getVersioning: S3Operation = ({ bucket }) =>
  xml('VersioningConfiguration', bucket.versioning === '' ? {} : { Status: bucket.versioning })

const putVersioning: S3Operation = async ({ call, bucket }) => {
  const status = (await readXml(call, 'VersioningConfiguration'))['Status']
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw new ServiceError(
      'IllegalVersioningConfigurationException',
      'The Versioning element must be specified'
    )
  }
  bucket.versioning = status
  return empty()
}

const deleteBucket: S3Operation = ({ bucket, store }) => {
  if (bucket.objects.size > 0)
    throw new ServiceError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409)
  store.buckets.delete(bucket.name)
  return empty(204)
}

const getTagging: S3Operation = ({ call, bucket, key }) => {
  const version = findVersion(bucket, key, call.query.get('versionId') ?? undefined)
  return xml('Tagging', { TagSet: { Tag: version.tags.map(([Key, Value]) => ({ Key, Value })) } })
}

const putTagging: S3Operation = async ({ call, bucket, key }) => {
  const version = findVersion(bucket, key, call.query.get('versionId') ?? undefined)
  const set = (await readXml(call, 'Tagging'))['TagSet'] as { Tag?: unknown } | undefined
  version.tags = items(set?.Tag).map((tag) => [tag['Key'] ?? '', tag['Value'] ?? ''])
  return empty()
}

const deleteTagging: S3Operation = ({ call, bucket, key }) => {
  findVersion(bucket, key, call.query.get('versionId') ?? undefined).tags = []
  return empty(204)
}

export const bucketOperations: Record<string, S3Operation> = {
  HeadBucket: ({ bucket }) => empty(200, { 'x-amz-bucket-region': bucket.region }),
  // us-east-1 has an empty constraint (S3 API reference, GetBucketLocation).
  GetBucketLocation: ({ bucket }) => ({
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${bucket.region === 'us-east-1' ? '' : bucket.region}</LocationConstraint>`
  }),
  GetBucketVersioning: getVersioning,
  PutBucketVersioning: putVersioning,
  DeleteBucket: deleteBucket,
  GetObjectTagging: getTagging,
  PutObjectTagging: putTagging,
  DeleteObjectTagging: deleteTagging
}
