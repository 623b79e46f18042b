import { deploymentOf } from './find.js'
import { batchOf, structure, text, texts, type Input } from './input.js'
import type { Deployment, TargetRecord } from './model.js'
import { pageOf, shuffled } from './paging.js'
import type { Operations, Plane } from './plane.js'
import { refuse } from './refusal.js'
import { targetAnswer } from './target-answer.js'

const STATUSES = ['Pending', 'InProgress', 'Succeeded', 'Failed', 'Skipped', 'Unknown', 'Ready']
const INSTANCE_ID = /^i-[0-9a-f]{8,17}$/

const notStarted = (deployment: Deployment): never =>
  refuse('DeploymentNotStartedException', `The deployment ${deployment.id} has not started.`)

// Before any target exists: an exception or an empty list (docs/service.md, captures 10).
const existing = ({ engine }: Plane, deployment: Deployment): Map<string, TargetRecord> => {
  if (deployment.targets === undefined && engine.switches.notStarted === 'exception') notStarted(deployment)
  return deployment.targets ?? new Map<string, TargetRecord>()
}

interface Filter {
  statuses: string[]
  labels: string[]
}

/** Reads the filters of a target list, under the operation's own names for them. */
const filterOf = (deployment: Deployment, statuses: string[], labels: string[]): Filter => {
  const wrong = statuses.filter((status) => !STATUSES.includes(status))
  if (wrong.length > 0)
    refuse('InvalidInstanceStatusException', `The instance statuses ${JSON.stringify(wrong)} do not exist.`)
  const strange = labels.filter((label) => label !== 'Blue' && label !== 'Green')
  if (strange.length > 0)
    refuse(
      'InvalidInstanceTypeException',
      `The instance types ${JSON.stringify(strange)} are not Blue or Green.`
    )
  if (labels.length > 0 && deployment.style.deploymentType === 'IN_PLACE') {
    refuse(
      'InvalidDeploymentInstanceTypeException',
      'Instance types are supported for blue/green deployments only.'
    )
  }
  return { statuses, labels }
}

const ids = (
  plane: Plane,
  input: Input,
  request: { operation: string; filter: Filter; deployment: Deployment }
) => {
  const { filter, deployment, operation } = request
  const found = [...existing(plane, deployment).values()].filter(
    (target) =>
      (filter.statuses.length === 0 || filter.statuses.includes(target.status)) &&
      (filter.labels.length === 0 || filter.labels.includes(target.label ?? ''))
  )
  const page = pageOf(found, { input, operation, pageSize: plane.pageSize }, (target) => target.instanceId)
  return { ids: page.items.map((target) => target.instanceId), nextToken: page.nextToken }
}

const list = (plane: Plane, input: Input): object => {
  const deployment = deploymentOf(plane.engine.state, input)
  const filters = structure(input, 'targetFilters') ?? {}
  for (const name of Object.keys(filters)) {
    if (name !== 'TargetStatus' && name !== 'ServerInstanceLabel') {
      refuse(
        'InvalidTargetFilterNameException',
        `The target filter name '${name}' is not one of TargetStatus, ServerInstanceLabel.`
      )
    }
  }
  const filter = filterOf(deployment, texts(filters, 'TargetStatus'), texts(filters, 'ServerInstanceLabel'))
  const page = ids(plane, input, { operation: 'ListDeploymentTargets', filter, deployment })
  return { targetIds: page.ids, ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }) }
}

/** The deprecated list: the same ids under other names. */
export const listInstances = (plane: Plane, input: Input): object => {
  const deployment = deploymentOf(plane.engine.state, input)
  const filter = filterOf(
    deployment,
    texts(input, 'instanceStatusFilter'),
    texts(input, 'instanceTypeFilter')
  )
  const page = ids(plane, input, { operation: 'ListDeploymentInstances', filter, deployment })
  return { instancesList: page.ids, ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }) }
}

const targetOf = (plane: Plane, deployment: Deployment, id: string): TargetRecord => {
  if (!INSTANCE_ID.test(id))
    refuse('InvalidDeploymentTargetIdException', `The target ID '${id}' is not an instance id.`)
  return (
    existing(plane, deployment).get(id) ??
    refuse(
      'DeploymentTargetDoesNotExistException',
      `The target ${id} does not belong to the deployment ${deployment.id}.`
    )
  )
}

// The answer's order is never the request's (docs/service.md, reference 2.4).
const inOtherOrder = (targets: TargetRecord[]): TargetRecord[] => {
  const order = shuffled(targets, (target) => `batch:${target.instanceId}`)
  return order.length > 1 && order.every((target, index) => target === targets[index])
    ? order.reverse()
    : order
}

/** Deployment targets: list, one, and up to 25 at once. */
export const targetOperations: Operations = {
  ListDeploymentTargets: list,
  GetDeploymentTarget: (plane, input) => {
    const deployment = deploymentOf(plane.engine.state, input)
    const id =
      text(input, 'targetId') ?? refuse('DeploymentTargetIdRequiredException', 'The targetId is required.')
    return { deploymentTarget: targetAnswer(plane, deployment, targetOf(plane, deployment, id)) }
  },
  BatchGetDeploymentTargets: (plane, input) => {
    const deployment = deploymentOf(plane.engine.state, input)
    const wanted = batchOf(input, 'targetIds', { most: 25, required: 'DeploymentTargetIdRequiredException' })
    const targets = inOtherOrder(wanted.map((id) => targetOf(plane, deployment, id)))
    return { deploymentTargets: targets.map((target) => targetAnswer(plane, deployment, target)) }
  }
}
