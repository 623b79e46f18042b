import { deploymentAnswer } from './deployment-answer.js'
import { deploymentOf, groupOf } from './find.js'
import { batchOf, checkedId, structure, text, texts, type Input } from './input.js'
import type { Deployment } from './model.js'
import { pageOf } from './paging.js'
import { seconds, type Operations, type Plane } from './plane.js'
import { refuse } from './refusal.js'
import { deploymentsOf } from './state.js'

const STATUSES = ['Created', 'Queued', 'InProgress', 'Baking', 'Succeeded', 'Failed', 'Stopped', 'Ready']

// Application and group: both or neither (docs/service.md, reference 5).
const inScope = ({ engine }: Plane, input: Input): Deployment[] => {
  const [application, group] = [text(input, 'applicationName'), text(input, 'deploymentGroupName')]
  if (application === undefined && group === undefined) return [...engine.state.deployments.values()]
  return deploymentsOf(engine.state, groupOf(engine.state, input))
}

const bound = (range: Input, member: string, otherwise: number): number => {
  const value = range[member]
  return typeof value === 'number' ? value : otherwise
}

const list = (plane: Plane, input: Input): object => {
  const statuses = texts(input, 'includeOnlyStatuses')
  const unknown = statuses.filter((status) => !STATUSES.includes(status))
  if (unknown.length > 0) {
    refuse(
      'InvalidDeploymentStatusException',
      `The deployment statuses ${JSON.stringify(unknown)} do not exist.`
    )
  }
  const range = structure(input, 'createTimeRange') ?? {}
  const [start, end] = [bound(range, 'start', 0), bound(range, 'end', Infinity)]
  if (start > end) refuse('InvalidTimeRangeException', 'The start of the time range lies after its end.')
  const found = inScope(plane, input).filter((deployment) => {
    const created = seconds(deployment.createdAt)
    return (
      created >= start && created <= end && (statuses.length === 0 || statuses.includes(deployment.status))
    )
  })
  const question = { input, operation: 'ListDeployments', pageSize: plane.pageSize }
  // Nothing here is linked to an external resource, so an externalId finds nothing.
  const page = pageOf(
    text(input, 'externalId') === undefined ? found : [],
    question,
    (deployment) => deployment.id
  )
  return {
    deployments: page.items.map((deployment) => deployment.id),
    ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken })
  }
}

/**
 * GetDeployment, BatchGetDeployments (at most 25; leaves out unknown ids, because no exception is modelled for them),
 * ListDeployments.
 */
export const readDeploymentOperations: Operations = {
  GetDeployment: ({ engine }, input) => ({
    deploymentInfo: deploymentAnswer(deploymentOf(engine.state, input), engine.switches)
  }),
  BatchGetDeployments: ({ engine }, input) => ({
    deploymentsInfo: batchOf(input, 'deploymentIds', { most: 25, required: 'DeploymentIdRequiredException' })
      .map(checkedId)
      .flatMap((id) => engine.state.deployments.get(id) ?? [])
      .map((deployment) => deploymentAnswer(deployment, engine.switches))
  }),
  ListDeployments: list
}
