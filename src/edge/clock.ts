import { setTimeout as timeout } from 'node:timers/promises'

/** Time, handed in wherever something waits, so that nine hours pass in a moment in a test. */
export interface Clock {
  /** Epoch milliseconds. */
  now: () => number
  /** Resolves after `ms`; rejects with the signal's reason at once when it is aborted. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** The runner's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await timeout(Math.max(0, ms), undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error
    }
  }
}
