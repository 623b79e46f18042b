import type { Answer, Call } from '../wire/call.js'
import { bodyOf, GitHubRefusal, invalid, json, notFound, paged, tail } from './answers.js'
import { commitAt, historyOf } from './graph.js'
import type { Deployment, Repository, Status } from './repository.js'

const MOST_DESCRIPTION = 140
const STATES = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']

const text = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise)

const shown = ({ statuses: _, ...deployment }: Deployment): object => ({
  ...deployment,
  original_environment: deployment.environment
})

const checkDescription = (resource: string, description: unknown): void => {
  if (Array.from(text(description)).length > MOST_DESCRIPTION)
    throw invalid({
      resource,
      field: 'description',
      code: 'custom',
      message: `description is too long (maximum is ${MOST_DESCRIPTION} characters)`
    })
}

/** By default, the default branch is merged into the one to deploy, and then nothing is deployed. */
const merged = (repository: Repository, ref: string): Answer | undefined => {
  const [branch, main] = [repository.branches.get(ref), repository.branches.get('main')]
  const [head, wanted] = [commitAt(repository, branch ?? ''), commitAt(repository, main ?? '')]
  if (head === undefined || wanted === undefined || historyOf(repository, head).has(wanted.sha))
    return undefined
  return json({ message: `Auto-merged main into ${ref} on deployment.` }, 202)
}

/** Without `required_contexts: []`, every check of the commit must be green, and the run's own check never is while it runs. */
const checkContexts = (contexts: unknown, ref: string): void => {
  if (Array.isArray(contexts) && contexts.length === 0) return
  throw new GitHubRefusal(409, `Conflict: Commit status checks failed for ${ref}.`, {
    errors: [
      {
        contexts: [{ context: 'preview', state: 'pending' }],
        ...{ resource: 'Deployment', field: 'required_contexts', code: 'invalid' }
      }
    ]
  })
}

export const createDeployment = (call: Call, repository: Repository): Answer => {
  const wanted = bodyOf(call)
  const ref = text(wanted['ref'])
  const commit = commitAt(repository, ref)
  if (commit === undefined) throw new GitHubRefusal(422, `No ref found for: ${ref}`)
  checkDescription('Deployment', wanted['description'])
  if (wanted['auto_merge'] !== false) {
    const answer = merged(repository, ref)
    if (answer !== undefined) return answer
  }
  checkContexts(wanted['required_contexts'], ref)
  const environment = text(wanted['environment'], 'production')
  const deployment: Deployment = {
    ...{ id: repository.nextId++, sha: commit.sha, ref, environment, statuses: [] },
    task: text(wanted['task'], 'deploy'),
    description: text(wanted['description']),
    payload: wanted['payload'] ?? {},
    creator: repository.token.user,
    transient_environment: wanted['transient_environment'] === true,
    production_environment: (wanted['production_environment'] ?? environment === 'production') === true
  }
  repository.environments.add(environment)
  repository.deployments.push(deployment)
  return json(shown(deployment), 201)
}

const FILTERS = ['sha', 'ref', 'task', 'environment'] as const

/** Newest first. */
export const listDeployments = (call: Call, repository: Repository): Answer => {
  const found = repository.deployments.filter((one) =>
    FILTERS.every((name) => [null, 'none', one[name]].includes(call.query.get(name)))
  )
  return paged(
    call,
    found.sort((one, other) => other.id - one.id),
    shown
  )
}

const deploymentOf = (call: Call, repository: Repository): Deployment => {
  const deployment = repository.deployments.find((one) => one.id === Number(tail(call)[0]))
  if (deployment === undefined) throw notFound()
  return deployment
}

/** Newest first. */
export const listStatuses = (call: Call, repository: Repository): Answer =>
  paged(call, [...deploymentOf(call, repository).statuses].reverse(), (status) => status)

/** Prior deployments to the same environment that succeeded become inactive, unless they are transient or of production. */
const retireOthers = (repository: Repository, { id, environment }: Deployment): void => {
  for (const one of repository.deployments) {
    const last = one.statuses.at(-1)
    if (one.id >= id || one.environment !== environment || last?.state !== 'success') continue
    if (one.transient_environment || one.production_environment) continue
    one.statuses.push({ ...last, id: repository.nextId++, state: 'inactive' })
  }
}

export const createStatus = (call: Call, repository: Repository): Answer => {
  const deployment = deploymentOf(call, repository)
  const wanted = bodyOf(call)
  const state = text(wanted['state'])
  if (!STATES.includes(state))
    throw invalid({
      resource: 'DeploymentStatus',
      field: 'state',
      code: 'custom',
      message: 'state is not included in the list'
    })
  checkDescription('DeploymentStatus', wanted['description'])
  const status: Status = {
    ...{ id: repository.nextId++, state, environment: deployment.environment },
    description: text(wanted['description']),
    log_url: text(wanted['log_url'], text(wanted['target_url'])),
    environment_url: text(wanted['environment_url'])
  }
  deployment.statuses.push(status)
  if (state === 'success' && wanted['auto_inactive'] !== false) retireOthers(repository, deployment)
  return json(status, 201)
}

export const listEnvironments = (_call: Call, repository: Repository): Answer =>
  json({
    total_count: repository.environments.size,
    environments: [...repository.environments].map((name) => ({ name }))
  })
