import type { Fetch } from './fetch.js'
import { retrying, type RetryPolicy } from './retry.js'

/** Where a job asks for its OIDC tokens (docs.github.com, "OpenID Connect reference"). */
export interface TokenEndpoint {
  url: string
  requestToken: string
}

/** The endpoint that the runner names to the job; undefined without `permissions: id-token: write`. */
export const tokenEndpoint = (env: NodeJS.ProcessEnv): TokenEndpoint | undefined => {
  const url = env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''
  const requestToken = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''
  return url === '' || requestToken === '' ? undefined : { url, requestToken }
}

/**
 * Asks for a new OIDC token each time. The toolkit's own getIDToken repeats only some statuses, tells nobody, waits for
 * ever on a body that breaks off, and drops the status from its error; so the request is made here.
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
    // An HTML page of the machinery in front; its status says enough.
    return undefined
  }
}

/** Throws a SyntaxError for an answer that is no JSON or holds no token: it is asked for again. */
const tokenIn = (text: string): string => {
  const { value } = parsed(text)
  if (typeof value === 'string' && value !== '') return value
  throw new SyntaxError('the answer holds no token')
}
