import { setTimeout as delay } from 'node:timers/promises'
import { explained } from '../../src/domain/refusal.js'
import {
  connectCodeDeploy,
  connectFetch,
  connectHealth,
  connectManifests,
  connectObjects,
  connectRecords,
  connectStore,
  connectSts,
  connectTokens
} from '../../src/edge/aws.js'
import { defaultTimeouts, type Timeouts } from '../../src/edge/client-config.js'
import { connectAlarms } from '../../src/edge/cloudwatch.js'
import { connectCheck } from '../../src/edge/check.js'
import { connectConsole } from '../../src/edge/console-output.js'
import { connectScalingGroups } from '../../src/edge/copied-group.js'
import { connectFleet } from '../../src/edge/fleet.js'
import { connectCleanup } from '../../src/edge/cleanup.js'
import { connectCleanupStore } from '../../src/edge/cleanup-store.js'
import { connectPreviews } from '../../src/edge/preview-services.js'
import { connectSetup } from '../../src/edge/setup.js'
import { runContext } from '../../src/edge/context.js'
import { commitSubject, connectGitHub } from '../../src/edge/github.js'
import { tokenEndpoint } from '../../src/edge/oidc.js'
import { connectRunCommand } from '../../src/edge/run-command.js'
import { UserError } from '../../src/errors.js'
import { main } from '../../src/main.js'
import type { Clock, Runner, World } from '../../src/ports.js'
import { painter } from '../../src/report/style.js'
import { jobEnvironment, placeInputs } from '../action/run.js'
import type { SteppedClock } from '../cloud/clock.js'
import type { Cloud } from '../cloud/start.js'

/** What a run wrote and how it ended. */
export interface Told {
  code: number
  /** The error as a person sees it; undefined for a run that reached an outcome. */
  error: unknown
  /** Its message and its hint. */
  words: string
  log: string
  outputs: Record<string, string>
  masked: string[]
  summary: string
  /** Virtual milliseconds from the first line to the last. */
  tookMs: number
}

export interface RunPlan {
  cloud: Cloud
  clock: SteppedClock
  inputs: Record<string, string>
  env?: Record<string, string>
  timeouts?: Partial<Timeouts>
  /** The job has ambient credentials: an earlier step put keys into the environment. */
  keys?: boolean
  canceled?: AbortSignal
  lastMoment?: AbortSignal
  /** Called with each line, for example to cancel then. */
  onLine?: (line: string) => void
}

/** Short enough for a test in which a call hangs, long enough for every other call. */
const HANG: Timeouts = { connectMs: 2_000, requestMs: 2_000, silenceMs: 2_000 }

/** A sleep of the action advances the cloud's time; an aborted one ends at once. */
const sharedClock = (clock: SteppedClock): Clock => ({
  now: () => clock.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted()
    if (signal === undefined) return clock.advance(ms)
    let end = (): void => undefined
    const aborted = new Promise<void>((resolve) => (end = resolve))
    signal.addEventListener('abort', end, { once: true })
    await Promise.race([clock.advance(ms), aborted])
    signal.removeEventListener('abort', end)
    signal.throwIfAborted()
  }
})

const recorder = (inputs: Record<string, string>, onLine?: (line: string) => void) => {
  const lines: string[] = []
  const told: Pick<Told, 'outputs' | 'masked' | 'summary'> = { outputs: {}, masked: [], summary: '' }
  const write = (line: string): void => {
    lines.push(line)
    onLine?.(line)
  }
  const runner: Runner = {
    read: (name) => inputs[name] ?? '',
    info: write,
    once: (line) => {
      if (!lines.includes(line)) write(line)
    },
    group: (title) => write(`▼ ${title}`),
    endGroup: () => undefined,
    annotate: (level, message) => write(`${level}: ${message}`),
    debug: () => undefined,
    mask: (secret) => void told.masked.push(secret),
    hide: (text) => told.masked.reduce((shown, secret) => shown.replaceAll(secret, '***'), text),
    output: (name, value) => void (told.outputs[name] = value),
    summary: (markdown) => {
      told.summary += markdown
      return Promise.resolve()
    },
    fail: (message) => write(`error: ${message}`)
  }
  return { runner, lines, told }
}

const never = (): AbortSignal => new AbortController().signal

/** The real World up to the network: SDK clients over HTTP to the cloud, on the cloud's clock. */
const worldOf = (plan: RunPlan, runner: Runner): World => {
  const { clock: stepped, cloud } = plan
  const clock = sharedClock(stepped)
  const env = { ...cloud.env, GITHUB_REPOSITORY: 'example-org/example-app', ...plan.env }
  const context = runContext(env, process.cwd())
  const canceled = plan.canceled ?? never()
  const lastMoment = plan.lastMoment ?? never()
  const timeouts = { ...defaultTimeouts, ...plan.timeouts }
  const base = {
    told: new Map<string, number>(),
    clock,
    timeouts,
    signal: canceled,
    tell: (sentence: string) => runner.info(sentence)
  }
  const endpoint = tokenEndpoint(env)
  const github = { ...context, token: 'a-token', fetch: connectFetch({ timeouts }) }
  return {
    ...{ runner, context, clock, canceled, lastMoment, paint: painter(false), startedAt: clock.now() },
    keepHeapSmall: () => undefined,
    requestToken: endpoint === undefined ? undefined : connectTokens(endpoint, base),
    sts: (region) => Promise.resolve(connectSts(region, base)),
    codeDeploy: (region, identity, signal) =>
      Promise.resolve(connectCodeDeploy(region, identity, { ...base, signal })),
    targetHealth: (region, identity, signal) =>
      Promise.resolve(connectHealth(region, identity, { ...base, signal })),
    fleetFacts: (region, identity, signal) =>
      Promise.resolve(connectFleet(region, identity, { ...base, signal })),
    scalingGroups: (region, identity, signal) =>
      Promise.resolve(connectScalingGroups(region, identity, { ...base, signal })),
    alarmStates: (region, identity, signal) =>
      Promise.resolve(connectAlarms(region, identity, { ...base, signal })),
    runCommand: (region, identity, signal) =>
      Promise.resolve(connectRunCommand(region, identity, { ...base, signal })),
    checkReads: (place, identity, signal) =>
      Promise.resolve(connectCheck(place, identity, { ...base, signal })),
    consoleOutput: (region, identity, signal) =>
      Promise.resolve(connectConsole(region, identity, { ...base, signal })),
    setup: (region, identity) => Promise.resolve(connectSetup(region, identity, base)),
    previews: (region, identity, signal) =>
      Promise.resolve(connectPreviews(region, identity, { ...base, signal })),
    cleanup: (region, identity) => Promise.resolve(connectCleanup(region, identity, base)),
    cleanupStore: (place, identity) => Promise.resolve(connectCleanupStore(place, identity, base)),
    store: (place, identity) => Promise.resolve(connectStore(place, identity, base)),
    records: (place, key, identity) => Promise.resolve(connectRecords(place, key, identity, base)),
    runCreatedAt: () => Promise.resolve(undefined),
    manifests: (place, identity) => Promise.resolve(connectManifests(place, identity, base)),
    objects: (place, identity) => Promise.resolve(connectObjects(place, identity, { ...base, lastMoment })),
    commitSubject: (commit) =>
      commitSubject(commit, {
        ...github,
        signal: AbortSignal.any([canceled, AbortSignal.timeout(timeouts.requestMs)])
      }),
    github: (signal = canceled) =>
      Promise.resolve(connectGitHub({ ...github, clock, signal, tell: base.tell }))
  }
}

/** The SDK and its provider chain read the environment; a process has one cloud at a time. */
const enterEnvironment = ({ cloud, keys, env }: RunPlan): void => {
  for (const name of Object.keys(process.env))
    if (/^(AWS|GITHUB|RUNNER|ACTIONS)_/.test(name)) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, keys === true ? cloud.env : jobEnvironment(cloud.env), {
    AWS_EC2_METADATA_DISABLED: 'true',
    ...env
  })
}

/** Runs the action in this process, from its inputs to its exit code, and returns everything about the run. */
export const run = async (plan: RunPlan): Promise<Told> => {
  enterEnvironment(plan)
  const inputs = { ...placeInputs(plan.cloud.env), ...plan.inputs }
  const { runner, lines, told } = recorder(inputs, plan.onLine)
  const startedAt = plan.clock.now()
  let end: Pick<Told, 'code' | 'error' | 'words'>
  try {
    end = { code: await main(worldOf(plan, runner)), error: undefined, words: '' }
  } catch (thrown) {
    const error = explained(thrown)
    end = { code: 1, error, words: wordsOf(error) }
  }
  return { ...told, ...end, log: lines.join('\n'), tookMs: plan.clock.now() - startedAt }
}

const wordsOf = (error: unknown): string =>
  error instanceof UserError ? `${error.message}\n${error.hint}` : `NOT FOR A PERSON: ${String(error)}`

/** Timeouts for runs in which a call hangs. */
export const hangTimeouts = (ms: number): Timeouts => ({ ...HANG, requestMs: ms, silenceMs: ms })

/** Lets background work, such as a renewal or a closing socket, finish. */
export const settle = (): Promise<void> => delay(5)
