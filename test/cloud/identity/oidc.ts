import { ServiceError } from '../contract.js'
import { header, type Answer, type Call } from '../wire/call.js'
import { ISSUER, type Issuer, type Run } from './token.js'

const json = (value: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value)
})

const discovery = {
  issuer: ISSUER,
  jwks_uri: `${ISSUER}/.well-known/jwks`,
  subject_types_supported: ['public', 'pairwise'],
  response_types_supported: ['id_token'],
  claims_supported: [
    'sub',
    'aud',
    'exp',
    'iat',
    'iss',
    'jti',
    'nbf',
    'ref',
    'sha',
    'repository',
    'environment'
  ],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid']
}

/** What a runner's token endpoint needs to know about its job. */
export interface OidcOptions {
  issuer: Issuer
  run: Run
  /** ACTIONS_ID_TOKEN_REQUEST_TOKEN of the job. */
  requestToken: string
  now: () => number
}

/** GitHub's OIDC endpoints: the runner's token endpoint, discovery and keys (docs/service.md, reference 7.3). */
export const serveOidc = async (call: Call, options: OidcOptions): Promise<Answer> => {
  if (call.operation === 'GetDiscovery') return json(discovery)
  if (call.operation === 'GetKeys') return json(options.issuer.jwks)
  if (header(call, 'authorization') !== `Bearer ${options.requestToken}`) {
    throw new ServiceError('Unauthorized', 'Bad credentials', 401)
  }
  const audience = call.query.get('audience') ?? `https://github.com/${options.run.owner}`
  return json({ value: await options.issuer.issue(options.run, audience, options.now()) })
}
