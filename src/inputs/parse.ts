import { type Commit, parseCommit } from '../domain/commit.js'
import { UserError } from '../errors.js'
import {
  BUCKET,
  BUCKET_RULE,
  deploymentInputs,
  freezeWindows,
  groupInputs,
  identityInputs,
  keyPrefix,
  lines,
  objectTags,
  reasonInput,
  rollbackWorkflow,
  timeZone
} from './fields.js'
import { NAME, NAME_RULE } from '../domain/names.js'
import { inputReader, type InputReader } from './reader.js'
import { type Command, COMMANDS, type InputName, INPUTS } from './table.js'
import { previewInputs } from './preview.js'
import { previewCleanupInputs } from './preview-environment.js'
import type { Defaults, DeployInputs, Inputs } from './types.js'

/** Inputs with a default from outside action.yml: their values do not show what the user wrote. */
const GIVEN_BY_THE_RUNNER: readonly string[] = ['github-token']

/**
 * Strings → Inputs. One error lists all mistakes, so that a person fixes a workflow once. `alsoWrong` adds mistakes that were
 * found elsewhere (in the source folder).
 */
export const parseInputs = (
  read: (name: InputName) => string,
  defaults: Defaults,
  alsoWrong: readonly string[] = []
): Inputs => {
  const reader = inputReader((name) => {
    const value = read(name).trim()
    return value === '' ? (INPUTS[name].default ?? '') : value
  })
  const command = reader.choice('command', COMMANDS)
  if (reader.mistakes.length === 0) refuseForeign(command, reader)
  const inputs = forCommand[command](reader, defaults)
  const mistakes = [...new Set([...reader.mistakes, ...alsoWrong])]
  if (mistakes.length > 0) throw inputError(mistakes)
  return inputs
}

/** One error for all mistakes. */
export const inputError = (mistakes: readonly string[]): UserError =>
  new UserError(
    mistakes.length === 1
      ? (mistakes[0] ?? '')
      : [`${mistakes.length} inputs need fixing:`, ...mistakes.map((mistake) => `  - ${mistake}`)].join('\n'),
    'Nothing was called and nothing was changed. Fix the `with:` of the step and run it again.'
  )

const refuseForeign = (command: Command, reader: InputReader): void => {
  if (command === 'preview') return
  for (const name of Object.keys(INPUTS) as InputName[]) {
    const spec = INPUTS[name]
    const value = reader.raw(name)
    if (
      spec.for.includes(command) ||
      value === '' ||
      value === spec.default ||
      GIVEN_BY_THE_RUNNER.includes(name)
    )
      continue
    reader.wrong(
      name,
      value,
      `is not an input of \`${command}\`, only of ${spec.for.map((one) => `\`${one}\``).join(' and ')}`
    )
  }
}

const deployedCommit = (reader: InputReader, fallback: string): Commit => {
  const text = reader.raw('commit') === '' ? fallback : reader.raw('commit')
  const commit = parseCommit(text.toLowerCase())
  if (commit === undefined)
    reader.wrong(
      'commit',
      text,
      'must be a full SHA of 40 hexadecimal digits; when it is empty, GITHUB_SHA of the job is used'
    )
  return commit ?? ('' as Commit)
}

/** A workflow that released every hold by itself would make holds useless, so only a person who dispatches it can. */
const releaseHold = (reader: InputReader, { event }: Defaults): boolean => {
  const wanted = reader.flag('release-hold')
  if (wanted && event !== '' && event !== 'workflow_dispatch')
    reader.wrong(
      'release-hold',
      'true',
      `this run was started by \`${event}\`; only a person who dispatches the workflow (\`workflow_dispatch\`) can release a hold`
    )
  return wanted
}

const rollbackTarget = (reader: InputReader): string => {
  const text = reader.raw('commit')
  const known = /^(|previous|[0-9a-fA-F]{7,40}|d-[A-Z0-9]{4,})$/.test(text)
  if (!known)
    reader.wrong(
      'commit',
      text,
      'must be a full or short SHA (7 digits or more), `previous`, a deployment id `d-…`, or empty to see the list'
    )
  return text.startsWith('d-') ? text : text.toLowerCase()
}

const limit = (reader: InputReader): number => reader.number('limit', { min: 1, max: 1000, whole: true })

const deployInputs = (reader: InputReader, commit: Commit): DeployInputs => ({
  command: 'deploy',
  kmsKeyId: reader.optional(
    'kms-key-id',
    /^[A-Za-z0-9:/_-]{1,2048}$/,
    'the id, the ARN or the alias of a KMS key, such as `alias/bundles`'
  ),
  ...deploymentInputs(reader, 'wait'),
  source: reader.raw('source'),
  exclude: lines(reader.raw('exclude')),
  commit,
  skipOrderCheck: reader.flag('skip-order-check'),
  redeployUndone: reader.flag('redeploy-undone'),
  deleteLeftOver: reader.flag('delete-left-over'),
  releaseHold: false,
  freeze: freezeWindows(reader),
  overrideFreeze: reader.flag('override-freeze'),
  objectTags: objectTags(reader),
  compressionLevel: reader.number('compression-level', { min: 0, max: 9, whole: true })
})

const forCommand: { [C in Command]: (reader: InputReader, defaults: Defaults) => Inputs } = {
  deploy: (reader, defaults) => ({
    ...deployInputs(reader, deployedCommit(reader, defaults.commit)),
    releaseHold: releaseHold(reader, defaults)
  }),
  // The site is broken when somebody rolls back, so a running deployment is stopped unless the workflow says otherwise.
  rollback: (reader) => {
    if (reader.raw('wait-for') === 'none')
      reader.wrong(
        'wait-for',
        'none',
        'a rollback is watched until its target is live; use `traffic` or `complete`'
      )
    if (reader.raw('hold') === 'true' && reader.raw('commit') === '')
      reader.wrong('hold', 'true', 'needs a `commit`, since the list of what is available changes nothing')
    return {
      command: 'rollback',
      ...deploymentInputs(reader, 'supersede'),
      commit: rollbackTarget(reader),
      evenIfFailed: reader.flag('even-if-failed'),
      limit: limit(reader),
      hold: reader.flag('hold'),
      reason: reasonInput(reader),
      rollbackWorkflow: rollbackWorkflow(reader),
      alarms: reader.choice('alarms-during-rollback', ['ignore', 'keep'])
    }
  },
  release: (reader) => ({ command: 'release', ...groupInputs(reader), reason: reasonInput(reader) }),
  history: (reader) => {
    const application = reader.required('application-name', NAME, NAME_RULE)
    const group = reader.required('deployment-group-name', NAME, NAME_RULE)
    return {
      command: 'history',
      identity: identityInputs(reader),
      application,
      group,
      bucket: reader.optional('s3-bucket', BUCKET, BUCKET_RULE) ?? '',
      prefix: keyPrefix(reader, { application, group }),
      limit: limit(reader),
      timeZone: timeZone(reader),
      rollbackWorkflow: rollbackWorkflow(reader)
    }
  },
  setup: (reader) => ({
    command: 'setup',
    identity: identityInputs(reader),
    file: reader.required('setup-file', /^.+$/, 'the path of a setup file'),
    dryRun: reader.flag('dry-run'),
    timeZone: timeZone(reader)
  }),
  cleanup: (reader, defaults) => {
    const what = reader.choice('what', ['deployments', 'previews'])
    const dryRun = reader.flag('dry-run')
    if (what === 'previews') return previewCleanupInputs(reader, dryRun, defaults)
    return {
      ...{ command: 'cleanup', what, dryRun },
      ...groupInputs(reader),
      keepBundles:
        reader.raw('keep-bundles') === ''
          ? undefined
          : reader.number('keep-bundles', { min: 1, max: 1000, whole: true })
    }
  },
  check: (reader) => {
    const application = reader.required('application-name', NAME, NAME_RULE)
    const group = reader.required('deployment-group-name', NAME, NAME_RULE)
    return {
      command: 'check',
      source: reader.raw('source'),
      setupFile: reader.raw('setup-file'),
      identity: identityInputs(reader),
      application,
      group,
      bucket: reader.optional('s3-bucket', BUCKET, BUCKET_RULE) ?? '',
      prefix: keyPrefix(reader, { application, group }),
      expectedBucketOwner: reader.optional('expected-bucket-owner', /^\d{12}$/, 'a 12-digit account id'),
      timeZone: timeZone(reader)
    }
  },
  preview: (reader, defaults) =>
    previewInputs(reader, defaults, () =>
      deployInputs(reader, parseCommit(defaults.commit.toLowerCase()) ?? ('' as Commit))
    )
}
