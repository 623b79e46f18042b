import { deploymentOf } from './find.js'
import { batchOf, text, type Input } from './input.js'
import type { Deployment, TargetRecord } from './model.js'
import type { Operations, Plane } from './plane.js'
import { refuse } from './refusal.js'
import { eventAnswer, instanceArn } from './target-answer.js'
import { listInstances } from './targets.js'

// `instanceId` is the ARN here (docs/service.md, reference 2.4).
const summary = (plane: Plane, deployment: Deployment, target: TargetRecord): object => ({
  deploymentId: deployment.id,
  instanceId: instanceArn(plane, target.instanceId),
  status: target.status,
  lastUpdatedAt: target.updatedAt / 1000,
  lifecycleEvents: target.events.map(eventAnswer),
  ...(target.label === undefined ? {} : { instanceType: target.label })
})

const one = (plane: Plane, input: Input): object => {
  const deployment = deploymentOf(plane.engine.state, input)
  const id = text(input, 'instanceId') ?? refuse('InstanceIdRequiredException', 'The instanceId is required.')
  const target =
    deployment.targets?.get(id) ??
    refuse(
      'InstanceDoesNotExistException',
      `The instance ${id} does not belong to the deployment ${deployment.id}.`
    )
  return { instanceSummary: summary(plane, deployment, target) }
}

const batch = (plane: Plane, input: Input): object => {
  const deployment = deploymentOf(plane.engine.state, input)
  const ids = batchOf(input, 'instanceIds', { most: 25, required: 'InstanceIdRequiredException' })
  const missing = ids.filter((id) => deployment.targets?.has(id) !== true)
  return {
    instancesSummary: ids
      .flatMap((id) => deployment.targets?.get(id) ?? [])
      .map((target) => summary(plane, deployment, target)),
    errorMessage: missing.length === 0 ? '' : `Instances not found: ${missing.join(', ')}`
  }
}

/** The deprecated view of targets, which older clients still use. */
export const instanceOperations: Operations = {
  ListDeploymentInstances: listInstances,
  GetDeploymentInstance: one,
  BatchGetDeploymentInstances: batch
}
