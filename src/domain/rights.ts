import { factsOf } from './fault.js'

/** Calls of S3 and the rights that they need (S3 user guide, "Required permissions for Amazon S3 API operations"). */
const OF_S3: Readonly<Record<string, readonly string[]>> = {
  // Without s3:ListBucket S3 answers 403, not 404, for a key that is not there.
  HeadObject: ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
  ListObjectsV2: ['s3:ListBucket'],
  PutObject: ['s3:PutObject'],
  CopyObject: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
  CreateMultipartUpload: ['s3:PutObject'],
  UploadPart: ['s3:PutObject'],
  UploadPartCopy: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
  CompleteMultipartUpload: ['s3:PutObject'],
  AbortMultipartUpload: ['s3:AbortMultipartUpload']
}

/** Calls of the load balancer, which are rights of their own. */
const OF_BALANCER = new Set(['DescribeTargetGroups', 'DescribeTargetHealth'])

/** The rights that a call needs (`UploadPart 3` names its part too); a call of CodeDeploy is its own right. */
export const rightsOf = (operation: string): readonly string[] => {
  const [call = ''] = operation.split(' ')
  if (call === '') return []
  const service = OF_BALANCER.has(call) ? 'elasticloadbalancing' : 'codedeploy'
  return OF_S3[call] ?? [`${service}:${call}`]
}

/** Rights that only some inputs need, each with the policy that has it. */
const OPTIONAL: readonly (readonly [right: RegExp, file: string])[] = [
  [/^s3:PutObjectTagging$/, 'docs/iam/optional-object-tags.json'],
  [/^kms:/, 'docs/iam/optional-kms-key.json'],
  [/^elasticloadbalancing:/, 'docs/iam/optional-target-health.json']
]

/** The documented policy that has this right. */
const policyOf = (right: string): string =>
  OPTIONAL.find(([pattern]) => pattern.test(right))?.[1] ?? 'docs/iam/action-policy.json'

/** `codedeploy:StopDeployment, as docs/iam/action-policy.json does`: the rights, and where to copy them from. */
export const asDocumented = (rights: readonly string[]): string =>
  [...new Set(rights.map(policyOf))]
    .map((file) => `${rights.filter((right) => policyOf(right) === file).join(', ')}, as ${file} does`)
    .join('; and ')

/**
 * The rights that a denied call lacked. IAM's own sentence names one, which may belong to another call (CreateDeployment also needs
 * rights on the revision and the configuration); where it names none, they follow from the call.
 */
export const missingRights = (error: unknown, ofCall: readonly string[]): readonly string[] => {
  const named = /not authorized to perform: ([\w-]+:\w+)/.exec(factsOf(error).message)?.[1]
  return named === undefined ? ofCall : [named]
}
