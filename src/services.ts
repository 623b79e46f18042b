import { rolePolicy } from './domain/rights.js'
import type { Connecting } from './edge/aws.js'
import { systemClock } from './edge/clock.js'
import type * as GitHubModule from './edge/github.js'
import { tokenEndpoint } from './edge/oidc.js'
import type { World } from './ports.js'

/** The part of the World that is outside of this process. */
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
  | 'previews'
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

/** AWS and GitHub. The SDK is loaded only when a command first needs it, so that the first log line appears early. */
export const lazyServices = (
  runner: World['runner'],
  context: World['context'],
  { canceled, lastMoment }: Pick<World, 'canceled' | 'lastMoment'>,
  env: NodeJS.ProcessEnv
): LazyServices => {
  const aws = () => import(/* webpackMode: "eager" */ './edge/aws.js')
  const base = connecting(runner, canceled, env)
  const endpoint = tokenEndpoint(env)
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
    previews: async (region, identity, signal) =>
      (await import(/* webpackMode: "eager" */ './edge/preview-services.js')).connectPreviews(
        region,
        identity,
        { ...base, signal }
      ),
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
  signal: AbortSignal,
  env: NodeJS.ProcessEnv
): Connecting & { signal: AbortSignal } => ({
  clock: systemClock,
  tell: info,
  told: new Map<string, number>(),
  rolePolicy: rolePolicy(read('command').trim(), {
    what: read('what').trim(),
    host: read('preview-host').trim()
  }),
  signal,
  trace: env['RUNNER_DEBUG'] === '1' ? { clock: systemClock, write: debug } : undefined
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
