import type { CloudClock } from '../contract.js'

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

/**
 * Sleeps that end at the same moment share one timer of the clock, so a thousand machines in step cost one wake-up. A sleep of
 * 0 ends at once. Rejects on abort; the shared timer keeps running for the others.
 */
export const sharedSleep = (clock: CloudClock): Sleep => {
  const timers = new Map<number, Promise<void>>()
  const until = (due: number): Promise<void> => {
    const running = timers.get(due)
    if (running !== undefined) return running
    const timer = clock.sleep(due - clock.passed()).finally(() => timers.delete(due))
    timers.set(due, timer)
    return timer
  }
  return (ms, signal) => {
    const over = ms <= 0 ? Promise.resolve() : until(clock.passed() + ms)
    return signal === undefined ? over : abortable(over, signal)
  }
}

const abortable = (over: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error)
    if (signal.aborted) {
      fail()
      return
    }
    signal.addEventListener('abort', fail)
    over.then(resolve, reject).finally(() => signal.removeEventListener('abort', fail))
  })
