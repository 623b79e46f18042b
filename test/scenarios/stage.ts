import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobEnvironment, placeInputs, runAction, type ActionRun, type RunOptions } from '../action/run.js'
import { startCloud, type Cloud, type StartOptions } from '../cloud/start.js'
import { BARE, commitOf, writeApp } from './app.js'

/** What a run is told beside what every run of the stage is told. */
export interface Telling {
  inputs?: Record<string, string>
  env?: Record<string, string>
  onLog?: RunOptions['onLog']
}

export interface Deploying extends Telling {
  /** The commit's message; the version's name where it is left out. */
  message?: string
  /** Files of the application that differ. */
  changes?: Record<string, string>
  /** The commit, where it is not that of the version. */
  commit?: string
}

/** A cloud and a repository in which one story takes place. */
export interface Stage {
  cloud: Cloud
  scratch: string
  /** Any command. */
  run(telling: Telling): Promise<ActionRun>
  /** Writes that version of the application and deploys it, as a push of its commit would. */
  deploy(version: string, deploying?: Deploying): Promise<ActionRun>
  rollback(commit: string, telling?: Telling): Promise<ActionRun>
  history(telling?: Telling): Promise<ActionRun>
  /** The version that a visitor meets now. */
  serving(): Promise<string>
  close(): Promise<void>
}

/** Looks often: the clouds of these stories are fast. */
const OFTEN = { 'poll-seconds': '0.2' }

/** A cloud whose servers really run. Minutes of the service pass in a moment, but hooks have time to work. */
export const openStage = (options: StartOptions = {}): Promise<Stage> =>
  open({ timeScale: 300, terminationWait: 1, ...options })

/** A cloud whose servers answer from a table. */
export const openScriptedStage = (options: StartOptions = {}): Promise<Stage> =>
  open({ scripted: true, timeScale: 500, terminationWait: 1, ...options })

const open = async (options: StartOptions): Promise<Stage> => {
  const cloud = await startCloud(options)
  const scratch = await mkdtemp(join(tmpdir(), 'story-'))
  let runs = 0
  const run = ({ inputs = {}, env = {}, onLog }: Telling): Promise<ActionRun> =>
    runAction({
      inputs: { ...placeInputs(cloud.env), ...OFTEN, ...inputs },
      env: { ...jobEnvironment(cloud.env), ...runOf(++runs), ...env },
      cwd: scratch,
      ...(onLog === undefined ? {} : { onLog })
    })
  const deploy = async (version: string, deploying: Deploying = {}): Promise<ActionRun> => {
    const { message = version, changes, commit = commitOf(version), inputs = {}, env = {}, onLog } = deploying
    const folder = await writeApp(join(scratch, version), version, {
      ...(options.scripted === true ? BARE : {}),
      ...changes
    })
    const event = join(scratch, `${version}.json`)
    await writeFile(event, JSON.stringify({ head_commit: { id: commit, message } }))
    return run({
      inputs: { source: folder, ...inputs },
      env: { GITHUB_SHA: commit, GITHUB_EVENT_PATH: event, ...env },
      ...(onLog === undefined ? {} : { onLog })
    })
  }
  return {
    cloud,
    scratch,
    run,
    deploy,
    rollback: (commit, { inputs = {}, ...rest } = {}) =>
      run({ inputs: { command: 'rollback', commit, ...inputs }, ...rest }),
    history: ({ inputs = {}, ...rest } = {}) =>
      run({ inputs: { command: 'history', 's3-bucket': '', 'poll-seconds': '', ...inputs }, ...rest }),
    serving: () => servedBy(cloud),
    close: async () => {
      await cloud.stop()
      await rm(scratch, { recursive: true, force: true })
    }
  }
}

const runOf = (number: number): Record<string, string> => ({
  GITHUB_REPOSITORY: 'example-org/example-app',
  GITHUB_RUN_ID: String(7_000_000_000 + number),
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_ACTOR: 'octocat',
  NODE_NO_WARNINGS: '1'
})

const servedBy = async (cloud: Cloud): Promise<string> => {
  const answer = await fetch(cloud.env['SERVICE_URL'] ?? '')
  return answer.ok ? ((await answer.json()) as { version: string }).version : `HTTP ${answer.status}`
}

/** The lines of a log as a person reads them: without colors, and without what a runner keeps to itself. */
export const readable = ({ log }: ActionRun): string =>
  log
    // eslint-disable-next-line no-control-regex -- colors of a terminal
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split('\n')
    .filter((line) => !/^::(add-mask|debug)::/.test(line))
    .join('\n')
