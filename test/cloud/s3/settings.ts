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

/** Settings of a bucket that change nothing about how it answers. */
export const settingOperations: Record<string, S3Operation> = {
  PutPublicAccessBlock: putPublicAccessBlock,
  GetPublicAccessBlock: getPublicAccessBlock
}
