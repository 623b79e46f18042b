/** Time that only passes during sleeps: nine hours pass in a moment. */
export interface VirtualClock {
  now: () => number
  /** Resolves after `ms` on this clock; rejects with the signal's reason if it is aborted first. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Does something when the clock reaches `time` (epoch milliseconds). */
  at: (time: number, act: () => void) => void
  /** Every requested sleep, in milliseconds. */
  readonly slept: number[]
}

interface Sleeper {
  wakeAt: number
  wake(): void
}

/** Where a clock starts unless another start is given: noon UTC of an ordinary day. */
export const START = Date.UTC(2026, 10, 22, 12)

/** This many seconds after START. */
export const at = (seconds: number): Date => new Date(START + seconds * 1000)

/**
 * The earliest sleeper is woken once nobody has anything else to do, so that several runs may sleep at the same time and
 * still meet in the right order.
 */
export const virtualClock = (start = START): VirtualClock => {
  let now = start
  let scheduled = false
  let sleepers: Sleeper[] = []
  const slept: number[] = []

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      const next = sleepers.reduce<Sleeper | undefined>(
        (first, one) => (first === undefined || one.wakeAt < first.wakeAt ? one : first),
        undefined
      )
      if (next === undefined) return
      sleepers = sleepers.filter((one) => one !== next)
      now = Math.max(now, next.wakeAt)
      next.wake()
      if (sleepers.length > 0) schedule()
    })
  }
  const add = (sleeper: Sleeper): void => {
    sleepers.push(sleeper)
    schedule()
  }

  return {
    now: () => now,
    slept,
    at: (time, act) => {
      sleepers.push({ wakeAt: time, wake: act })
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        slept.push(ms)
        const refuse = (): void => {
          sleepers = sleepers.filter((one) => one !== sleeper)
          reject(signal?.reason as Error)
        }
        const sleeper: Sleeper = {
          wakeAt: now + Math.max(0, ms),
          wake: () => {
            signal?.removeEventListener('abort', refuse)
            resolve()
          }
        }
        if (signal?.aborted === true) {
          refuse()
          return
        }
        signal?.addEventListener('abort', refuse)
        add(sleeper)
      })
  }
}

/** A signal that is never aborted. */
export const noSignal = (): AbortSignal => new AbortController().signal
