import type { Deployment } from '../model.js'
import type { Draft, Engine } from './engine.js'

/** The service's message, with its U+2019 apostrophes (docs/service.md, captures 2). */
const NOT_REQUIRED =
  'Automatic rollback isn\u2019t required because traffic hasn\u2019t begun rerouting to the replacement environment'
/** Nobody has seen this message (docs/service.md, reference 1.5); only the missing rollbackDeploymentId is certain. */
const NOTHING_TO_GO_BACK_TO =
  'Automatic rollback can\u2019t be done because there is no last known good revision for the deployment group.'

/**
 * Rolls back a deployment that has just ended. Before the shift that is only a message (docs/service.md, captures 2 and 3);
 * after it, a new deployment that moves the traffic back; in place, one that installs the last successful revision again.
 */
export const rollBack = (engine: Engine, deployment: Deployment): void => {
  if (deployment.plan === 'blue-green' && !deployment.trafficBegan) {
    deployment.rollback.message = NOT_REQUIRED
    return
  }
  if (deployment.plan === 'traffic-back') return
  const revision = revisionFor(engine, deployment)
  if (revision === undefined) {
    deployment.rollback.message = NOTHING_TO_GO_BACK_TO
    return
  }
  const made = engine.start(draftOf(engine, deployment, revision))
  deployment.rollback = {
    by: made.id,
    message: `Deployment ${deployment.id} terminated. Automatic rollback is triggered with a DeploymentId ${made.id}.`
  }
  made.rollback = {
    of: deployment.id,
    message: `Deployment ${made.id} is triggered to roll back deployment ${deployment.id}.`
  }
}

// Which revision a rollback names while blue is running is not known; in place it is the one that it installs.
const revisionFor = (
  engine: Engine,
  { plan, blue, group }: Deployment
): Deployment['revision'] | undefined => {
  if (plan === 'in-place' || engine.switches.rollbackRevision === 'last-successful')
    return group.targetRevision
  const former = [...engine.state.deployments.values()].findLast(
    (one) => one.plan === 'blue-green' && one.trafficBegan && one.green?.group === blue?.group
  )
  return former?.revision ?? group.targetRevision
}

// The rollback keeps the file behavior of the last successful deployment (docs/service.md, reference 1.5).
const draftOf = (engine: Engine, deployment: Deployment, revision: Deployment['revision']): Draft => {
  const good = engine.state.deployments.get(deployment.group.lastSuccessful ?? '')
  return {
    group: deployment.group,
    plan: deployment.plan === 'in-place' ? 'in-place' : 'traffic-back',
    creator: 'codeDeployRollback',
    revision,
    style: deployment.style,
    configName: deployment.configName,
    ...(deployment.autoRollback === undefined ? {} : { autoRollback: deployment.autoRollback }),
    ignoreApplicationStopFailures: deployment.ignoreApplicationStopFailures,
    updateOutdatedInstancesOnly: false,
    fileExistsBehavior: good?.fileExistsBehavior ?? 'DISALLOW',
    ...(deployment.blue === undefined ? {} : { blue: deployment.blue }),
    ...(deployment.green === undefined ? {} : { green: deployment.green })
  }
}
