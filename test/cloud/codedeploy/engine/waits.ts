import type { Engine, Run } from './engine.js'

/** Waits until the time has passed or ContinueDeployment ends the wait. Rejects if the deployment is stopped. */
export const waitOrContinue = async (
  engine: Engine,
  run: Run,
  ms: number
): Promise<'continued' | 'elapsed'> => {
  const skip = new AbortController()
  run.continueNow = () => skip.abort()
  try {
    await engine.clock.sleep(ms, AbortSignal.any([run.signal, skip.signal]))
    return 'elapsed'
  } catch (reason) {
    run.signal.throwIfAborted()
    if (!skip.signal.aborted) throw reason
    return 'continued'
  } finally {
    delete run.continueNow
  }
}
