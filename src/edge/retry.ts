import type { Clock } from '../ports.js'
import { faultOf, ofOperation, wordsOf, type Fault } from '../domain/fault.js'

/** How a call is retried: its clock, how long, and where it reports that it is waiting. */
export interface RetryPolicy {
  clock: Clock
  /** How long one call may keep failing before its error is final, in milliseconds. */
  patienceMs: number
  signal?: AbortSignal | undefined
  /** Called once when a call starts failing, and once when it works again. */
  tell?: ((sentence: string) => void) | undefined
  /** When each operation's failure was last reported (epoch milliseconds), so that occasional failures do not fill the log. */
  told?: Map<string, number> | undefined
  /** Makes the next call ask for new credentials; without it, an expired token is final. */
  renewCredentials?: (() => void) | undefined
  /** The documented policy of the role that makes the call, for the message about a denied one. */
  rolePolicy?: string | undefined
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 20_000

/** An operation's failures are reported no more often than this, also across parallel calls. */
const TOLD_EVERY_MS = 10 * 60_000

/** Doubles from 0.5 s to 20 s, with 25 % jitter, so that many jobs do not retry at the same moment. */
const pause = (attempt: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.75 + Math.random() / 4)

/**
 * Retries a call until it works, its error is final, or `patienceMs` has passed. Only for calls that may be repeated: reads, and
 * idempotent writes. Throttling, lost connections, 5xx and expired tokens are retried; AccessDenied is final. Throws the last
 * error, or the signal's reason.
 */
export const retrying = async <T>(
  name: string,
  call: (signal?: AbortSignal) => Promise<T>,
  patience: RetryPolicy
): Promise<T> => {
  const { clock, signal, tell } = patience
  let end = clock.now() + patience.patienceMs
  let repeats = 0
  let told = false
  for (let attempt = 0, last: Fault | undefined; ; attempt++) {
    try {
      const answer = await call(signal)
      if (told) tell?.(`${name} works again.`)
      return answer
    } catch (error) {
      const fault = faultOf(error)
      if (signal?.aborted === true) throw signal.reason
      // A first attempt that took all the time was on a slow connection; it deserves the same time again.
      if (attempt === 0 && clock.now() > end) end = clock.now() + patience.patienceMs
      const wait = pause(attempt)
      repeats = fault === last ? repeats + 1 : 0
      last = fault
      if (isFinal(fault, repeats, patience) || clock.now() + wait > end)
        throw ofOperation(error, name, patience.rolePolicy)
      if (fault === 'expired') patience.renewCredentials?.()
      if (attempt === 0 && isNews(name, patience)) {
        told = true
        tell?.(sayFault(name, error, patience.patienceMs))
      }
      await clock.sleep(wait, signal)
    }
  }
}

/** The parts of an upload, which have their number in the name, count as one operation. */
const isNews = (name: string, { told, clock }: RetryPolicy): boolean => {
  const operation = name.replace(/ \d+$/, '')
  const last = told?.get(operation) ?? Number.NEGATIVE_INFINITY
  if (clock.now() - last < TOLD_EVERY_MS) return false
  told?.set(operation, clock.now())
  return true
}

/** New credentials, or the service's clock, help at once; if the same fault occurs three times in a row, the cause is another. */
const isFinal = (fault: Fault, repeats: number, { renewCredentials }: RetryPolicy): boolean => {
  if (fault === 'expired' && renewCredentials === undefined) return true
  if (fault === 'expired' || fault === 'skewed') return repeats > 1
  return fault === 'final' || fault === 'canceled'
}

const sayFault = (name: string, error: unknown, patienceMs: number): string =>
  `${name} failed: ${wordsOf(error)}. Retrying for up to ${Math.round(patienceMs / 1000)} s.`
