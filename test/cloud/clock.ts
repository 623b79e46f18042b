import { setTimeout as delay } from 'node:timers/promises'
import type { CloudClock } from './contract.js'

/** Real time: timestamps are the wall clock's, and a sleep of `ms` of service time lasts `ms / scale`. */
export const scaledClock = (scale: number): CloudClock => {
  const start = performance.now()
  return {
    now: () => Date.now(),
    passed: () => (performance.now() - start) * scale,
    sleep: (ms, signal) => delay(ms / scale, undefined, signal === undefined ? {} : { signal })
  }
}

/** A world in which time runs `scale` times faster since that moment (epoch milliseconds): its timestamps, its sleeps and its waits. */
export const fastClock = (since: number, scale: number): CloudClock => ({
  now: () => Math.round(since + (Date.now() - since) * scale),
  passed: () => (Date.now() - since) * scale,
  sleep: (ms, signal) => delay(ms / scale, undefined, signal === undefined ? {} : { signal })
})

/** Virtual time, which only moves if somebody advances it. */
export interface SteppedClock extends CloudClock {
  /**
   * Advances time by `ms`: wakes every sleep on the way, in order, and lets pending work settle in between. Several callers may
   * advance at once (two runs on one clock); each resolves when its own time has passed.
   */
  advance(ms: number): Promise<void>
  /** Time stands still until the returned function is called, because a request is being served. */
  hold(): () => void
}

interface Sleeper {
  due: number
  wake: () => void
  /** A caller that advances the clock pulls time forward; a sleeping one only waits for it. */
  pulls: boolean
}

/** Idle turns of the event loop, with no request running, after which work that crosses a loopback socket has settled. */
const QUIET_TURNS = 12

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const aborted = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error('aborted')

/** A clock for tests in which the cloud and the action share one virtual time. `start` is epoch milliseconds. */
export const steppedClock = (start: number): SteppedClock => {
  const sleepers = new Set<Sleeper>()
  let now = start
  let holds = 0
  let running = false

  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet = holds === 0 ? quiet + 1 : 0) await turn()
  }
  const next = (): Sleeper | undefined => [...sleepers].sort((a, b) => a.due - b.due)[0]
  const run = async (): Promise<void> => {
    running = true
    await settle()
    while ([...sleepers].some((sleeper) => sleeper.pulls)) {
      const sleeper = next()
      if (sleeper === undefined) break
      now = Math.max(now, sleeper.due)
      sleepers.delete(sleeper)
      sleeper.wake()
      await settle()
    }
    running = false
  }
  const wait = (ms: number, pulls: boolean, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(aborted(signal))
        return
      }
      const abort = (): void => {
        sleepers.delete(sleeper)
        if (signal !== undefined) reject(aborted(signal))
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const sleeper: Sleeper = { due: now + Math.max(0, ms), wake, pulls }
      signal?.addEventListener('abort', abort, { once: true })
      sleepers.add(sleeper)
    })

  return {
    now: () => now,
    passed: () => now - start,
    sleep: (ms, signal) => wait(ms, false, signal),
    advance: (ms) => {
      const done = wait(ms, true)
      if (!running) void run()
      return done
    },
    hold: () => {
      holds += 1
      let held = true
      return () => {
        if (held) holds -= 1
        held = false
      }
    }
  }
}
