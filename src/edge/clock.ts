import type { Clock } from '../ports.js'
import { setTimeout as timeout } from 'node:timers/promises'

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await timeout(Math.max(0, ms), undefined, { signal })
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error
    }
  }
}
