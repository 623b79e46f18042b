import type { Clock } from '../ports.js'
import { faultOf, ofOperation, wordsOf, type Fault } from '../domain/fault.js'

/** What a retried call may need: time, an end to its patience, and a place to say (once) that it waits. */
export interface RetryPolicy {
  clock: Clock
  /** How long one call may go on failing before its error is final, in milliseconds. */
  patienceMs: number
  signal?: AbortSignal | undefined
  /** Told once when a call starts failing, and once when it works again. */
  tell?: ((sentence: string) => void) | undefined
  /** When each operation was told last (epoch milliseconds): one that fails now and then is not told each time. */
  told?: Map<string, number> | undefined
  /** Makes the next call ask for new credentials; without it, an expired token is final. */
  renewCredentials?: (() => void) | undefined
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 20_000

/** The same operation's trouble is told no more often than this, over hours and over calls side by side. */
const TOLD_EVERY_MS = 10 * 60_000

/** Doubles from half a second to 20 s, with a quarter of jitter, so that many jobs do not come back in step. */
const pause = (attempt: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.75 + Math.random() / 4)

/**
 * Calls until it works, the error is final, or patience is over. For calls that may be repeated: reads, and writes that do
 * nothing the second time. Throttling, lost connections, 5xx and expired tokens are not answers; AccessDenied is one.
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
      if (told) tell?.(`${name} answers again.`)
      return answer
    } catch (error) {
      const fault = faultOf(error)
      if (signal?.aborted === true) throw signal.reason
      // What used all patience up at once was sent on a slow line, and has not failed before.
      if (attempt === 0 && clock.now() > end) end = clock.now() + patience.patienceMs
      const wait = pause(attempt)
      repeats = fault === last ? repeats + 1 : 0
      last = fault
      if (isFinal(fault, repeats, patience) || clock.now() + wait > end) throw ofOperation(error, name)
      if (fault === 'expired') patience.renewCredentials?.()
      if (attempt === 0 && isNews(name, patience)) {
        told = true
        tell?.(sayFault(name, error, patience.patienceMs))
      }
      await clock.sleep(wait, signal)
    }
  }
}

/** Parts of one upload carry their number in the name; they are one operation. */
const isNews = (name: string, { told, clock }: RetryPolicy): boolean => {
  const operation = name.replace(/ \d+$/, '')
  const last = told?.get(operation) ?? Number.NEGATIVE_INFINITY
  if (clock.now() - last < TOLD_EVERY_MS) return false
  told?.set(operation, clock.now())
  return true
}

/** What new credentials or the service's own clock cure is cured at once; after two repeats in a row it is about something else. */
const isFinal = (fault: Fault, repeats: number, { renewCredentials }: RetryPolicy): boolean => {
  if (fault === 'expired' && renewCredentials === undefined) return true
  if (fault === 'expired' || fault === 'skewed') return repeats > 1
  return fault === 'final' || fault === 'canceled'
}

const sayFault = (name: string, error: unknown, patienceMs: number): string =>
  `${name} did not answer: ${wordsOf(error)}. It is asked again for up to ${Math.round(patienceMs / 1000)} s.`
