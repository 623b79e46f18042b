import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../files.js'

/** A workflow run to be made: the event, the file and what the event carries. */
export interface Run {
  event: 'push' | 'workflow_dispatch' | 'pull_request' | 'schedule'
  workflow: string
  /** GitHub counts the runs of a workflow; the action compares their order. */
  number?: number
  inputs?: Record<string, string>
  /** A file with what the event carries. */
  eventPath?: string
}

/** What a run left behind. */
export interface Result {
  exitCode: number
  /** Every line that a step wrote. */
  log: string
  /** Outputs of the steps, by name; the last one counts. */
  outputs: Record<string, string>
  /** The job summaries, one after the other. */
  summary: string
}

/** Where runs take place: repositories and variables are those of a user of the action. */
export interface Place {
  act: string
  /** Scratch folder for the home of act and its cache. */
  home: string
  own: string
  caller: string
  variables: Record<string, string>
  environment: Record<string, string>
  /** What act would set itself: the address of GitHub's API. */
  github?: Record<string, string>
  /** The job's own token, where GitHub is there to be asked. */
  token?: string
}

/** Where a caller's jobs run on the local cloud of this environment: `own` and `caller` in the scratch folder, and a home. */
export function placeIn(
  scratch: string,
  act: string,
  { cloud, variables = {} }: { cloud: Record<string, string>; variables?: Record<string, string> }
): Place {
  const home = join(scratch, 'home')
  mkdirSync(home)
  const value = (name: string): string => cloud[name] ?? ''
  // What a runner gives a job; no key.
  const handed = ['AWS_ENDPOINT_URL', 'ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']
  return {
    ...{ act, home, own: join(scratch, 'own'), caller: join(scratch, 'caller') },
    variables: {
      AWS_REGION: value('AWS_REGION'),
      AWS_ROLE_ARN: value('ROLE_ARN'),
      CODEDEPLOY_APPLICATION: value('APPLICATION_NAME'),
      CODEDEPLOY_GROUP: value('DEPLOYMENT_GROUP_NAME'),
      CODEDEPLOY_BUCKET: value('S3_BUCKET'),
      ...variables
    },
    environment: Object.fromEntries(handed.map((name) => [name, value(name)]))
  }
}

/** The whole log of a run that failed, and nothing of one that did not. */
export const failureOf = ({ exitCode, log }: Result): string => (exitCode === 0 ? '' : log)

/** The path of act, or undefined where it is not installed. */
export function findAct(): string | undefined {
  const candidates = ['act', join(homedir(), 'go/bin/act')]
  return candidates.find((path) => {
    try {
      return execFileSync(path, ['--version'], { stdio: 'pipe' }).length > 0
    } catch {
      return false
    }
  })
}

/** Runs a workflow of the caller's repository on this machine, without containers. */
export async function runWorkflow(place: Place, run: Run): Promise<Result> {
  const environment = { PATH: process.env['PATH'] ?? '', HOME: place.home, CALLER_REPOSITORY: place.caller }
  const child = spawn(place.act, commandLine(place, run), {
    cwd: place.caller,
    env: { ...environment, ...place.environment },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let text = ''
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (text += piece.toString()))
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? -1))
  })
  return { exitCode, ...read(text) }
}

function commandLine(place: Place, run: Run): string[] {
  const local = { 'OWNER/REPO@v1': place.own, ...standIns(place.own) }
  return [
    run.event,
    ...['--workflows', run.workflow, '--platform', 'ubuntu-latest=-self-hosted', '--json'],
    ...pairs('--local-repository', local),
    ...pairs('--var', place.variables),
    ...pairs('--input', run.inputs ?? {}),
    ...pairs('--env', { ...runOf(run), ...place.github }),
    ...(run.eventPath === undefined ? [] : ['--eventpath', run.eventPath]),
    ...(place.token === undefined ? [] : ['--secret', `GITHUB_TOKEN=${place.token}`])
  ]
}

/** Other people's actions that the workflows pin, played by the folders beside this file: there is no network here. */
function standIns(own: string): Record<string, string> {
  const workflow = readFileSync(join(own, '.github/workflows/deploy.yml'), 'utf8')
  const pins = [...workflow.matchAll(/uses: (actions\/([\w-]+)@[0-9a-f]{40})/g)]
  return Object.fromEntries(
    pins.map(([, pin = '', name = '']) => [pin, join(ROOT, 'test/workflows/act', name)])
  )
}

const runOf = ({ number = 1 }: Run): Record<string, string> => ({
  GITHUB_RUN_ID: String(1000 + number),
  GITHUB_RUN_NUMBER: String(number)
})

const pairs = (option: string, values: Record<string, string>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`])

interface Line {
  msg?: string
  /** A workflow command as the step wrote it. */
  raw?: string
  command?: string
  name?: string
  arg?: string
  content?: string
}

/** Commands that are files on a runner, not lines of the log. */
const UNWRITTEN = ['set-output', 'summary', 'add-mask']

/** act's JSON log: one object a line, some plain text on errors. */
function read(text: string): Omit<Result, 'exitCode'> {
  const lines = text.split('\n').map(parseLine)
  const written = lines.filter(({ command = '' }) => !UNWRITTEN.includes(command))
  const outputs = lines.filter(({ command }) => command === 'set-output')
  return {
    log: written.map(({ raw, msg = '' }) => (raw ?? msg).replace(/\n$/, '')).join('\n'),
    outputs: Object.fromEntries(outputs.map(({ name = '', arg = '' }) => [name, arg])),
    summary: lines.map(({ command, content = '' }) => (command === 'summary' ? content : '')).join('')
  }
}

function parseLine(text: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch {
    return { msg: text }
  }
}
