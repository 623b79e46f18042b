import { faultOf } from './fault.js'

/**
 * Why GitHub did not do what was asked. `denied`: the token may not do it. `limited`: it made too many calls, and nothing was
 * done. `gone`: what the call is about does not exist, or no longer. `unavailable`: no readable answer; what was asked may have
 * been done. `refused`: GitHub rejects it, and would again.
 */
export type GitHubProblem = 'denied' | 'limited' | 'gone' | 'unavailable' | 'refused'

/**
 * A call to GitHub that failed for good; its message is for people. It is an interface with `isGitHubError`, not a class, because
 * the client is compiled from text (edge/late-github.ts): there, a class would be another one than here.
 */
export interface GitHubError extends Error {
  name: 'GitHubError'
  kind: GitHubProblem
  /** What the token lacks, as in a workflow's `permissions:`, for example `pull-requests: write`. */
  permission?: string | undefined
}

export const githubError = (
  kind: GitHubProblem,
  message: string,
  { permission, cause }: { permission?: string | undefined; cause?: unknown } = {}
): GitHubError =>
  Object.assign(new Error(message, { cause }), { name: 'GitHubError' as const, kind, permission })

export const isGitHubError = (error: unknown, kind?: GitHubProblem): error is GitHubError =>
  error instanceof Error &&
  error.name === 'GitHubError' &&
  (kind === undefined || (error as GitHubError).kind === kind)

/** What is known of a call that did not succeed. */
export interface FailedCall {
  /** Undefined if there was no answer, or none that could be read. */
  status: number | undefined
  /** GitHub's message, or that of the error. */
  message: string
  /** Names in lower case. */
  headers: Readonly<Record<string, unknown>>
  /** What broke the connection. */
  cause?: unknown
}

/** What to do after a failed call; `afterMs` says how long GitHub wants to be left alone. */
export type Verdict =
  | { kind: 'limited'; afterMs: number }
  | { kind: 'lost'; afterMs?: number | undefined }
  | { kind: Exclude<GitHubProblem, 'limited'> }

const MINUTE_MS = 60_000

/**
 * Reads a failed call. A limit is a 403 or a 429: its `retry-after` counts, then `x-ratelimit-reset` if nothing remains, else a
 * minute that doubles with each attempt (GitHub docs, "Rate limits for the REST API", "Best practices for using the REST API").
 * A lack of permission is a 403 too. Without these headers, only the message tells them apart.
 */
export const judge = (call: FailedCall, attempt: number, now: number): Verdict => {
  const { status, message, headers, cause } = call
  if (status === undefined) {
    const isLost = cause === undefined || ['unknown-fate', 'throttled', 'canceled'].includes(faultOf(cause))
    return { kind: isLost ? 'lost' : 'unavailable' }
  }
  const after = seconds(headers['retry-after'])
  if (status >= 500 || status === 408) return { kind: 'lost', afterMs: after }
  if (status === 401) return { kind: 'denied' }
  if (status === 404 || status === 410) return { kind: 'gone' }
  if (status !== 403 && status !== 429) return { kind: 'refused' }
  if (status === 403 && /^resource not accessible/i.test(message)) return { kind: 'denied' }
  const wait = after ?? untilReset(headers, now)
  if (wait !== undefined) return { kind: 'limited', afterMs: wait }
  return status === 429 || /rate limit/i.test(message)
    ? { kind: 'limited', afterMs: MINUTE_MS * 2 ** attempt }
    : { kind: 'denied' }
}

const seconds = (value: unknown): number | undefined =>
  typeof value === 'string' && /^\d+$/.test(value) ? Number(value) * 1000 : undefined

/** The time is GitHub's, so it is compared with GitHub's date; a second more, because that date is rounded down. */
const untilReset = (headers: FailedCall['headers'], now: number): number | undefined => {
  const reset = seconds(headers['x-ratelimit-reset'])
  if (headers['x-ratelimit-remaining'] !== '0' || reset === undefined) return undefined
  const date = Date.parse(String(headers['date']))
  return Math.max(0, reset - (Number.isNaN(date) ? now : date)) + 1000
}

/** A call, for messages: `create a comment on #12`, and the permission that it needs. */
export interface CallName {
  what: string
  permission: string
}

/** The error that a person reads: what happened, and what to do. */
export const explainCall = (
  { what, permission }: CallName,
  { status, message, cause }: FailedCall,
  { kind, afterMs }: { kind: GitHubProblem; afterMs?: number | undefined }
): GitHubError => {
  const words = message.trim().replace(/\.$/, '').slice(0, 500)
  const answer = `${words === '' ? 'no message' : words}${status === undefined ? '' : ` (HTTP ${status})`}`
  const say = (text: string, lacks?: string): GitHubError =>
    githubError(kind, text, { permission: lacks, cause })
  switch (kind) {
    case 'denied':
      return status === 401
        ? say(
            `GitHub does not accept the token to ${what}: ${answer}. Check the input github-token; a job's own token ends with the job.`
          )
        : say(
            `GitHub does not allow this job to ${what}: ${answer}. Add \`${permission}\` to the \`permissions:\` of the job.`,
            permission
          )
    case 'limited':
      return say(
        `GitHub limits the calls of this token, and would ${what} only in ${Math.ceil((afterMs ?? 0) / 1000)} s: ${answer}. Run the job again later.`
      )
    case 'gone':
      return say(`GitHub could not ${what}: ${answer}. It does not exist, or the token may not see it.`)
    case 'unavailable':
      return say(`GitHub gave no answer to the request to ${what}: ${answer}. Run the job again.`)
    case 'refused':
      return say(`GitHub refused to ${what}: ${answer}.`)
  }
}
