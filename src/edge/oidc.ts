import type { Fetch } from './fetch.js'
import { retrying, type RetryPolicy } from './retry.js'

/** Where a job requests its OIDC tokens (docs.github.com, "OpenID Connect reference"). */
export interface TokenEndpoint {
  url: string
  requestToken: string
}

/** The endpoint from the runner's environment; undefined without `permissions: id-token: write`. */
export const tokenEndpoint = (env: NodeJS.ProcessEnv): TokenEndpoint | undefined => {
  const url = env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''
  const requestToken = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''
  return url === '' || requestToken === '' ? undefined : { url, requestToken }
}

/**
 * Requests a new OIDC token. The toolkit's getIDToken retries only some statuses, does so silently, waits forever for the rest of
 * a truncated body, and drops the status from its error.
 */
export const requestIdToken = (
  { url, requestToken }: TokenEndpoint,
  audience: string,
  { fetch, patience }: { fetch: Fetch; patience: RetryPolicy }
): Promise<string> =>
  retrying(
    'GetIDToken',
    async (signal) => {
      const response = await fetch(`${url}&audience=${encodeURIComponent(audience)}`, {
        headers: { authorization: `Bearer ${requestToken}`, accept: 'application/json' },
        signal
      })
      const text = await response.text()
      if (!response.ok) throw refusal(response.status, text)
      return tokenIn(text)
    },
    patience
  )

const refusal = (status: number, text: string): Error =>
  Object.assign(new Error(messageIn(text) ?? `HTTP ${status}`), { $metadata: { httpStatusCode: status } })

const parsed = (text: string): Record<string, unknown> => {
  const answer: unknown = JSON.parse(text)
  return typeof answer === 'object' && answer !== null ? { ...answer } : {}
}

const messageIn = (text: string): string | undefined => {
  try {
    const { message } = parsed(text)
    return typeof message === 'string' ? message : undefined
  } catch {
    // An HTML page from a proxy or load balancer in front; its status says enough.
    return undefined
  }
}

/** Throws a SyntaxError, which is retried, for an answer that is not JSON or has no token. */
const tokenIn = (text: string): string => {
  const { value } = parsed(text)
  if (typeof value === 'string' && value !== '') return value
  throw new SyntaxError('the answer has no token')
}
