import { runner as createRunner } from './edge/runner.js'
import { runContext } from './edge/context.js'
import { systemClock } from './edge/clock.js'
import { explained } from './domain/refusal.js'
import { UserError } from './errors.js'
import { main } from './main.js'
import { painter } from './report/color.js'
import type { World } from './world.js'

/** The door: builds the real World, listens to the runner's signals, and turns what is thrown into the end of the job. */
export const enter = async (): Promise<void> => {
  const startedAt = Date.now()
  const runner = createRunner(process.env)
  const context = runContext(process.env, process.cwd())
  const canceled = cancelSignal()
  const world: World = {
    runner,
    context,
    startedAt,
    paint: painter((process.env['NO_COLOR'] ?? '') === ''),
    clock: systemClock,
    canceled,
    ...lazyServices(runner, context, canceled)
  }
  try {
    process.exitCode = await main(world)
  } catch (error) {
    tellError(explained(error), runner)
    process.exitCode = 1
  }
}

/** The first signal asks for an orderly end (a runner grants about ten seconds), the second ends at once. */
const cancelSignal = (): AbortSignal => {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort(new UserError('The job was canceled.', 'Run it again when you are ready.'))
    })
  return controller.signal
}

/** The SDK is read (and run) only when a command first needs it, so that the first line comes early. */
const lazyServices = (
  runner: World['runner'],
  context: World['context'],
  canceled: AbortSignal
): Pick<World, 'sts' | 'codeDeploy' | 'store' | 'objects' | 'commitSubject'> => {
  const aws = () => import(/* webpackMode: "eager" */ './edge/aws.js')
  const tell = (sentence: string): void => runner.info(sentence)
  return {
    sts: async (region) => (await aws()).connectSts(region, { clock: systemClock, tell }),
    codeDeploy: async (region, identity, signal) =>
      (await aws()).connectCodeDeploy(region, identity, { clock: systemClock, tell, signal }),
    store: async (place, identity) =>
      (await aws()).connectStore(place, identity, { clock: systemClock, tell }),
    objects: async (place, identity) =>
      (await aws()).connectObjects(place, identity, { clock: systemClock, tell, signal: canceled }),
    commitSubject: async (commit) => {
      const { commitSubject } = await import(/* webpackMode: "eager" */ './edge/commits.js')
      return commitSubject(commit, { ...context, token: runner.read('github-token') })
    }
  }
}

const tellError = (error: unknown, runner: World['runner']): void => {
  if (error instanceof UserError) {
    runner.fail(`${error.message}\n${error.hint}`)
    if (error.cause instanceof Error) runner.debug(error.cause.stack ?? error.cause.message)
    return
  }
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  runner.debug(stack)
  runner.fail(
    `${message}\nThis is a fault of the action itself. Run the job again with debug logging, and open an issue with what it prints.`
  )
}
