import type { LifecycleRule } from './facts.js'
import { type CheckFinding, ok, warning } from './finding.js'

/** `prefix`: where bundles are stored, with its slash. A rule reaches them if one of the two prefixes begins with the other. */
export const lifecycleFindings = (
  bucket: string,
  prefix: string,
  rules: readonly LifecycleRule[]
): CheckFinding[] => {
  const reaching = rules.filter((rule) => rule.prefix.startsWith(prefix) || prefix.startsWith(rule.prefix))
  const findings = reaching.flatMap((rule) => ruleFindings(bucket, rule))
  return findings.length === 0 ? [ok('Lifecycle rules', `none of ${bucket} ends bundles`)] : findings
}

const ruleFindings = (bucket: string, rule: LifecycleRule): CheckFinding[] => {
  const { id, expiresAfterDays: days, archives } = rule
  const name = `the rule ${id} of ${bucket}`
  const some = rule.isNarrower ? ' (those that its filter matches)' : ''
  const remedy = `Change the rule (\`aws s3api get-bucket-lifecycle-configuration --bucket ${bucket}\` shows it), unless that is intended.`
  return [
    ...(days === undefined
      ? []
      : [
          warning(
            'Lifecycle rules',
            `${name} deletes bundles${some} after ${days} days`,
            'A rollback to an older commit is then impossible, also while that commit is live.',
            remedy
          )
        ]),
    ...(archives.length === 0
      ? []
      : [
          warning(
            'Lifecycle rules',
            `${name} moves bundles${some} to ${archives.join(', ')}`,
            'Instances cannot download a bundle from there.',
            remedy
          )
        ])
  ]
}

/** `key`: the KMS key of the bucket's default encryption; undefined for S3's own keys. */
export const encryptionFindings = (bucket: string, key: string | undefined): CheckFinding[] => [
  ok(
    'Encryption',
    key === undefined
      ? `${bucket} uses keys of S3`
      : `${bucket} uses the KMS key ${key}; the roles of deploys and of instances need it too (docs/iam/optional-kms-key.json)`
  )
]
