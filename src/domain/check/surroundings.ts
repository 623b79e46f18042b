import type { CheckedBucket, CheckedGroup } from './facts.js'
import { type CheckFinding, ok, problem, warning } from './finding.js'

/** The alarms of a group, when it lists them but watches none. */
export const unwatched = ({ group, listedAlarms }: CheckedGroup): CheckFinding[] =>
  listedAlarms.length > 0 && group.alarms.length === 0
    ? [
        warning(
          'Alarms',
          `${listedAlarms.join(', ')}: listed, but alarm monitoring is off`,
          'They stop no deployment.',
          'Set `enabled=true` (`aws deploy update-deployment-group --alarm-configuration …`), or remove them.'
        )
      ]
    : []

/** The states of the alarms that a group watches; one that is left out of the answer does not exist. */
export const alarmFindings = (
  names: readonly string[],
  states: readonly { name: string; state: string }[]
): CheckFinding[] =>
  names.map((name) => {
    const state = states.find((one) => one.name === name)?.state
    if (state === 'OK') return ok('Alarms', `${name} is OK`)
    if (state === 'INSUFFICIENT_DATA')
      return warning(
        'Alarms',
        `${name} has INSUFFICIENT_DATA`,
        'It stops no deployment until it has data.',
        'Check its metric and dimensions.'
      )
    return state === undefined
      ? problem(
          'Alarms',
          `${name} does not exist`,
          'CodeDeploy cannot watch it.',
          'Create it in this region and account, or remove it from the deployment group.'
        )
      : problem(
          'Alarms',
          `${name} is in ${state} now`,
          'It stops the next deployment at once.',
          'Fix its cause; a `rollback` can ignore alarms (`alarms-during-rollback`).'
        )
  })

/** Whether bundles can be stored in the bucket and read from the region of the instances. */
export const bucketFindings = (bucket: string, found: CheckedBucket, region: string): CheckFinding[] => {
  if (!found.exists)
    return [
      problem(
        'Bucket',
        `${bucket} does not exist`,
        'Bundles cannot be stored.',
        `Check \`s3-bucket\`, or run \`aws s3 mb s3://${bucket} --region ${region}\`.`
      )
    ]
  if (found.region !== undefined && found.region !== region)
    return [
      problem(
        'Bucket',
        `${bucket} is in ${found.region}`,
        `CodeDeploy takes bundles from a bucket in its own region, ${region}.`,
        `Use a bucket in ${region}.`
      )
    ]
  return [ok('Bucket', `${bucket} exists${found.region === undefined ? '' : ` in ${region}`}`)]
}

export const versioningFindings = (bucket: string, enabled: boolean): CheckFinding[] => [
  enabled
    ? ok('Versioning', `on for ${bucket}`)
    : warning(
        'Versioning',
        `off for ${bucket}`,
        'A bundle that is overwritten or deleted cannot be restored for a rollback.',
        `Run \`aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled\`.`
      )
]

/** `blocked`: all four switches of the bucket are on. The account may block public access, too, which is not read. */
export const publicAccessFindings = (bucket: string, blocked: boolean): CheckFinding[] => [
  blocked
    ? ok('Public access', `blocked for ${bucket}`)
    : warning(
        'Public access',
        `${bucket} itself does not block all of it`,
        'A mistake in a policy could publish your bundles.',
        `Run \`aws s3api put-public-access-block --bucket ${bucket} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true\`.`
      )
]
