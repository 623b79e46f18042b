import type { IdentityInputs } from '../domain/identity.js'
import { DESCRIPTION_LIMIT } from '../domain/description.js'
import { revisionKey } from '../domain/revision.js'
import type { InputReader } from './reader.js'
import type { DeploymentInputs } from './types.js'

const REGION =
  /^(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso[a-z]?|eu-isoe|eusc-[a-z]{2})-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9]$/
export const NAME = /^[A-Za-z0-9._+=,@-]{1,100}$/
export const NAME_RULE = '1 to 100 characters from letters, digits and `._+=,@-`'

/** Region, role and account guard. */
export const identityInputs = (reader: InputReader): IdentityInputs => {
  const roleToAssume = reader.optional(
    'role-to-assume',
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
    'a role ARN such as `arn:aws:iam::123456789012:role/deploy`'
  )
  const allowedAccountIds = reader.list('allowed-account-ids', /^\d{12}$/, '12-digit account ids')
  const account = roleToAssume?.split(':')[4]
  if (account !== undefined && allowedAccountIds.length > 0 && !allowedAccountIds.includes(account))
    reader.wrong(
      'role-to-assume',
      roleToAssume ?? '',
      `belongs to account ${account}, which \`allowed-account-ids\` (${allowedAccountIds.join(', ')}) does not list`
    )
  return {
    region: reader.required('aws-region', REGION, 'a region such as `ap-northeast-2`'),
    roleSessionName: reader.required(
      'role-session-name',
      /^[\w+=,.@-]{2,64}$/,
      '2 to 64 characters from letters, digits and `_+=,.@-`'
    ),
    roleDurationSeconds: reader.number('role-duration-seconds', { min: 900, max: 43_200, whole: true }),
    audience: reader.required(
      'audience',
      // IAM allows client ids of up to 255 characters (API: AddClientIDToOpenIDConnectProvider).
      /^[\x21-\x7e]{1,255}$/,
      'an audience of 1 to 255 printable ASCII characters without spaces, such as `sts.amazonaws.com`'
    ),
    allowedAccountIds,
    roleToAssume
  }
}

const ROLLBACK_EVENTS = ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST']

const autoRollbackEvents = (reader: InputReader): string[] | undefined => {
  const text = reader.raw('auto-rollback-events')
  if (text === '') return undefined
  if (text === 'none') return []
  return reader.list(
    'auto-rollback-events',
    new RegExp(`^(${ROLLBACK_EVENTS.join('|')})$`),
    `\`none\` or any of ${ROLLBACK_EVENTS.map((event) => `\`${event}\``).join(', ')}`
  )
}

const description = (reader: InputReader): string | undefined => {
  const text = reader.raw('description')
  if (text.length > DESCRIPTION_LIMIT)
    reader.wrong(
      'description',
      `${text.slice(0, 40)}…`,
      `has ${text.length} characters; CodeDeploy allows at most ${DESCRIPTION_LIMIT}`
    )
  return text === '' ? undefined : text
}

/** The inputs that deploy and rollback share. */
export const deploymentInputs = (
  reader: InputReader,
  onConflict: DeploymentInputs['onConflict']
): DeploymentInputs => {
  const deploymentConfig = reader.optional('deployment-config-name', NAME, NAME_RULE)
  const expectedBucketOwner = reader.optional('expected-bucket-owner', /^\d{12}$/, 'a 12-digit account id')
  const waitForMinutes =
    reader.raw('wait-for-minutes') === ''
      ? undefined
      : reader.number('wait-for-minutes', { min: 1, max: 10_080 })
  const application = reader.required('application-name', NAME, NAME_RULE)
  return {
    identity: identityInputs(reader),
    application,
    group: reader.required('deployment-group-name', NAME, NAME_RULE),
    bucket: reader.required(
      's3-bucket',
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      'a bucket name (3 to 63 characters from lower-case letters, digits, `.` and `-`)'
    ),
    prefix: keyPrefix(reader, application),
    fileExistsBehavior: reader.choice('file-exists-behavior', ['DISALLOW', 'OVERWRITE', 'RETAIN']),
    ignoreApplicationStopFailures: reader.flag('ignore-application-stop-failures'),
    waitFor: reader.choice('wait-for', ['traffic', 'complete', 'none']),
    pollSeconds: reader.number('poll-seconds', { min: 0.1, max: 60 }),
    onConflict:
      reader.raw('on-conflict') === ''
        ? onConflict
        : reader.choice('on-conflict', ['wait', 'fail', 'supersede']),
    endTerminationWait: reader.flag('end-termination-wait'),
    onCancel: reader.choice('on-cancel', ['rollback', 'stop', 'leave']),
    description: description(reader),
    autoRollbackEvents: autoRollbackEvents(reader),
    deploymentConfig,
    expectedBucketOwner,
    waitForMinutes
  }
}

/** Non-empty lines of a multi-line input. */
export const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== '')

/** One `key=value` per line. */
export const objectTags = (reader: InputReader): Record<string, string> =>
  Object.fromEntries(
    lines(reader.raw('object-tags')).map((line) => {
      const [key = '', ...value] = line.trim().split('=')
      if (key === '' || value.length === 0)
        reader.wrong('object-tags', line, 'must be one `key=value` per line')
      return [key, value.join('=')]
    })
  )

/** The safe characters of S3 keys, and those that only need encoding (S3 User Guide, "Naming Amazon S3 objects"). */
const KEY_CHARACTERS = /^[A-Za-z0-9!_.*'()&$@=;:+ ,/-]*$/
/** S3 allows keys of up to 1,024 bytes (the same page). */
const MOST_KEY_BYTES = 1_024
const LONGEST_APPLICATION = 100

/** Checks `s3-prefix` here, since a mistake would otherwise show only when the bundle is stored, or never. */
export const keyPrefix = (reader: InputReader, application: string): string => {
  const prefix = reader.raw('s3-prefix')
  const why = objection(prefix, application.slice(0, LONGEST_APPLICATION))
  if (why !== undefined) reader.wrong('s3-prefix', prefix, why)
  return prefix
}

const objection = (prefix: string, application: string): string | undefined => {
  if (!KEY_CHARACTERS.test(prefix)) return "may contain only letters, digits, spaces and `!_.*'()&$@=;:+,/-`"
  if (prefix.split('/').some((part) => part === '.' || part === '..'))
    return 'must not contain `.` or `..` between slashes: S3 takes them literally, other programs do not'
  const key = prefix.length + keyBytes(application) + 1
  return key <= MOST_KEY_BYTES
    ? undefined
    : `has ${prefix.length} characters, which makes keys of ${key} bytes; S3 allows at most ${MOST_KEY_BYTES}`
}

/** Length of a revision's key without its prefix. */
const keyBytes = (application: string): number =>
  revisionKey(
    { prefix: '', application },
    { commit: '0'.repeat(40), contentHash: '0'.repeat(12), bundleType: 'zip' }
  ).length
