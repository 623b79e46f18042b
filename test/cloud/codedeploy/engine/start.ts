import { setMaxListeners } from 'node:events'
import type { Deployment } from '../model.js'
import { deferred } from './deferred.js'
import type { Draft, Engine, Run } from './engine.js'
import { walk } from './walk.js'

/** Records a deployment as Created and starts it. */
export const start = (engine: Engine, draft: Draft): Deployment => {
  const deployment = newDeployment(engine, draft)
  engine.state.deployments.set(deployment.id, deployment)
  if (deployment.creator !== 'autoscaling') {
    draft.group.lastAttempted = deployment.id
  }
  engine.background.run((ending) => follow(engine, deployment, ending))
  return deployment
}

const newDeployment = (engine: Engine, draft: Draft): Deployment => ({
  restart: false,
  ...draft,
  id: engine.ids.deployment(),
  application: draft.group.application,
  phase: 'created',
  status: 'Created',
  ...(draft.group.targetRevision === undefined ? {} : { previousRevision: draft.group.targetRevision }),
  ...(draft.style.deploymentType === 'BLUE_GREEN' && draft.group.blueGreen !== undefined
    ? { blueGreen: draft.group.blueGreen }
    : {}),
  ...(draft.group.loadBalancer === undefined ? {} : { loadBalancer: draft.group.loadBalancer }),
  createdAt: engine.clock.now(),
  rollback: {},
  trafficBegan: false,
  terminationWaitStarted: false
})

const follow = async (engine: Engine, deployment: Deployment, ending: AbortSignal): Promise<void> => {
  const stopped = new AbortController()
  const over = deferred<undefined>()
  const run: Run = {
    deployment,
    signal: AbortSignal.any([stopped.signal, ending]),
    ending,
    abort: () => stopped.abort(new Error('the deployment is stopped')),
    done: over.promise
  }
  // A thousand targets listen to one signal.
  setMaxListeners(0, run.signal)
  engine.runs.set(deployment.id, run)
  try {
    await walk(engine, run)
  } finally {
    engine.runs.delete(deployment.id)
    over.resolve(undefined)
  }
}
