import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Policy } from './policy.js'
import type { Run } from './token.js'
import type { TrustPolicy } from './trust.js'

/** The names that the documented policies use, in this cloud. */
export interface RolePlace {
  accountId: string
  region: string
  bucket: string
  application: string
  deploymentGroup: string
  /** The group that is kept for previews; a test makes it. */
  previewGroup: string
}

/** The folder of the policies that users copy according to docs/security.md. */
export const DOCUMENTS = join(import.meta.dirname, '../../../docs/iam')

/** A key of this account; the cloud has no KMS and accepts any. */
export const keyOf = ({ region, accountId }: RolePlace): string =>
  `arn:aws:kms:${region}:${accountId}:key/1234abcd-12ab-34cd-56ef-1234567890ab`

/** Reads a document and fills it in as a user would; throws if a placeholder is left. */
const filledIn = (file: string, names: Readonly<Record<string, string>>): unknown => {
  const text = readFileSync(join(DOCUMENTS, file), 'utf8')
  // The longest first, so that ORG_ID is not read as ORG.
  const known = Object.keys(names).sort((one, other) => other.length - one.length)
  return JSON.parse(text.replace(new RegExp(known.join('|'), 'g'), (name) => names[name] ?? name))
}

/** A policy of docs/iam, by its file name, for the resources of this place. */
export const documentedPolicy = (file: string, place: RolePlace): Policy =>
  filledIn(file, {
    '111122223333': place.accountId,
    'ap-northeast-2': place.region,
    'festival-bundles': place.bucket,
    'festival/web': `${place.application}/${place.deploymentGroup}`,
    'festival/preview': `${place.application}/${place.previewGroup}`,
    CodeDeploy_web_: `CodeDeploy_${place.deploymentGroup}_`,
    'instance-profile/festival-instance': 'instance-profile/ExampleInstanceProfile',
    'festival-codedeploy': 'CodeDeployServiceRole',
    'festival-instance': 'ExampleInstanceRole',
    'festival-preview-codedeploy': 'ExamplePreviewServiceRole',
    'festival-preview-instance': 'ExamplePreviewInstanceRole',
    'app/festival-previews/': 'app/example-previews/',
    'festival-org/festival': 'example-org/example-app',
    festival: place.application,
    'arn:aws:kms:ap-northeast-2:111122223333:key/KEY_ID': keyOf(place)
  }) as Policy

/** The policies that are enough for a role: that of deploys, of rollbacks, of reading, of pull requests, and of checks. */
export const ROLES = [
  'action-policy.json',
  'rollback-policy.json',
  'read-policy.json',
  'preview-policy.json',
  'check-policy.json'
] as const
/** The policy of a role that makes and changes the deployment group, and deploys nothing. */
export const SETUP_ROLE = 'setup-policy.json'
/** The policy of a role that deletes what nothing needs, and deploys nothing. */
export const CLEANUP_ROLE = 'cleanup-policy.json'
/** The policy of a role that takes down previews which are over, and deploys nothing. */
export const PREVIEW_CLEANUP_ROLE = 'preview-cleanup-policy.json'
export type RoleDocument =
  (typeof ROLES)[number] | typeof SETUP_ROLE | typeof CLEANUP_ROLE | typeof PREVIEW_CLEANUP_ROLE

/** What a role with these documents may do. */
export const policyOf = (place: RolePlace, ...files: readonly string[]): Policy => ({
  Version: '2012-10-17',
  Statement: files.flatMap((file) => documentedPolicy(file, place).Statement)
})

/** What the action's role may do: docs/iam/action-policy.json and the given optional policies. */
export const rolePolicy = (place: RolePlace, ...optional: readonly string[]): Policy =>
  policyOf(place, 'action-policy.json', ...optional)

/** The documented trust policy for the repository of a run; that of the action stands for itself. */
export const documentedTrust = (
  accountId: string,
  run: Run,
  file: 'trust-policy.json' | 'preview-trust-policy.json' = 'trust-policy.json'
): TrustPolicy =>
  filledIn(file, {
    'OWNER/REPO': 'OWNER/REPO',
    '111122223333': accountId,
    ORG_ID: String(run.ownerId),
    ORG: run.owner,
    REPOSITORY_ID: String(run.repositoryId),
    REPOSITORY: run.repository
  }) as TrustPolicy
