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
  ['GET', /^\/api\/repos\/[^/]+\/[^/]+\/issues\/\d+\/comments$/, 'ListComments'],
  ['POST', /^\/api\/repos\/[^/]+\/[^/]+\/issues\/\d+\/comments$/, 'CreateComment'],
  ['PATCH', /^\/api\/repos\/[^/]+\/[^/]+\/issues\/comments\/\d+$/, 'UpdateComment'],
  ['POST', /^\/api\/repos\/[^/]+\/[^/]+\/deployments$/, 'CreateGitHubDeployment'],
  ['POST', /^\/api\/repos\/[^/]+\/[^/]+\/deployments\/\d+\/statuses$/, 'CreateGitHubDeploymentStatus']
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
