import { ServiceError } from '../contract.js'
import { empty, readXml, xml, type S3Operation } from './request.js'

/** The four switches of a bucket against public access; one that is left out is off (S3 API: PublicAccessBlockConfiguration). */
export interface PublicAccessBlock {
  BlockPublicAcls: boolean
  IgnorePublicAcls: boolean
  BlockPublicPolicy: boolean
  RestrictPublicBuckets: boolean
}

const putPublicAccessBlock: S3Operation = async ({ call, bucket }) => {
  const given = await readXml(call, 'PublicAccessBlockConfiguration')
  const isOn = (name: keyof PublicAccessBlock): boolean => given[name] === 'true'
  bucket.publicAccessBlock = {
    BlockPublicAcls: isOn('BlockPublicAcls'),
    IgnorePublicAcls: isOn('IgnorePublicAcls'),
    BlockPublicPolicy: isOn('BlockPublicPolicy'),
    RestrictPublicBuckets: isOn('RestrictPublicBuckets')
  }
  return empty()
}

const getPublicAccessBlock: S3Operation = ({ bucket }) => {
  if (bucket.publicAccessBlock !== undefined)
    return xml('PublicAccessBlockConfiguration', bucket.publicAccessBlock)
  throw new ServiceError(
    'NoSuchPublicAccessBlockConfiguration',
    'The public access block configuration was not found',
    404
  )
}

const getLifecycle: S3Operation = ({ bucket }) => {
  if (bucket.lifecycleRules !== undefined)
    return xml('LifecycleConfiguration', { Rule: bucket.lifecycleRules })
  throw new ServiceError('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', 404)
}

/** Every bucket encrypts with keys of S3 unless it names a KMS key (S3 user guide, "Setting default server-side encryption"). */
const getEncryption: S3Operation = ({ bucket: { kmsKey } }) =>
  xml('ServerSideEncryptionConfiguration', {
    Rule: [
      {
        ApplyServerSideEncryptionByDefault:
          kmsKey === undefined
            ? { SSEAlgorithm: 'AES256' }
            : { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: kmsKey }
      }
    ]
  })

/** Settings of a bucket that change nothing about how it answers. */
export const settingOperations: Record<string, S3Operation> = {
  PutPublicAccessBlock: putPublicAccessBlock,
  GetPublicAccessBlock: getPublicAccessBlock,
  GetBucketLifecycleConfiguration: getLifecycle,
  GetBucketEncryption: getEncryption
}
