import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { action, ROOT, workflow, type CallInput } from '../files.js'
import { findAct, runWorkflow, type Place, type Result } from './act.js'
import { callerRepository } from './caller.js'
import { ownRepository } from './own.js'

const act = findAct()
const story = act === undefined ? describe.skip : describe
const where = act === undefined ? ' (skipped: no act; go install github.com/nektos/act@v0.2.87)' : ''
// Typed in the workflow, or read before the action is reached.
const SPECIAL = {
  commit: 'HEAD',
  'ignore-application-stop-failures': true,
  'end-termination-wait': true,
  'skip-order-check': true
}
if (act === undefined) console.warn(`The reusable workflows are not run${where}`)

story(`a reusable workflow run by act${where}`, () => {
  let scratch: string
  let place: Place
  let commit: string

  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'act-'))
    ;({ place, commit } = prepare(scratch, act ?? ''))
  })
  afterAll(() => rmSync(scratch, { recursive: true, force: true }))

  test.each(['deploy', 'rollback', 'preview'])(
    '%s.yml hands every input on, and every output back',
    async (name) => {
      const result = await runWorkflow(place, {
        event: 'push',
        workflow: `.github/workflows/all-${name}.yml`
      })
      expect(result.exitCode).toBe(0)
      expect(inputs(result)).toEqual({ ...expected(name), ...placesOf(name, place), COMMAND: name })
      const names = Object.keys(action('action.yml').outputs)
      expect(printed(result, 'outputs')).toEqual(Object.fromEntries(names.map((output) => [output, output])))
    }
  )

  test('the environment names the place where the caller does not', async () => {
    const result = await runWorkflow(place, { event: 'push', workflow: '.github/workflows/deploy.yml' })
    expect(inputs(result)).toMatchObject({
      'AWS-REGION': 'ap-northeast-2',
      'ROLE-TO-ASSUME': 'arn:aws:iam::111122223333:role/deploy',
      'APPLICATION-NAME': 'festival',
      'DEPLOYMENT-GROUP-NAME': 'web',
      'S3-BUCKET': 'bundles'
    })
  })

  test('the commit is what is in the workspace', async () => {
    const result = await runWorkflow(place, { event: 'push', workflow: '.github/workflows/deploy.yml' })
    expect(result.log).toContain(`checked out ${commit}`)
    expect(result.log).toMatch(/^workspace .*package\.json/m)
  })

  test('an artifact is all that is in the workspace', async () => {
    const result = await runWorkflow(place, { event: 'push', workflow: '.github/workflows/one-artifact.yml' })
    expect(result.log).toMatch(/^workspace bundle\.tgz$/m)
  })

  test('a rollback checks nothing out', async () => {
    const run = { event: 'workflow_dispatch', workflow: '.github/workflows/rollback.yml' } as const
    const result = await runWorkflow(place, { ...run, inputs: { commit: 'abcdef0' } })
    expect(inputs(result)).toMatchObject({ COMMAND: 'rollback', COMMIT: 'abcdef0' })
    expect(result.log).toMatch(/^workspace $/m)
  })

  test('an input that is a script runs nowhere', async () => {
    const run = { event: 'workflow_dispatch', workflow: '.github/workflows/rollback.yml' } as const
    const result = await runWorkflow(place, { ...run, inputs: { commit: '`touch x`; $(touch x) "' } })
    expect(inputs(result)).toMatchObject({ COMMIT: '`touch x`; $(touch x) "' })
    expect(result.log).toMatch(/^workspace $/m)
  })
})

/** A caller that hands in a value for every input, and one for an artifact, beside the examples. */
function prepare(scratch: string, path: string): { place: Place; commit: string } {
  const [own, caller, artifacts] = ['own', 'caller', 'artifacts'].map((name) => join(scratch, name)) as [
    string,
    string,
    string
  ]
  ownRepository(own, join(ROOT, 'test/workflows/act/probe'))
  mkdirSync(join(artifacts, 'bundle'), { recursive: true })
  writeFileSync(join(artifacts, 'bundle/bundle.tgz'), '')
  const { commit } = callerRepository(caller, join(ROOT, 'test/workflows/act/probe'))
  for (const name of ['deploy', 'rollback', 'preview']) write(caller, `all-${name}`, call(name, values(name)))
  write(caller, 'one-artifact', call('deploy', { 'artifact-name': 'bundle', source: 'bundle.tgz' }))
  const place: Place = {
    act: path,
    home: join(scratch, 'home'),
    own,
    caller,
    variables: {
      AWS_REGION: 'ap-northeast-2',
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/deploy',
      CODEDEPLOY_APPLICATION: 'festival',
      CODEDEPLOY_GROUP: 'web',
      CODEDEPLOY_BUCKET: 'bundles'
    },
    environment: { ARTIFACTS: artifacts, OUTPUT_NAMES: Object.keys(action('action.yml').outputs).join(' ') }
  }
  return { place, commit: commit('First') }
}

const write = (caller: string, name: string, content: object): void =>
  writeFileSync(join(caller, '.github/workflows', `${name}.yml`), stringify(content))

/** A workflow that calls `name` and prints which outputs came back with their own values. */
const call = (name: string, given: Record<string, string | boolean>): object => ({
  name: 'Call',
  on: 'push',
  jobs: {
    call: { uses: `OWNER/REPO/.github/workflows/${name}.yml@v1`, with: given },
    report: {
      needs: 'call',
      'runs-on': 'ubuntu-latest',
      steps: [{ run: 'echo outputs $OUTPUTS', env: { OUTPUTS: '${{ toJSON(needs.call.outputs) }}' } }]
    }
  }
})

function values(name: string): Record<string, string | boolean> {
  const given = Object.keys(callInputs(name)).filter((input) => input in action('action.yml').inputs)
  return { ...Object.fromEntries(given.map((input) => [input, `the ${input}`])), ...pick(SPECIAL, given) }
}

const callInputs = (name: string): Record<string, CallInput> =>
  workflow(`.github/workflows/${name}.yml`).on.workflow_call?.inputs ?? {}

const pick = (values: Record<string, string | boolean>, names: string[]): Record<string, string | boolean> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)))

/** What the action should get: the values handed in, and its own defaults for what the workflow does not take. */
function expected(name: string): Record<string, string> {
  const known = Object.entries(action('action.yml').inputs).filter(([input]) => input !== 'github-token')
  const given = values(name)
  return Object.fromEntries(
    known.map(([input, { default: own = '' }]) => [input.toUpperCase(), String(given[input] ?? own)])
  )
}

/** What a workflow takes from variables alone: a pull request can change its own file, but not these. */
function placesOf(name: string, { variables }: Place): Record<string, string> {
  const given = workflow(`.github/workflows/${name}.yml`).jobs[name]?.steps?.at(-1)?.with ?? {}
  return Object.fromEntries(
    Object.entries(given).flatMap(([input, value]) => {
      const variable = /^\$\{\{ vars\.(\w+) \}\}$/.exec(String(value))?.[1]
      return variable === undefined ? [] : [[input.toUpperCase(), variables[variable] ?? '']]
    })
  )
}

function inputs(result: Result): Record<string, string> {
  const seen = Object.entries(printed(result, 'inputs'))
  const named = seen.map(([name, value]): [string, string] => [name.replace('INPUT_', ''), value])
  return Object.fromEntries(named.filter(([name]) => name !== 'GITHUB-TOKEN'))
}

/** The JSON that a step printed behind this word. */
function printed({ log }: Result, word: string): Record<string, string> {
  const line = log.split('\n').find((text) => text.startsWith(`${word} {`))
  return line === undefined ? {} : (JSON.parse(line.slice(word.length)) as Record<string, string>)
}
