import type { Call } from '../wire/call.js'
import type { Route } from '../wire/route.js'

type Rule = readonly [method: string, path: RegExp, operation: string]

const rules: readonly Rule[] = [
  ['GET', /^\/oidc\/token$/, 'GetIDToken'],
  ['GET', /^\/oidc\/\.well-known\/openid-configuration$/, 'GetDiscovery'],
  ['GET', /^\/oidc\/\.well-known\/jwks$/, 'GetKeys'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/commits\/[^/]+$/, 'GetCommit'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/actions\/runs\/\d+$/, 'GetWorkflowRun'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/compare\/.+\.\.\..+$/, 'CompareCommits'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/git\/trees\/[^/]+$/, 'GetTree'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/pulls$/, 'ListPulls'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/pulls\/\d+$/, 'GetPull'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/issues\/\d+\/comments$/, 'ListComments'],
  ['POST', /^\/api\/repos\/[^/]+\/[^/]+\/issues\/\d+\/comments$/, 'CreateComment'],
  ['PATCH', /^\/api\/repos\/[^/]+\/[^/]+\/issues\/comments\/\d+$/, 'UpdateComment'],
  ['DELETE', /^\/api\/repos\/[^/]+\/[^/]+\/issues\/comments\/\d+$/, 'DeleteComment'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/deployments$/, 'ListGitHubDeployments'],
  ['POST', /^\/api\/repos\/[^/]+\/[^/]+\/deployments$/, 'CreateGitHubDeployment'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/deployments\/\d+\/statuses$/, 'ListGitHubDeploymentStatuses'],
  ['POST', /^\/api\/repos\/[^/]+\/[^/]+\/deployments\/\d+\/statuses$/, 'CreateGitHubDeploymentStatus'],
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/environments$/, 'ListEnvironments'],
  ['DELETE', /^\/api\/repos\/[^/]+\/[^/]+\/environments\/[^/]+$/, 'DeleteEnvironment'],
  ['GET', /^\/api\/user$/, 'GetUser'],
  ['POST', /^\/api\/graphql$/, 'GraphQL']
]

/** GitHub's endpoints: the runner's token service below /_github/oidc, the REST API below /_github/api. */
export const githubOperation = (call: Pick<Call, 'request' | 'path'>): Route => {
  const path = call.path.slice('/_github'.length)
  const rule = rules.find(([method, form]) => method === call.request.method && form.test(path))
  return {
    protocol: 'github',
    service: path.startsWith('/oidc/') ? 'oidc' : 'github',
    operation: rule?.[2] ?? 'NotFound'
  }
}
