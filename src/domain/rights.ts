import { factsOf } from './fault.js'

/** S3 calls and the permissions that they need (S3 user guide, "Required permissions for Amazon S3 API operations"). */
const OF_S3: Readonly<Record<string, readonly string[]>> = {
  // Without s3:ListBucket, S3 answers 403 instead of 404 for a missing key.
  HeadObject: ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
  GetObject: ['s3:GetObject', 's3:ListBucket'],
  ListObjectsV2: ['s3:ListBucket'],
  HeadBucket: ['s3:ListBucket'],
  GetBucketVersioning: ['s3:GetBucketVersioning'],
  GetBucketEncryption: ['s3:GetEncryptionConfiguration'],
  GetBucketLifecycleConfiguration: ['s3:GetLifecycleConfiguration'],
  GetPublicAccessBlock: ['s3:GetBucketPublicAccessBlock'],
  PutObject: ['s3:PutObject'],
  CopyObject: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
  CreateMultipartUpload: ['s3:PutObject'],
  UploadPart: ['s3:PutObject'],
  UploadPartCopy: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
  CompleteMultipartUpload: ['s3:PutObject'],
  AbortMultipartUpload: ['s3:AbortMultipartUpload'],
  ListMultipartUploads: ['s3:ListBucketMultipartUploads'],
  DeleteObject: ['s3:DeleteObject']
}

/** Calls of services other than CodeDeploy and S3, each of which is a permission of its own. */
const SERVICES: Readonly<Record<string, string>> = {
  DescribeTargetGroups: 'elasticloadbalancing',
  DescribeTargetHealth: 'elasticloadbalancing',
  DescribeTargetGroupAttributes: 'elasticloadbalancing',
  DescribeListeners: 'elasticloadbalancing',
  DescribeLoadBalancers: 'elasticloadbalancing',
  DescribeRules: 'elasticloadbalancing',
  DescribeTags: 'elasticloadbalancing',
  CreateTargetGroup: 'elasticloadbalancing',
  DeleteTargetGroup: 'elasticloadbalancing',
  CreateRule: 'elasticloadbalancing',
  DeleteRule: 'elasticloadbalancing',
  DescribeSecurityGroups: 'ec2',
  DescribeScalingActivities: 'autoscaling',
  DescribeAutoScalingGroups: 'autoscaling',
  CreateAutoScalingGroup: 'autoscaling',
  DeleteAutoScalingGroup: 'autoscaling',
  DescribeAutoScalingInstances: 'autoscaling',
  DescribePolicies: 'autoscaling',
  DescribeScheduledActions: 'autoscaling',
  DescribeLifecycleHooks: 'autoscaling',
  DescribeNotificationConfigurations: 'autoscaling',
  DescribeInstanceRefreshes: 'autoscaling',
  DescribeLaunchTemplateVersions: 'ec2',
  GetRole: 'iam',
  GetInstanceProfile: 'iam',
  SimulatePrincipalPolicy: 'iam',
  DescribeInstances: 'ec2',
  DescribeInstanceStatus: 'ec2',
  DecodeAuthorizationMessage: 'sts',
  DescribeAlarms: 'cloudwatch',
  SendCommand: 'ssm',
  GetCommandInvocation: 'ssm',
  ListInventoryEntries: 'ssm',
  GetConsoleOutput: 'ec2'
}

/** The permissions that a call needs (`UploadPart 3` names its part too); a CodeDeploy call is its own permission. */
export const rightsOf = (operation: string): readonly string[] => {
  const [call = ''] = operation.split(' ')
  if (call === '') return []
  return OF_S3[call] ?? [`${SERVICES[call] ?? 'codedeploy'}:${call}`]
}

/** Permissions that only some inputs need, each with the policy that has it. */
const OPTIONAL: readonly (readonly [right: RegExp, file: string])[] = [
  [/^s3:PutObjectTagging$/, 'docs/iam/optional-object-tags.json'],
  [/^kms:/, 'docs/iam/optional-kms-key.json'],
  [
    /^autoscaling:Describe(AutoScalingInstances|LifecycleHooks|NotificationConfigurations|Policies|ScheduledActions)$/,
    'docs/iam/optional-copy.json'
  ],
  [
    /^(autoscaling|ec2):Describe|^sts:Decode|:DescribeTargetGroupAttributes$/,
    'docs/iam/optional-waiting-reasons.json'
  ],
  [/^autoscaling:DeleteAutoScalingGroup$/, 'docs/iam/optional-delete-left-over.json'],
  [/^elasticloadbalancing:/, 'docs/iam/optional-target-health.json'],
  [/^cloudwatch:/, 'docs/iam/optional-alarm-states.json'],
  [/^codedeploy:UpdateDeploymentGroup$/, 'docs/iam/optional-alarm-override.json'],
  [/^ssm:/, 'docs/iam/optional-instance-logs.json'],
  [/^ec2:GetConsoleOutput$/, 'docs/iam/optional-instance-console.json']
]

const EVERYTHING = 'docs/iam/action-policy.json'

/** The policies that have everything their commands need: nothing of theirs is in an optional one. */
const COMPLETE = new Set([
  'docs/iam/setup-policy.json',
  'docs/iam/cleanup-policy.json',
  'docs/iam/preview-cleanup-policy.json',
  'docs/iam/check-policy.json'
])

/** The policies of roles that may do less than a deploy. Advice to copy from another one would hand out what it must not have. */
const ROLES: Readonly<Record<string, string>> = {
  rollback: 'docs/iam/rollback-policy.json',
  release: 'docs/iam/rollback-policy.json',
  history: 'docs/iam/read-policy.json',
  setup: 'docs/iam/setup-policy.json',
  cleanup: 'docs/iam/cleanup-policy.json',
  check: 'docs/iam/check-policy.json',
  preview:
    'docs/iam/preview-policy.json (the plan) or docs/iam/optional-running-preview.json (the running preview)'
}

/** What a role for pull requests has that gives each of them an environment of its own. */
const ENVIRONMENTS = 'docs/iam/optional-preview-environments.json'
const OF_ENVIRONMENTS = `docs/iam/preview-policy.json (the plan) or ${ENVIRONMENTS} (the preview)`

/** Of its permissions, those that other documents have for other purposes too. */
const IN_ENVIRONMENTS =
  /^(elasticloadbalancing:(?!DescribeTargetHealth$)|autoscaling:(Create|Delete|DescribeAutoScalingGroups$)|ec2:(?!DescribeInstance)|iam:PassRole$|codedeploy:(CreateApplication|CreateDeploymentGroup|DeleteDeploymentGroup|ListTagsForResource)$)/

/** The documented policy of the role that runs this command: of a cleanup by `what` it is for, of a preview by whether it has a `host` of its own. */
export const rolePolicy = (command: string, { what = '', host = '' } = {}): string => {
  if (command === 'cleanup' && what === 'previews') return 'docs/iam/preview-cleanup-policy.json'
  if (command === 'preview' && host !== '') return OF_ENVIRONMENTS
  return ROLES[command] ?? EVERYTHING
}

/**
 * `codedeploy:StopDeployment, as docs/iam/action-policy.json does`: the permissions, and where to copy them from. `role` is the
 * policy of the run's role, for the permissions that belong to no optional one.
 */
export const asDocumented = (rights: readonly string[], role = EVERYTHING): string => {
  const policyOf = (right: string): string =>
    COMPLETE.has(role)
      ? role
      : role === OF_ENVIRONMENTS && IN_ENVIRONMENTS.test(right)
        ? ENVIRONMENTS
        : (OPTIONAL.find(([pattern]) => pattern.test(right))?.[1] ?? role)
  return [...new Set(rights.map(policyOf))]
    .map((file) => `${rights.filter((right) => policyOf(right) === file).join(', ')}, as ${file} does`)
    .join('; and ')
}

/**
 * The permissions that a denied call lacked. IAM's message names one, which may belong to another call (CreateDeployment also
 * needs permissions for the revision and the configuration); if it names none, they follow from the call.
 */
export const missingRights = (error: unknown, ofCall: readonly string[]): readonly string[] => {
  const named = /not authorized to perform: ([\w-]+:\w+)/.exec(factsOf(error).message)?.[1]
  return named === undefined ? ofCall : [named]
}

/** What to allow, so that a denied call works: `allow the role s3:PutObject, as docs/iam/action-policy.json does`. */
export const allowIt = (error: unknown): string => {
  const { operation, rolePolicy: role = EVERYTHING } = factsOf(error)
  const missing = missingRights(error, rightsOf(operation))
  return missing.length === 0
    ? `allow the role the action, as ${role} does`
    : `allow the role ${asDocumented(missing, role)}`
}
