import { explainCall, judge, type CallName, type FailedCall } from '../domain/github.js'
import type { Clock } from '../ports.js'

/**
 * How often a call may be sent: a `read` and a `write` until an answer arrives, because the result is the same; a `create` only
 * if GitHub says that the former one was not carried out.
 */
export interface Call extends CallName {
  kind: 'read' | 'write' | 'create'
  /** How long it may keep failing, in milliseconds, if not as long as any other. */
  patienceMs?: number | undefined
}

export interface Answer<T> {
  status?: number
  data: T
  headers: Readonly<Record<string, unknown>>
}

/** Sends a call as often as it may be sent. Throws a GitHubError, or the reason of a cancel. */
export type Send = <T>(call: Call, ask: (signal: AbortSignal) => Promise<Answer<T>>) => Promise<Answer<T>>

export interface Sending {
  clock: Clock
  signal: AbortSignal
  /** Called before a wait that a person would wonder about. */
  tell?: ((sentence: string) => void) | undefined
}

/** No run is worth waiting longer for a comment. */
const PATIENCE_MS = 120_000

/** A slow connection sends the largest page (100 comments of 64 KiB) in less. */
const REQUEST_MS = 60_000

/** Writes are serial and so far apart (GitHub docs, "Best practices for using the REST API"). */
const BETWEEN_WRITES_MS = 1_000

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 20_000

/** Shorter waits are not worth a line. */
const TOLD_FROM_MS = 5_000

/** One for each connection, since the distance between its writes is kept here. */
export const sender = (sending: Sending): Send => {
  const inTurn = spaced(sending)
  return (call, ask) => {
    const send = (): Promise<Answer<never>> => once(ask as never, sending)
    return repeated(call, call.kind === 'read' ? send : () => inTurn(send), sending)
  }
}

/** One request, with an answer that can be read. */
const once = async <T>(ask: (signal: AbortSignal) => Promise<Answer<T>>, { signal }: Sending) => {
  const answer = await ask(AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]))
  // GitHub's client gives what is not JSON as text: a page of a proxy, or half of an answer. Only a 204 has no content.
  if (typeof answer.data === 'string' && answer.status !== 204)
    throw new SyntaxError('the answer is not JSON, or not all of it')
  return answer
}

/** Starts each write at least a second after the former one has ended. */
const spaced = ({ clock, signal }: Sending) => {
  let last: Promise<unknown> = Promise.resolve()
  let endedAt = Number.NEGATIVE_INFINITY
  return <T>(write: () => Promise<T>): Promise<T> => {
    const next = last.then(async () => {
      const wait = endedAt + BETWEEN_WRITES_MS - clock.now()
      if (wait > 0) await clock.sleep(wait, signal)
      return write().finally(() => (endedAt = clock.now()))
    })
    last = next.catch(() => undefined)
    return next
  }
}

const repeated = async <T>(
  call: Call,
  send: () => Promise<Answer<T>>,
  { clock, signal, tell }: Sending
): Promise<Answer<T>> => {
  const end = clock.now() + (call.patienceMs ?? PATIENCE_MS)
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await send()
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const failed = failedCall(error)
      const verdict = judge(failed, attempt, clock.now())
      if (verdict.kind !== 'limited' && verdict.kind !== 'lost') throw explainCall(call, failed, verdict)
      const wait = Math.max(verdict.afterMs ?? 0, pause(attempt))
      const isOver = clock.now() + wait > end || (verdict.kind === 'lost' && call.kind === 'create')
      if (isOver)
        throw explainCall(call, failed, {
          kind: verdict.kind === 'lost' ? 'unavailable' : 'limited',
          afterMs: wait
        })
      if (wait >= TOLD_FROM_MS) tell?.(sayWait(call, verdict.kind, wait))
      await clock.sleep(wait, signal)
    }
  }
}

const sayWait = ({ what }: Call, kind: 'limited' | 'lost', ms: number): string =>
  `${kind === 'limited' ? 'GitHub limits the calls of this token' : 'GitHub does not answer'}. Trying again in ${Math.ceil(ms / 1000)} s to ${what}.`

/** Doubles from 1 to 20 s, with 25 % jitter. */
const pause = (attempt: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.75 + Math.random() / 4)

/**
 * GitHub's client throws a RequestError, with a status of 500 and the cause if there was no answer at all. GraphQL refuses with a
 * status of 200.
 */
const failedCall = (error: unknown): FailedCall => {
  if (error instanceof Error && error.name === 'GraphqlResponseError')
    return { status: isRateLimited(error) ? 429 : 200, message: error.message, headers: {} }
  const { status, response, cause } = error as {
    status?: number
    response?: { headers?: Record<string, unknown>; data?: unknown }
    cause?: unknown
  }
  const message = error instanceof Error ? error.message : String(error)
  if (response === undefined) return { status: undefined, message, headers: {}, cause: cause ?? error }
  return { status, message: messageIn(response.data) ?? message, headers: response.headers ?? {} }
}

const isRateLimited = (error: Error): boolean => {
  const { errors } = error as { errors?: readonly { type?: unknown }[] }
  return errors?.some(({ type }) => type === 'RATE_LIMITED') === true
}

/** With the reasons of a 422: `Validation Failed: Body is too long`. */
const messageIn = (data: unknown): string | undefined => {
  if (typeof data === 'string') return data.startsWith('<') ? 'a page in HTML' : undefined
  const { message, errors } = (data ?? {}) as { message?: unknown; errors?: unknown }
  if (typeof message !== 'string') return undefined
  const reasons = (Array.isArray(errors) ? errors : [])
    .map((one: unknown) => (typeof one === 'string' ? one : (one as { message?: unknown } | null)?.message))
    .filter((reason) => typeof reason === 'string')
  return [message.replace(/\.$/, ''), ...new Set(reasons)].join(': ')
}
