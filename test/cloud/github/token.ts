import { header, type Answer, type Call } from '../wire/call.js'
import { bodyOf, GitHubRefusal, json } from './answers.js'
import type { Permission, RateLimit, Repository } from './repository.js'

/** What an operation needs, as in a workflow's `permissions:`. */
export type Need = readonly [name: string, level: Permission]

const REFUSED = 'Resource not accessible by integration'

/** Any token is taken for that of the run; it may do what the repository's `token` says. */
export const checkToken = (call: Call, need: Need | undefined, { token }: Repository): void => {
  if (!/^(bearer|token) \S+$/i.test(header(call, 'authorization') ?? ''))
    throw new GitHubRefusal(401, 'Requires authentication')
  if (need === undefined) return
  const [name, level] = need
  const has = token.permissions[name]
  if (has === 'write' || has === level) return
  throw new GitHubRefusal(403, REFUSED, {
    headers: { 'x-accepted-github-permissions': `${name.replaceAll('-', '_')}=${level}` }
  })
}

const isOf = ({ left, operation }: RateLimit, call: Call): boolean =>
  left > 0 && (operation === undefined || operation === call.operation)

/** Refuses the call if a limit is planned for it. */
export const checkLimits = (call: Call, { limits }: Repository): void => {
  const limit = limits.find((one) => isOf(one, call))
  if (limit === undefined) return
  limit.left -= 1
  const { status, retryAfter, reset } = limit
  const message =
    reset === undefined
      ? 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
      : 'API rate limit exceeded for installation.'
  throw new GitHubRefusal(status, message, {
    headers: {
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...(reset === undefined ? {} : { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) })
    }
  })
}

/** Only users have an account that REST shows. */
export const getUser = (_call: Call, { token }: Repository): Answer => {
  if (token.kind === 'user') return json(token.user)
  throw new GitHubRefusal(403, REFUSED)
}

/** Of GraphQL only `viewer`, which is there for every token. */
export const answerGraphQL = (call: Call, { token }: Repository): Answer => {
  const query = String(bodyOf(call)['query'])
  if (!/^\s*(?:query\s*)?\{\s*viewer\s*\{\s*login\s*\}\s*\}\s*$/.test(query))
    return json({
      errors: [{ type: 'undefinedField', message: 'The local GitHub knows only viewer.login.' }]
    })
  return json({ data: { viewer: { login: token.user.login } } })
}
