import type { Engine, Run } from './engine.js'
import { waitOrContinue } from './waits.js'

/**
 * How long Ready is visible with CONTINUE_DEPLOYMENT, if the switch shows it at all (docs/service.md, captures 6: less than 15
 * seconds).
 */
const BLINK_MS = 3_000

/** Thrown if nobody calls ContinueDeployment in time: the deployment ends as Stopped (docs/service.md, reference 1.2). */
export class ReadyTimeout extends Error {
  override readonly name = 'ReadyTimeout'
}

/** The wait between installation and traffic: none, a moment, or up to two days for ContinueDeployment. */
export const ready = async (engine: Engine, run: Run): Promise<void> => {
  const { deployment } = run
  const option = deployment.blueGreen?.deploymentReadyOption
  deployment.phase = 'ready'
  if (option?.actionOnTimeout === 'STOP_DEPLOYMENT') {
    deployment.status = 'Ready'
    const end = await waitOrContinue(engine, run, (option.waitTimeInMinutes ?? 0) * 60_000)
    if (end === 'elapsed') throw new ReadyTimeout('nobody continued the deployment in time')
  } else if (engine.switches.readyBlink === 'once') {
    deployment.status = 'Ready'
    await waitOrContinue(engine, run, BLINK_MS)
  }
  deployment.status = 'InProgress'
}
