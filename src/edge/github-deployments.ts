import { githubError } from '../domain/github.js'
import type { GitHub } from '../github-port.js'
import { allPages, PER_PAGE, type Connected } from './github-client.js'
import { deploymentOf, lastState, type RawDeployment } from './github-shapes.js'

const DEPLOYMENT = 'deployments: write'

type Deployments = Pick<GitHub, 'deployments' | 'createDeployment' | 'deploymentState' | 'setDeploymentState'>

/** A 202 has only a message: something else was done than asked for. */
type Created = RawDeployment | { message?: string }

/** The deployments that GitHub shows on a pull request; none of them is one of CodeDeploy. */
export const deployments = (connected: Connected): Deployments => {
  const { github, repo, send } = connected
  const read = { permission: DEPLOYMENT, kind: 'read' } as const
  return {
    deployments: async ({ environment, task, most }) => {
      const call = { ...read, what: `list the deployments to ${environment}`, most }
      const found = await allPages(connected, call, (page, signal) =>
        github.rest.repos.listDeployments({
          ...{ ...repo, environment, per_page: PER_PAGE, page },
          ...(task === undefined ? {} : { task }),
          request: { signal }
        })
      )
      return found.map(deploymentOf).sort((one, other) => other.id - one.id)
    },
    createDeployment: async (wanted) => {
      const what = `create a deployment of ${wanted.ref} to ${wanted.environment}`
      const { data } = await send<Created>({ what, permission: DEPLOYMENT, kind: 'create' }, (signal) =>
        github.rest.repos.createDeployment({
          ...{ ...repo, ...wanted, payload: wanted.payload as Record<string, unknown> },
          ...{ auto_merge: false, required_contexts: [] },
          ...{ transient_environment: true, production_environment: false },
          request: { signal }
        })
      )
      if ('id' in data) return deploymentOf(data)
      throw githubError('refused', `GitHub did not ${what}: ${data.message ?? 'no message'}.`)
    },
    deploymentState: async (id) => {
      const { data } = await send({ ...read, what: `read the statuses of deployment ${id}` }, (signal) =>
        github.rest.repos.listDeploymentStatuses({
          ...{ ...repo, deployment_id: id, per_page: PER_PAGE },
          request: { signal }
        })
      )
      return lastState(data)
    },
    setDeploymentState: async (id, { state, description, logUrl, url }) => {
      const call = {
        what: `set deployment ${id} to ${state}`,
        permission: DEPLOYMENT,
        kind: 'write'
      } as const
      await send(call, (signal) =>
        github.rest.repos.createDeploymentStatus({
          ...{ ...repo, deployment_id: id, state, description, auto_inactive: false },
          ...(logUrl === undefined ? {} : { log_url: logUrl }),
          ...(url === undefined ? {} : { environment_url: url }),
          request: { signal }
        })
      )
    }
  }
}
