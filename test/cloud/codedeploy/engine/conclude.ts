import type { Deployment } from '../model.js'
import type { Engine, Run } from './engine.js'
import { DeploymentFailure } from './failure.js'
import { refer } from './fixed.js'
import { repoint } from './hooks.js'
import { ReadyTimeout } from './ready.js'
import { rollBack } from './rollback.js'
import { wants } from './rollback-wish.js'
import { skipUnsettled } from './targets.js'

/**
 * How long a stopped deployment takes to become Stopped, so that a second StopDeployment can be seen (docs/service.md,
 * reference 1.4).
 */
const STOPPING_MS = 2_000

/**
 * Ends a successful deployment. Only now does the group get its revision (docs/service.md, reference 3: new instances get the
 * previous one until then).
 */
export const succeed = (engine: Engine, { deployment }: Run): void => {
  finish(engine, deployment, 'Succeeded')
  const { group } = deployment
  if (deployment.creator === 'autoscaling') return
  group.targetRevision = deployment.revision
  group.lastSuccessful = deployment.id
}

/** Ends a deployment that was stopped, ran out of its ready wait, or failed; rolls back if that is configured. */
export const fail = async (engine: Engine, run: Run, reason: unknown): Promise<void> => {
  const { deployment } = run
  if (run.ending.aborted) return
  if (deployment.stop !== undefined && run.signal.aborted) {
    const { phase } = deployment
    await engine.clock.sleep(STOPPING_MS, run.ending)
    if (phase === 'termination-wait') referBack(engine, deployment)
    end(engine, run, { status: 'Stopped', ...whyStopped(deployment.stop) })
    if (deployment.stop.rollback) rollBack(engine, deployment)
    return
  }
  if (reason instanceof ReadyTimeout) {
    const message =
      'The deployment was stopped because its wait for the rerouting of traffic to the replacement environment ended.'
    end(engine, run, { status: 'Stopped', code: 'TIMEOUT', message })
    return
  }
  if (!(reason instanceof DeploymentFailure)) {
    end(engine, run, {
      status: 'Failed',
      code: 'INTERNAL_ERROR',
      message: 'There was an internal error. Please try again.'
    })
    throw reason
  }
  end(engine, run, { status: 'Failed', code: reason.code, message: reason.message })
  if (wants(deployment, 'DEPLOYMENT_FAILURE')) rollBack(engine, deployment)
}

/** Which fleet belongs to the group after a stop in the termination wait is not known (a switch decides). */
const referBack = (engine: Engine, { group, blue, green }: Deployment): void => {
  if (engine.switches.stopInWaitRefersTo !== 'blue' || blue === undefined || green === undefined) return
  if (blue.fixed !== undefined) refer(engine, group, blue.fixed)
  else if (engine.fleets.find(blue.group) !== undefined)
    repoint(engine, group, { from: green.group, to: blue.group })
}

// The message about alarms is captured (docs/service.md, reference 1.5).
const whyStopped = ({ alarm }: NonNullable<Deployment['stop']>): { code: string; message: string } =>
  alarm === undefined
    ? { code: 'MANUAL_STOP', message: 'The deployment has been stopped by a user.' }
    : {
        code: 'ALARM_ACTIVE',
        message: `One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <${alarm}>`
      }

const end = (
  engine: Engine,
  { deployment }: Run,
  how: { status: 'Failed' | 'Stopped'; code: string; message: string }
): void => {
  deployment.error = { code: how.code, message: how.message }
  skipUnsettled(deployment, engine.clock.now())
  finish(engine, deployment, how.status)
}

const finish = (engine: Engine, deployment: Deployment, status: 'Succeeded' | 'Failed' | 'Stopped'): void => {
  deployment.status = status
  deployment.phase = 'over'
  deployment.completedAt = engine.clock.now()
}
