import { checkAlarms } from './alarm.js'
import { fail, succeed } from './conclude.js'
import type { Deployment } from '../model.js'
import type { Engine, Run } from './engine.js'
import { roleIsBroken } from './failure.js'
import { discover, settleFixed } from './fixed.js'
import { inPlace } from './in-place.js'
import { install } from './install.js'
import { provision } from './provision.js'
import { ready } from './ready.js'
import { shift } from './shift.js'
import { settle } from './termination.js'
import { trafficBack } from './traffic-back.js'

/** How long a deployment shows Created before anything happens. */
const CREATED_MS = 1_000

const blueGreen = async (engine: Engine, run: Run): Promise<void> => {
  const { targetInstances } = run.deployment
  if (targetInstances === undefined) await provision(engine, run)
  else discover(engine, run, targetInstances)
  await install(engine, run)
  await ready(engine, run)
  await shift(engine, run)
  await (targetInstances === undefined ? settle(engine, run) : settleFixed(engine, run, targetInstances))
}

const plans = { 'blue-green': blueGreen, 'in-place': inPlace, 'traffic-back': trafficBack }

const checkRole = (engine: Engine, { group: { serviceRoleArn } }: Deployment): void => {
  const how = engine.state.brokenRoles.get(serviceRoleArn)
  if (how !== undefined) throw roleIsBroken(serviceRoleArn, how)
}

/** One deployment from Created to its end (docs/service.md, reference 1.2). */
export const walk = async (engine: Engine, run: Run): Promise<void> => {
  const { deployment } = run
  try {
    await engine.clock.sleep(CREATED_MS, run.signal)
    deployment.status = 'InProgress'
    deployment.startedAt = engine.clock.now()
    checkRole(engine, deployment)
    checkAlarms(engine, run)
    await plans[deployment.plan](engine, run)
    succeed(engine, run)
  } catch (reason) {
    await fail(engine, run, reason)
  }
}
