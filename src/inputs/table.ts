export const COMMANDS = [
  'deploy',
  'rollback',
  'release',
  'history',
  'preview',
  'setup',
  'cleanup',
  'check'
] as const
export type Command = (typeof COMMANDS)[number]

/** The commands an input belongs to, and the default that action.yml gives it. */
export interface InputSpec {
  for: readonly Command[]
  default?: string
}

const EVERY_DEPLOYMENT = ['deploy', 'rollback'] as const
/** A preview may deploy to a group of its own. */
const ALSO_PREVIEW = ['deploy', 'rollback', 'preview'] as const
const STORING = ['deploy', 'preview'] as const
const EVERY_GROUP = ['deploy', 'rollback', 'release', 'preview', 'cleanup'] as const
const OF_PREVIEWS = ['preview', 'cleanup'] as const
const EVERY_AWS = [...EVERY_GROUP, 'history', 'check'] as const
const EVERY_ROLE = [...EVERY_AWS, 'setup'] as const

/**
 * Every input with the commands it belongs to and the default that action.yml gives it (a test compares the two). An
 * input of another command is refused if it is set; only `preview` ignores them, so that it can be given what a deploy is given.
 */
const table = {
  command: { for: COMMANDS, default: 'deploy' },
  'aws-region': { for: EVERY_ROLE },
  'role-to-assume': { for: EVERY_ROLE },
  'role-session-name': { for: EVERY_ROLE, default: 'GitHubActions' },
  'role-duration-seconds': { for: EVERY_ROLE, default: '3600' },
  audience: { for: EVERY_ROLE, default: 'sts.amazonaws.com' },
  'allowed-account-ids': { for: EVERY_ROLE },
  'application-name': { for: EVERY_AWS },
  'deployment-group-name': { for: EVERY_AWS },
  's3-bucket': { for: EVERY_AWS },
  's3-prefix': { for: EVERY_AWS, default: 'codedeploy' },
  source: { for: [...STORING, 'check'], default: '.' },
  exclude: { for: STORING },
  commit: { for: EVERY_DEPLOYMENT },
  description: { for: EVERY_DEPLOYMENT },
  'deployment-config-name': { for: ALSO_PREVIEW },
  'green-auto-scaling-group': { for: EVERY_DEPLOYMENT },
  'green-tags': { for: EVERY_DEPLOYMENT },
  'file-exists-behavior': { for: ALSO_PREVIEW, default: 'DISALLOW' },
  'ignore-application-stop-failures': { for: ALSO_PREVIEW, default: 'false' },
  'delete-left-over': { for: ['deploy'], default: 'false' },
  'auto-rollback-events': { for: ALSO_PREVIEW },
  'wait-for': { for: EVERY_DEPLOYMENT, default: 'traffic' },
  'wait-for-minutes': { for: ALSO_PREVIEW },
  'stop-when-unhealthy-minutes': { for: EVERY_DEPLOYMENT },
  'poll-seconds': { for: ALSO_PREVIEW, default: '5' },
  'on-conflict': { for: EVERY_DEPLOYMENT },
  'end-termination-wait': { for: EVERY_DEPLOYMENT, default: 'false' },
  'even-if-failed': { for: ['rollback'], default: 'false' },
  'alarms-during-rollback': { for: ['rollback'], default: 'ignore' },
  'skip-order-check': { for: ['deploy'], default: 'false' },
  'redeploy-undone': { for: ['deploy'], default: 'false' },
  hold: { for: ['rollback'], default: 'false' },
  'release-hold': { for: ['deploy'], default: 'false' },
  freeze: { for: STORING },
  'override-freeze': { for: ['deploy'], default: 'false' },
  reason: { for: ['rollback', 'release'] },
  'on-cancel': { for: EVERY_DEPLOYMENT, default: 'rollback' },
  'instance-logs': { for: EVERY_DEPLOYMENT, default: 'none' },
  'instance-logs-document': { for: EVERY_DEPLOYMENT, default: 'codedeploy-instance-logs' },
  'expected-bucket-owner': { for: [...EVERY_GROUP, 'check'] },
  'kms-key-id': { for: STORING },
  'object-tags': { for: STORING },
  'compression-level': { for: STORING, default: '4' },
  'preview-deployment-group-name': { for: ['preview'] },
  'preview-s3-prefix': { for: ['preview'], default: 'codedeploy-previews' },
  'preview-url': { for: ['preview'] },
  'preview-host': { for: ['preview'] },
  'preview-listener-arn': { for: OF_PREVIEWS },
  'preview-launch-template': { for: ['preview'] },
  'preview-service-role-arn': { for: ['preview'] },
  'preview-application-name': { for: OF_PREVIEWS },
  'preview-instances': { for: ['preview'], default: '1' },
  'preview-limit': { for: ['preview'], default: '10' },
  'preview-ttl-hours': { for: ['cleanup'], default: '72' },
  'preview-label': { for: OF_PREVIEWS },
  'preview-shares-production-role': { for: ['preview'], default: 'false' },
  comment: { for: ['preview'], default: 'true' },
  limit: { for: ['rollback', 'history'], default: '20' },
  'rollback-workflow': { for: ['rollback', 'history'] },
  'setup-file': { for: ['setup', 'check'], default: '.github/codedeploy.yml' },
  what: { for: ['cleanup'], default: 'deployments' },
  'dry-run': { for: ['setup', 'cleanup'], default: 'true' },
  'keep-bundles': { for: ['cleanup'] },
  'time-zone': { for: EVERY_ROLE, default: 'UTC' },
  'github-token': { for: COMMANDS }
} satisfies Record<string, InputSpec>

export type InputName = keyof typeof table

export const INPUTS: Readonly<Record<InputName, InputSpec>> = table
