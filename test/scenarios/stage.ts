import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobEnvironment, placeInputs, runAction, type ActionRun, type RunOptions } from '../action/run.js'
import { fastClock } from '../cloud/clock.js'
import { startCloud, type Cloud, type StartOptions } from '../cloud/start.js'
import { BARE, commitOf, writeApp } from './app.js'

/** Settings of one run, in addition to those of every run of the stage. */
export interface Settings {
  inputs?: Record<string, string>
  env?: Record<string, string>
  onLog?: RunOptions['onLog']
}

export interface DeploySettings extends Settings {
  /** The commit's message; the version's name by default. */
  message?: string
  /** Files of the application to replace or add. */
  changes?: Record<string, string>
  /** The commit; that of the version by default. */
  commit?: string
}

/** A cloud and a repository for one story. */
export interface Stage {
  cloud: Cloud
  scratch: string
  /** Any command. */
  run(settings: Settings): Promise<ActionRun>
  /** Writes this version of the application and deploys it, as a push of its commit would. */
  deploy(version: string, settings?: DeploySettings): Promise<ActionRun>
  rollback(commit: string, settings?: Settings): Promise<ActionRun>
  history(settings?: Settings): Promise<ActionRun>
  /** The version that a visitor gets now. */
  serving(): Promise<string>
  close(): Promise<void>
}

/** Polls often, because the clouds of these stories are fast. */
const OFTEN = { 'poll-seconds': '0.2' }
/** Of a time that runs faster. */
const AS_USUAL = { 'poll-seconds': '5' }

/** A cloud whose servers really run. Minutes of the service pass in a moment, but hooks have time to run. */
export const openStage = (options: StartOptions = {}): Promise<Stage> =>
  open({ timeScale: 300, terminationWait: 1, ...options })

/** A cloud whose servers answer from a table. */
export const openScriptedStage = (options: StartOptions = {}): Promise<Stage> =>
  open({ scripted: true, timeScale: 500, terminationWait: 1, ...options })

/** The same, and the action lives in it: for both, `scale` minutes pass in a minute, so that long waits are over in a moment. */
export const openFastStage = (scale: number, options: StartOptions = {}): Promise<Stage> => {
  const since = Date.now()
  const clock = fastClock(since, scale)
  return open({ scripted: true, terminationWait: 1, clock, sharesClock: true, ...options }, { since, scale })
}

const open = async (options: StartOptions, fast?: RunOptions['fast']): Promise<Stage> => {
  const cloud = await startCloud(options)
  const scratch = await mkdtemp(join(tmpdir(), 'story-'))
  let runs = 0
  const run = ({ inputs = {}, env = {}, onLog }: Settings): Promise<ActionRun> =>
    runAction({
      inputs: { ...placeInputs(cloud.env), ...(fast === undefined ? OFTEN : AS_USUAL), ...inputs },
      env: { ...jobEnvironment(cloud.env), ...runOf(++runs), ...env },
      cwd: scratch,
      fast,
      ...(onLog === undefined ? {} : { onLog })
    })
  const deploy = async (version: string, settings: DeploySettings = {}): Promise<ActionRun> => {
    const { message = version, changes, commit = commitOf(version), inputs = {}, env = {}, onLog } = settings
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

/** The lines of a log as a person sees them: without colors, masks and debug messages. */
export const readable = ({ log }: ActionRun): string =>
  log
    // eslint-disable-next-line no-control-regex -- colors of a terminal
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split('\n')
    .filter((line) => !/^::(add-mask|debug)::/.test(line))
    .join('\n')

const CHANGES = /^(CreateDeployment|StopDeployment|ContinueDeployment|PutObject|CopyObject|DeleteObject)$/

/** Runs, and returns the run together with the calls that changed something other than the group's record and manifests. */
export const changing = async (
  { cloud }: Stage,
  work: () => Promise<ActionRun>
): Promise<{ run: ActionRun; changes: string[] }> => {
  const before = cloud.requests.length
  const run = await work()
  const called = cloud.requests.slice(before).filter(({ path }) => !/\/(groups|manifests)\//.test(path))
  const operations = called.map(({ operation }) => operation)
  return { run, changes: operations.filter((operation) => CHANGES.test(operation)) }
}
