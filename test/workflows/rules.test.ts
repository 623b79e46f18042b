import { describe, expect, test } from '@jest/globals'
import { basename } from 'node:path'
import { action, examplePaths, read, steps, workflow, workflowPaths, type Job, type Step } from './files.js'

const every = [...workflowPaths(), ...examplePaths()]
const called = every.filter((path) => workflow(path).on.workflow_call !== undefined)
const OWN = /^(OWNER\/REPO@|\$\/action$)/
const OWN_WORKFLOW = /^OWNER\/REPO\/(\.github\/workflows\/\w+\.yml)@v1$/

/** What a workflow may do on GitHub besides reading the code. */
const SHOWN_ON_PULL_REQUESTS: Readonly<Record<string, readonly string[]>> = {
  'preview.yml': ['pull-requests,write', 'deployments,write'],
  'preview-cleanup.yml': ['pull-requests,write', 'deployments,write'],
  'fork-comment.yml': ['pull-requests,write', 'actions,read']
}

describe.each(every)('%s', (path) => {
  const { permissions, jobs } = workflow(path)
  const lines = read(path).split('\n')

  test('grants nothing at the top and only what it needs in its jobs', () => {
    const granted = Object.values(jobs).flatMap((job) => Object.entries(job.permissions ?? {}).map(String))
    const needed = ['contents,read', 'id-token,write', ...(SHOWN_ON_PULL_REQUESTS[basename(path)] ?? [])]
    expect(permissions).toEqual({})
    expect(granted.length).toBeGreaterThan(0)
    expect(granted.filter((grant) => !needed.includes(grant))).toEqual([])
  })

  test('says behind every permission why it is needed', () => {
    const grants = lines.filter((line) =>
      /^ +(permissions: \{ )?(contents|id-token|pull-requests|deployments|actions): (read|write)/.test(line)
    )
    expect(grants.length).toBeGreaterThan(0)
    expect(grants.filter((line) => !/ # \w/.test(line))).toEqual([])
  })

  test('pins every action by its commit and names the version', () => {
    const pinned = /uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/
    expect(lines.filter((line) => isForeign(line) && !pinned.test(line))).toEqual([])
  })

  test('brings no expression into a script', () => {
    expect(steps(workflow(path)).filter(({ run }) => run?.includes('${{'))).toEqual([])
  })

  test('leaves no token behind after a checkout', () => {
    const checkouts = steps(workflow(path)).filter(uses('actions/checkout@'))
    expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([])
  })

  test('hands the action only inputs that it has', () => {
    const known = Object.keys(action('action.yml').inputs)
    const own = steps(workflow(path)).filter(({ uses: name }) => OWN.test(name ?? ''))
    expect(
      own.flatMap((step) => Object.keys(step.with ?? {})).filter((name) => !known.includes(name))
    ).toEqual([])
  })

  test('hands a reusable workflow only inputs that it has', () => {
    expect(Object.values(jobs).flatMap(unknownInputs)).toEqual([])
  })

  test('ends a job of its own in a time that is written down', () => {
    const open = Object.values(jobs).filter((job) => job.steps && job['timeout-minutes'] === undefined)
    expect(open).toEqual([])
  })
})

describe.each(called)('%s, called by others', (path) => {
  const job = Object.values(workflow(path).jobs)[0]
  const isPreview = basename(path) === 'preview.yml'

  test(
    isPreview
      ? 'runs once at a time for a pull request, whose end waits for nothing'
      : 'queues per application and group, and never cancels',
    () => {
      const { group, ...others } = job?.concurrency ?? {}
      expect(group).toMatch(
        isPreview
          ? /github\.event\.pull_request\.number/
          : /inputs\.application-name.*inputs\.deployment-group-name/
      )
      expect(others).toEqual(
        isPreview ? { 'cancel-in-progress': "${{ github.event.action == 'closed' }}" } : { queue: 'max' }
      )
    }
  )

  test('runs no script at all', () => {
    expect(job?.steps?.filter(({ run }) => run !== undefined)).toEqual([])
  })

  test('reads every value it hands on from an input of the same name, or from a variable alone', () => {
    const handed = Object.entries(job?.steps?.at(-1)?.with ?? {}).filter(([name]) => name !== 'command')
    const inputs = workflow(path).on.workflow_call?.inputs ?? {}
    const value = (name: string): RegExp => (name in inputs ? valueOf(name) : VARIABLE)
    expect(handed.length).toBeGreaterThan(basename(path) === 'cleanup.yml' ? 10 : 20)
    expect(handed.filter(([name, text]) => !value(name).test(String(text)))).toEqual([])
  })

  test('passes every output of the action through', () => {
    const outputs = workflow(path).on.workflow_call?.outputs ?? {}
    expect(Object.keys(outputs)).toEqual(Object.keys(action('action.yml').outputs))
    expect(Object.keys(job?.outputs ?? {})).toEqual(Object.keys(outputs))
  })

  test('has the defaults of the action', () => {
    const expected = Object.entries(action('action.yml').inputs).map(([name, input]) => [
      name,
      input.default ?? ''
    ])
    const inputs = workflow(path).on.workflow_call?.inputs ?? {}
    const given = Object.entries(inputs).map(([name, input]) => [name, String(input.default ?? '')])
    const own = given.filter(([name]) => !OWN_INPUTS.includes(name ?? ''))
    expect(expected).toEqual(expect.arrayContaining(own))
  })
})

const VARIABLE = /^\$\{\{ vars\.[A-Z_0-9]+ \}\}$/

/** Inputs of the workflow itself, which the action does not know. */
const OWN_INPUTS = ['environment', 'artifact-name', 'runs-on', 'timeout-minutes']

function unknownInputs(job: Job): string[] {
  const target = OWN_WORKFLOW.exec(job.uses ?? '')?.[1]
  const known = target === undefined ? {} : (workflow(target).on.workflow_call?.inputs ?? {})
  return target === undefined ? [] : Object.keys(job.with ?? {}).filter((name) => !(name in known))
}

const isForeign = (line: string): boolean =>
  /^\s*(- )?uses: /.test(line) && !/uses: (OWNER\/REPO|\$\/)/.test(line)

const uses =
  (prefix: string) =>
  (step: Step): boolean =>
    step.uses?.startsWith(prefix) ?? false

const valueOf = (name: string): RegExp =>
  new RegExp(`^\\$\\{\\{ inputs\\.${name}( \\|\\| vars\\.[A-Z_0-9]+)? \\}\\}$`)

test('what a pull request may not choose comes from variables alone', () => {
  const inputs = Object.keys(workflow('.github/workflows/preview.yml').on.workflow_call?.inputs ?? {})
  const naming =
    /^(aws-region|role-to-assume|allowed-account-ids|application-name|(preview-)?deployment-group-name|s3-bucket|(preview-)?s3-prefix)$/
  expect(inputs.filter((name) => naming.test(name))).toEqual([])
})
