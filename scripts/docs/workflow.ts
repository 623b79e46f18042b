import { commandsOf } from './commands.js'
import type { Input, Metadata } from './metadata.js'

/** A reusable workflow and the command it runs. */
export interface Workflow {
  path: string
  command: 'deploy' | 'rollback' | 'preview' | 'cleanup'
  /**
   * Inputs that a caller cannot set, with the variable each is read from: a pull request may change the workflow that calls this one,
   * but not the variables of an environment.
   */
  onlyVariables?: Readonly<Record<string, string>>
  /** Inputs of the command that this workflow has no use for. */
  without?: readonly string[]
}

/** Inputs that a caller cannot set: the command is fixed, and a token from elsewhere would have to be a secret. */
const KEPT = ['command', 'github-token']

/** The variable, of the repository, organization or environment, that an input is read from if the caller leaves it out. */
export const VARIABLES: Readonly<Record<string, string>> = {
  'aws-region': 'AWS_REGION',
  'role-to-assume': 'AWS_ROLE_ARN',
  'application-name': 'CODEDEPLOY_APPLICATION',
  'deployment-group-name': 'CODEDEPLOY_GROUP',
  's3-bucket': 'CODEDEPLOY_BUCKET',
  'green-auto-scaling-group': 'CODEDEPLOY_GREEN_FLEETS',
  'green-tags': 'CODEDEPLOY_GREEN_TAGS'
}

const OF_PREVIEWS = ['preview-listener-arn', 'preview-application-name', 'preview-ttl-hours', 'preview-label']

export const WORKFLOWS: readonly Workflow[] = [
  { path: '.github/workflows/deploy.yml', command: 'deploy' },
  { path: '.github/workflows/rollback.yml', command: 'rollback' },
  {
    path: '.github/workflows/cleanup.yml',
    command: 'cleanup',
    // Previews have a clean-up of their own, with other permissions (examples/workflows/preview-cleanup.yml).
    without: ['what', ...OF_PREVIEWS]
  },
  {
    path: '.github/workflows/preview.yml',
    command: 'preview',
    onlyVariables: {
      ...VARIABLES,
      's3-prefix': 'CODEDEPLOY_PREFIX',
      'expected-bucket-owner': 'CODEDEPLOY_BUCKET_OWNER',
      'allowed-account-ids': 'AWS_ACCOUNT_ID',
      'kms-key-id': 'CODEDEPLOY_KMS_KEY',
      'preview-deployment-group-name': 'CODEDEPLOY_PREVIEW_GROUP',
      'preview-s3-prefix': 'CODEDEPLOY_PREVIEW_PREFIX',
      'preview-url': 'CODEDEPLOY_PREVIEW_URL',
      'preview-host': 'CODEDEPLOY_PREVIEW_HOST',
      'preview-listener-arn': 'CODEDEPLOY_PREVIEW_LISTENER',
      'preview-launch-template': 'CODEDEPLOY_PREVIEW_TEMPLATE',
      'preview-service-role-arn': 'CODEDEPLOY_PREVIEW_SERVICE_ROLE',
      'preview-application-name': 'CODEDEPLOY_PREVIEW_APPLICATION',
      'preview-instances': 'CODEDEPLOY_PREVIEW_INSTANCES',
      'preview-limit': 'CODEDEPLOY_PREVIEW_LIMIT',
      'preview-label': 'CODEDEPLOY_PREVIEW_LABEL',
      'preview-shares-production-role': 'CODEDEPLOY_PREVIEW_SHARES_ROLE'
    }
  }
]

/** The inputs that this workflow passes on to the action. */
export const inputsOf = (workflow: Workflow, metadata: Metadata): Input[] =>
  metadata.inputs
    .filter(({ name }) => !KEPT.includes(name) && workflow.without?.includes(name) !== true)
    .filter(({ name }) => commandsOf(name).includes(workflow.command))

/** The entries of `on.workflow_call.inputs`. */
export const callInputs = (workflow: Workflow, metadata: Metadata): string =>
  inputsOf(workflow, metadata)
    .filter(({ name }) => workflow.onlyVariables?.[name] === undefined)
    .map(callInput)
    .join('\n')

function callInput(input: Input): string {
  const variable = VARIABLES[input.name]
  const note = variable === undefined ? '' : ` Default: the variable ${variable}.`
  return [
    `      ${input.name}:`,
    `        description: ${JSON.stringify(oneLine(input.description) + note)}`,
    `        type: ${isFlag(input) ? 'boolean' : 'string'}`,
    ...(input.default === undefined ? [] : [`        default: ${defaultOf(input)}`])
  ].join('\n')
}

/** The entries of `with:` in the step that runs the action. */
export const stepInputs = (workflow: Workflow, metadata: Metadata): string =>
  [
    `          command: ${workflow.command}`,
    ...inputsOf(workflow, metadata).map(({ name }) => `          ${name}: ${stepValue(name, workflow)}`)
  ].join('\n')

function stepValue(name: string, { onlyVariables = {} }: Workflow): string {
  const only = onlyVariables[name]
  if (only !== undefined) return `\${{ vars.${only} }}`
  const variable = VARIABLES[name]
  return variable === undefined ? `\${{ inputs.${name} }}` : `\${{ inputs.${name} || vars.${variable} }}`
}

/** The entries of the job's `outputs:`. */
export const jobOutputs = ({ outputs }: Metadata): string =>
  outputs.map(({ name }) => `      ${name}: \${{ steps.codedeploy.outputs.${name} }}`).join('\n')

/** The entries of `on.workflow_call.outputs`. */
export const callOutputs = ({ outputs }: Metadata, workflow: Workflow): string =>
  outputs
    .map(({ name, description }) =>
      [
        `      ${name}:`,
        `        description: ${JSON.stringify(oneLine(description))}`,
        `        value: \${{ jobs.${workflow.command}.outputs.${name} }}`
      ].join('\n')
    )
    .join('\n')

/** Inputs that take more than `true` and `false`. A caller's `true` is as good for a string: GitHub makes it one. */
const MORE_THAN_FLAGS = ['end-termination-wait']

const isFlag = (input: Input): boolean =>
  (input.default === 'true' || input.default === 'false') && !MORE_THAN_FLAGS.includes(input.name)

const defaultOf = (input: Input): string =>
  isFlag(input) ? String(input.default) : JSON.stringify(input.default ?? '')

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ')
