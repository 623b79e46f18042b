import { randomUUID } from 'node:crypto'
import { isGitHubError } from './domain/github.js'
import { explained } from './domain/refusal.js'
import { rolePolicy } from './domain/rights.js'
import type { Connecting } from './edge/aws.js'
import { systemClock } from './edge/clock.js'
import type * as GitHubModule from './edge/github.js'
import { runContext } from './edge/context.js'
import { keepHeapSmall } from './edge/engine.js'
import { tokenEndpoint } from './edge/oidc.js'
import { proxySecrets } from './edge/proxy.js'
import { runner as createRunner } from './edge/runner.js'
import { Canceled, UserError } from './errors.js'
import { main } from './main.js'
import type { World } from './ports.js'
import { errorSummary } from './report/markdown.js'
import { wayOut } from './report/way-out.js'

/** Builds the real World, listens for the runner's signals, and ends the job with whatever error is thrown. */
export const start = async (): Promise<void> => {
  const startedAt = Date.now()
  const out = wayOut((process.env['NO_COLOR'] ?? '') === '', randomUUID())
  const runner = createRunner(process.env, out)
  for (const secret of proxySecrets(process.env)) runner.mask(secret)
  const context = runContext(process.env, process.cwd())
  const ends = endSignals()
  // Node would print the error unescaped, with whatever text a service put into it.
  process.on('uncaughtException', (error) => {
    void tellError(explained(error), runner)
      .catch(() => undefined)
      .finally(() => process.exit(1))
  })
  const world: World = {
    runner,
    context,
    startedAt,
    paint: out.paint,
    clock: systemClock,
    keepHeapSmall,
    ...ends,
    ...lazyServices(runner, context, ends)
  }
  try {
    process.exitCode = await main(world)
  } catch (error) {
    await tellError(explained(error), runner)
    process.exitCode = 1
  }
  // After a cancel, pending work must not keep the process alive until the runner kills it.
  if (ends.canceled.aborted) process.exit()
}

type Ends = Pick<World, 'canceled' | 'lastMoment'>

/**
 * The time left after each signal, in milliseconds: a runner sends SIGINT, after 7.5 s SIGTERM, and kills after another 2.5 s
 * (docs.github.com, "Workflow cancellation reference"). Some of it is reserved for the report.
 */
const GRACE_MS = { SIGINT: 6_500, SIGTERM: 1_700 } as const

/** The first signal requests an orderly end, the second ends the process immediately. */
const endSignals = (): Ends => {
  const canceled = new AbortController()
  const lastMoment = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (canceled.signal.aborted) process.exit(130)
      canceled.abort(
        new Canceled(
          'The job was canceled before anything was deployed.',
          'This run created no deployment. Run it again when you are ready.'
        )
      )
      const end = (): void =>
        lastMoment.abort(
          new UserError('The runner is terminating this job.', 'Run it again when you are ready.')
        )
      setTimeout(end, GRACE_MS[signal]).unref()
    })
  return { canceled: canceled.signal, lastMoment: lastMoment.signal }
}

type LazyServices = Pick<
  World,
  | 'requestToken'
  | 'sts'
  | 'codeDeploy'
  | 'targetHealth'
  | 'fleetFacts'
  | 'scalingGroups'
  | 'alarmStates'
  | 'checkReads'
  | 'runCommand'
  | 'consoleOutput'
  | 'setup'
  | 'cleanup'
  | 'cleanupStore'
  | 'store'
  | 'records'
  | 'manifests'
  | 'objects'
  | 'commitSubject'
  | 'runCreatedAt'
  | 'github'
>

/** The SDK is loaded only when a command first needs it, so that the first log line appears early. */
const lazyServices = (
  runner: World['runner'],
  context: World['context'],
  { canceled, lastMoment }: Ends
): LazyServices => {
  const aws = () => import(/* webpackMode: "eager" */ './edge/aws.js')
  const base = connecting(runner, canceled)
  const endpoint = tokenEndpoint(process.env)
  return {
    requestToken:
      endpoint === undefined
        ? undefined
        : async (audience) => (await aws()).connectTokens(endpoint, base)(audience),
    sts: async (region) => (await aws()).connectSts(region, base),
    codeDeploy: async (region, identity, signal) =>
      (await aws()).connectCodeDeploy(region, identity, { ...base, signal }),
    targetHealth: async (region, identity, signal) =>
      (await aws()).connectHealth(region, identity, { ...base, signal }),
    fleetFacts: async (region, identity, signal) =>
      (await import(/* webpackMode: "eager" */ './edge/fleet.js')).connectFleet(region, identity, {
        ...base,
        signal
      }),
    scalingGroups: async (region, identity, signal) =>
      (await import(/* webpackMode: "eager" */ './edge/copied-group.js')).connectScalingGroups(
        region,
        identity,
        { ...base, signal }
      ),
    alarmStates: async (region, identity, signal) =>
      (await import(/* webpackMode: "eager" */ './edge/cloudwatch.js')).connectAlarms(region, identity, {
        ...base,
        signal
      }),
    setup: async (region, identity) =>
      (await import(/* webpackMode: "eager" */ './edge/setup.js')).connectSetup(region, identity, base),
    ...cleanupServices(base),
    store: async (place, identity) => (await aws()).connectStore(place, identity, base),
    records: async (place, key, identity) => (await aws()).connectRecords(place, key, identity, base),
    manifests: async (place, identity) => (await aws()).connectManifests(place, identity, base),
    objects: async (place, identity) =>
      (await aws()).connectObjects(place, identity, { ...base, lastMoment }),
    ...rarelyUsed(base),
    ...github(runner, context, base)
  }
}

/** What a cleanup finds and deletes; read only by the runs that clean up. */
const cleanupServices = (base: Connecting): Pick<World, 'cleanup' | 'cleanupStore'> => ({
  cleanup: async (region, identity) =>
    (await import(/* webpackMode: "eager" */ './edge/cleanup.js')).connectCleanup(region, identity, base),
  cleanupStore: async (place, identity) =>
    (await import(/* webpackMode: "eager" */ './edge/cleanup-store.js')).connectCleanupStore(
      place,
      identity,
      base
    )
})

/** What says why an instance failed, and what a check reads; loaded only by the runs that ask. */
const rarelyUsed = (base: Connecting): Pick<World, 'runCommand' | 'consoleOutput' | 'checkReads'> => ({
  checkReads: async (place, identity, signal) =>
    (await import(/* webpackMode: "eager" */ './edge/check.js')).connectCheck(place, identity, {
      ...base,
      signal
    }),
  runCommand: async (region, identity, signal) =>
    (await import(/* webpackMode: "eager" */ './edge/run-command.js')).connectRunCommand(region, identity, {
      ...base,
      signal
    }),
  consoleOutput: async (region, identity, signal) =>
    (await import(/* webpackMode: "eager" */ './edge/console-output.js')).connectConsole(region, identity, {
      ...base,
      signal
    })
})

/** What every connection shares; with debug logging each call is written. */
const connecting = (
  { read, info, debug }: World['runner'],
  signal: AbortSignal
): Connecting & { signal: AbortSignal } => ({
  clock: systemClock,
  tell: info,
  told: new Map<string, number>(),
  rolePolicy: rolePolicy(read('command').trim()),
  signal,
  trace: process.env['RUNNER_DEBUG'] === '1' ? { clock: systemClock, write: debug } : undefined
})

/** How long to wait for what GitHub knows, which no run depends on. */
const GITHUB_MS = 5_000

/** GitHub's API, whose client is read only by the runs that ask. */
const github = (
  { read, info }: World['runner'],
  context: World['context'],
  { signal: canceled, trace }: Connecting & { signal: AbortSignal }
): Pick<World, 'commitSubject' | 'runCreatedAt' | 'github'> => {
  const ask = async <T>(
    question: (github: typeof GitHubModule, place: GitHubModule.GitHubPlace) => T | Promise<T>,
    signal: AbortSignal
  ): Promise<T | undefined> => {
    const token = read('github-token')
    if (token === '' || !context.repository.includes('/')) return undefined
    const [{ lateGitHub }, { connectFetch }] = await Promise.all([
      import(/* webpackMode: "eager" */ './edge/late-github.js'),
      import(/* webpackMode: "eager" */ './edge/aws.js')
    ])
    return question(lateGitHub(), { ...context, token, fetch: connectFetch({ trace }), signal })
  }
  const soon = (): AbortSignal => AbortSignal.any([canceled, AbortSignal.timeout(GITHUB_MS)])
  return {
    commitSubject: async (commit) =>
      (await ask((module, place) => module.commitSubject(commit, place), soon())) ?? '',
    runCreatedAt: async () =>
      context.createdAt ?? (await ask((module, place) => module.runCreatedAt(context.runId, place), soon())),
    github: (signal = canceled) =>
      ask((module, place) => module.connectGitHub({ ...place, clock: systemClock, tell: info }), signal)
  }
}

/** Reports a run without an outcome: in an annotation, and in the summary, which people read first. */
const tellError = async (error: unknown, runner: World['runner']): Promise<void> => {
  const { message, hint, stack } = wordsFor(error)
  runner.debug(stack)
  runner.fail(`${message}\n${hint}`)
  await runner.summary(errorSummary(message, hint))
}

const wordsFor = (error: unknown): { message: string; hint: string; stack: string } => {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  if (error instanceof UserError)
    return { message, hint: error.hint, stack: error.cause instanceof Error ? (error.cause.stack ?? '') : '' }
  // Its message says what to do.
  if (isGitHubError(error)) return { message, hint: 'Nothing was changed on AWS.', stack }
  const hint =
    'This is a bug in this action. Run the job again with debug logging, and open an issue with its output.'
  return { message, hint, stack }
}
