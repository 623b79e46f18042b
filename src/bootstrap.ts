import { randomUUID } from 'node:crypto'
import { isGitHubError } from './domain/github.js'
import { explained } from './domain/refusal.js'
import { systemClock } from './edge/clock.js'
import { runContext } from './edge/context.js'
import { keepHeapSmall } from './edge/engine.js'
import { proxySecrets } from './edge/proxy.js'
import { runner as createRunner } from './edge/runner.js'
import { Canceled, UserError } from './errors.js'
import { main } from './main.js'
import type { World } from './ports.js'
import { lazyServices } from './services.js'
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
    ...lazyServices(runner, context, ends, process.env)
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
