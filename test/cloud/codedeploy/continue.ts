import type { Run } from './engine/engine.js'
import { deploymentOf } from './find.js'
import { text, type Input } from './input.js'
import { isOver, type Deployment } from './model.js'
import type { Operations, Plane } from './plane.js'
import { refuse } from './refusal.js'

// The refusals that both operations share, the most final first.
const waiting = (plane: Plane, input: Input): { deployment: Deployment; run: Run | undefined } => {
  const deployment = deploymentOf(plane.engine.state, input)
  if (deployment.style.deploymentType === 'IN_PLACE') {
    refuse(
      'UnsupportedActionForDeploymentTypeException',
      'This operation is supported for blue/green deployments only.'
    )
  }
  if (isOver(deployment)) {
    refuse('DeploymentAlreadyCompletedException', `The deployment ${deployment.id} has already completed.`)
  }
  return { deployment, run: plane.engine.runs.get(deployment.id) }
}

/** ContinueDeployment: ends the ready wait, or the wait before blue is terminated (docs/service.md, reference 1.3). */
const proceed = (plane: Plane, input: Input): undefined => {
  const { deployment, run } = waiting(plane, input)
  // What a missing wait type means is not known; the operation's description mentions READY_WAIT first.
  const type = text(input, 'deploymentWaitType') ?? 'READY_WAIT'
  if (type === 'READY_WAIT') {
    if (deployment.status !== 'Ready') {
      refuse(
        'DeploymentIsNotInReadyStateException',
        `The deployment ${deployment.id} does not have a status of Ready and can't continue yet.`
      )
    }
  } else if (type === 'TERMINATION_WAIT') {
    if (deployment.phase !== 'termination-wait') {
      refuse(
        'InvalidDeploymentStatusException',
        `The deployment ${deployment.id} does not wait for the termination of its original instances.`
      )
    }
  } else {
    refuse(
      'InvalidDeploymentWaitTypeException',
      `The wait type '${type}' is not one of READY_WAIT, TERMINATION_WAIT.`
    )
  }
  run?.continueNow?.()
}

/** The deprecated form of TERMINATION_WAIT. */
const skip = (plane: Plane, input: Input): undefined => {
  const { deployment, run } = waiting(plane, input)
  if (deployment.phase !== 'termination-wait') {
    refuse(
      'DeploymentNotStartedException',
      `The deployment ${deployment.id} has not started its termination wait.`
    )
  }
  run?.continueNow?.()
}

export const continueOperations: Operations = {
  ContinueDeployment: proceed,
  SkipWaitTimeForInstanceTermination: skip
}
