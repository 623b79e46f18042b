import { wants } from './engine/rollback-wish.js'
import { deploymentOf } from './find.js'
import type { Input } from './input.js'
import { isOver, type Deployment } from './model.js'
import type { Operations, Plane } from './plane.js'
import { refuse } from './refusal.js'

const DONE = {
  status: 'Succeeded',
  statusMessage: 'No more commands will be scheduled for execution in the deployment instances'
}
const PENDING = {
  status: 'Pending',
  statusMessage: 'Lifecycle events are still running on the deployment instances'
}

type Way = 'rollback' | 'refused' | 'succeeds-anyway' | 'no-rollback'

// What a stop does late in a blue/green deployment is not known, so switches decide (docs/service.md, captures 2).
const wayOf = ({ engine }: Plane, { plan, phase, trafficBegan }: Deployment): Way => {
  if (plan !== 'blue-green') return 'rollback'
  if (phase === 'terminating') return 'succeeds-anyway'
  if (phase === 'termination-wait') return engine.switches.stopInTerminationWait
  return trafficBegan ? engine.switches.stopWhileShifting : 'rollback'
}

const isBusy = (deployment: Deployment): boolean =>
  [...(deployment.targets?.values() ?? [])].some((target) =>
    target.events.some((event) => event.status === 'InProgress')
  )

// If the caller does not say, the deployment's own setting decides (docs/service.md, reference 1.4).
const wantsRollback = (deployment: Deployment, input: Input): boolean => {
  const asked = input['autoRollbackEnabled']
  if (deployment.creator !== 'user') return false
  return typeof asked === 'boolean' ? asked : wants(deployment, 'DEPLOYMENT_STOP_ON_REQUEST')
}

/** StopDeployment: Pending while a lifecycle event runs, Succeeded when called again (docs/service.md, reference 1.4). */
const stop = (plane: Plane, input: Input): object => {
  const deployment = deploymentOf(plane.engine.state, input)
  if (isOver(deployment)) {
    refuse('DeploymentAlreadyCompletedException', `The deployment ${deployment.id} has already completed.`)
  }
  if (deployment.stop !== undefined) return DONE
  const way = wayOf(plane, deployment)
  if (way === 'refused') {
    refuse(
      'UnsupportedActionForDeploymentTypeException',
      `The deployment ${deployment.id} has progressed to a point where it cannot be stopped.`
    )
  }
  const answer = isBusy(deployment) ? PENDING : DONE
  deployment.stop = { rollback: way === 'rollback' && wantsRollback(deployment, input) }
  if (way !== 'succeeds-anyway') plane.engine.runs.get(deployment.id)?.abort()
  return answer
}

export const stopOperations: Operations = { StopDeployment: stop }
