import type { IdentityInputs } from '../domain/identity.js'
import { DESCRIPTION_LIMIT } from '../domain/description.js'
import { LONGEST_WAIT_MINUTES } from '../domain/deployment.js'
import { ROLLBACK_EVENTS } from '../domain/group-wish.js'
import { manifestKey } from '../domain/manifest.js'
import { NAME, NAME_RULE, ROLE_ARN } from '../domain/names.js'
import { recordKey } from '../domain/record.js'
import { revisionKey } from '../domain/revision.js'
import { type FreezeWindow, parseFreeze } from '../domain/freeze.js'
import { nearTimeZones, parseTimeZone } from '../domain/time-zone.js'
import { WORKFLOW_FILE } from '../domain/workflow.js'
import { greenFleets } from './green-fleet.js'
import { instanceLogs, instanceLogsDocument } from './instance-logs.js'
import type { InputReader } from './reader.js'
import type { InputName } from './table.js'
import type { DeploymentInputs, GroupInputs } from './types.js'

const REGION =
  /^(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso[a-z]?|eu-isoe|eusc-[a-z]{2})-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9]$/

/** Region, role and account guard. */
export const identityInputs = (reader: InputReader): IdentityInputs => {
  const roleToAssume = reader.optional(
    'role-to-assume',
    ROLE_ARN,
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

const EVENTS = Object.values(ROLLBACK_EVENTS)

const autoRollbackEvents = (reader: InputReader): string[] | undefined => {
  const text = reader.raw('auto-rollback-events')
  if (text === '') return undefined
  if (text === 'none') return []
  return reader.list(
    'auto-rollback-events',
    new RegExp(`^(${EVENTS.join('|')})$`),
    `\`none\` or any of ${EVENTS.map((event) => `\`${event}\``).join(', ')}`
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

/** What fits into the record and is read at a glance. */
const LONGEST_REASON = 200

/** Why somebody rolls back or releases a hold; line breaks become spaces. */
export const reasonInput = (reader: InputReader): string | undefined => {
  const text = reader.raw('reason').replace(/\s+/g, ' ')
  if (text.length > LONGEST_REASON)
    reader.wrong('reason', text, `has ${text.length} characters; at most ${LONGEST_REASON} are kept`)
  return text === '' ? undefined : text
}

export const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
export const BUCKET_RULE = 'a bucket name (3 to 63 characters from lower-case letters, digits, `.` and `-`)'

/** The group, and where its bundles are stored. */
export const groupInputs = (reader: InputReader): GroupInputs => {
  const expectedBucketOwner = reader.optional('expected-bucket-owner', /^\d{12}$/, 'a 12-digit account id')
  const application = reader.required('application-name', NAME, NAME_RULE)
  const group = reader.required('deployment-group-name', NAME, NAME_RULE)
  return {
    identity: identityInputs(reader),
    application,
    group,
    bucket: reader.required('s3-bucket', BUCKET, BUCKET_RULE),
    prefix: keyPrefix(reader, { application, group }),
    expectedBucketOwner,
    timeZone: timeZone(reader)
  }
}

const optionalMinutes = (reader: InputReader, name: InputName, max: number): number | undefined =>
  reader.raw(name) === '' ? undefined : reader.number(name, { min: 1, max })

/** The inputs that deploy and rollback share. */
export const deploymentInputs = (
  reader: InputReader,
  onConflict: DeploymentInputs['onConflict']
): DeploymentInputs => {
  const deploymentConfig = reader.optional('deployment-config-name', NAME, NAME_RULE)
  return {
    ...groupInputs(reader),
    greenFleets: greenFleets(reader),
    fileExistsBehavior: reader.choice('file-exists-behavior', ['DISALLOW', 'OVERWRITE', 'RETAIN']),
    ignoreApplicationStopFailures: reader.flag('ignore-application-stop-failures'),
    waitFor: reader.choice('wait-for', ['traffic', 'complete', 'none']),
    pollSeconds: reader.number('poll-seconds', { min: 0.1, max: 60 }),
    onConflict:
      reader.raw('on-conflict') === ''
        ? onConflict
        : reader.choice('on-conflict', ['wait', 'fail', 'supersede']),
    endTerminationWait: endTerminationWait(reader),
    onCancel: reader.choice('on-cancel', ['rollback', 'stop', 'leave']),
    instanceLogs: instanceLogs(reader),
    instanceLogsDocument: instanceLogsDocument(reader),
    description: description(reader),
    autoRollbackEvents: autoRollbackEvents(reader),
    deploymentConfig,
    waitForMinutes: optionalMinutes(reader, 'wait-for-minutes', 10_080),
    // Longer than CodeDeploy itself waits for a health check, it would have nothing to stop.
    stopWhenUnhealthyMinutes: optionalMinutes(reader, 'stop-when-unhealthy-minutes', 60)
  }
}

/** `true` means at once: 0 minutes. */
const endTerminationWait = (reader: InputReader): number | undefined => {
  const text = reader.raw('end-termination-wait')
  if (text === 'false') return undefined
  if (text === 'true') return 0
  const minutes = Number(text)
  if (/^\d{1,4}$/.test(text) && minutes >= 1 && minutes <= LONGEST_WAIT_MINUTES) return minutes
  reader.wrong(
    'end-termination-wait',
    text,
    `expected \`false\`, \`true\` or the minutes that the holder must have served, from 1 to ${LONGEST_WAIT_MINUTES}`
  )
  return undefined
}

/** The zone for people; a wrong name is answered with the names that are near it. */
export const timeZone = (reader: InputReader): string => {
  const text = reader.raw('time-zone')
  const zone = parseTimeZone(text)
  if (zone !== undefined) return zone
  const near = nearTimeZones(text).map((name) => `\`${name}\``)
  const rule = 'expected the IANA name of a time zone'
  reader.wrong(
    'time-zone',
    text,
    near.length === 0
      ? `${rule}, such as \`Asia/Seoul\`, \`America/New_York\` or \`UTC\``
      : `${rule}; ${near.length === 1 ? 'the nearest is' : 'the nearest are'} ${near.join(', ')}`
  )
  return 'UTC'
}

/** One window a line, in the zone for people unless it names its own; lines that start with `#` are comments. */
export const freezeWindows = (reader: InputReader): FreezeWindow[] => {
  const zone = parseTimeZone(reader.raw('time-zone')) ?? 'UTC'
  return lines(reader.raw('freeze')).flatMap((line) => {
    if (line.trim().startsWith('#')) return []
    try {
      return [parseFreeze(line, zone)]
    } catch (error) {
      reader.wrong('freeze', line.trim(), (error as Error).message)
      return []
    }
  })
}

/** A workflow's file, without its folder. */
export const rollbackWorkflow = (reader: InputReader): string | undefined =>
  reader.optional(
    'rollback-workflow',
    WORKFLOW_FILE,
    'the file name of a workflow without its folder, such as `rollback.yml`'
  )

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
const LONGEST_NAME = 100

/** Checks a prefix here, since a mistake would otherwise show only when the bundle is stored, or never. */
export const keyPrefix = (
  reader: InputReader,
  { application, group }: Pick<GroupInputs, 'application' | 'group'>,
  name: 's3-prefix' | 'preview-s3-prefix' = 's3-prefix'
): string => {
  const prefix = reader.raw(name)
  const why = objection(prefix, {
    application: application.slice(0, LONGEST_NAME),
    group: group.slice(0, LONGEST_NAME)
  })
  if (why !== undefined) reader.wrong(name, prefix, why)
  return prefix
}

const objection = (prefix: string, place: { application: string; group: string }): string | undefined => {
  if (!KEY_CHARACTERS.test(prefix)) return "may contain only letters, digits, spaces and `!_.*'()&$@=;:+,/-`"
  if (prefix.split('/').some((part) => part === '.' || part === '..'))
    return 'must not contain `.` or `..` between slashes: S3 takes them literally, other programs do not'
  const key = prefix.length + keyBytes(place) + 1
  return key <= MOST_KEY_BYTES
    ? undefined
    : `has ${prefix.length} characters, which makes keys of ${key} bytes; S3 allows at most ${MOST_KEY_BYTES}`
}

/** Length of the longest key of an application without its prefix. */
const keyBytes = (place: { application: string; group: string }): number => {
  const bundle = { commit: '0'.repeat(40), contentHash: '0'.repeat(12), bundleType: 'zip' } as const
  const key = revisionKey({ prefix: '', ...place }, bundle)
  return Math.max((manifestKey(key) ?? key).length, recordKey({ prefix: '', ...place }).length)
}
