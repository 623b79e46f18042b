import { setMaxListeners } from 'node:events'

/**
 * Work that nobody waits for, such as a deployment or a booting instance. It must end with the cloud and must not fail
 * unnoticed.
 */
export interface Background {
  /** Starts work with a signal that is aborted when the cloud stops; an error after that is ignored. */
  run(work: (signal: AbortSignal) => Promise<void>): void
  /** Aborted when the cloud stops. */
  ending: AbortSignal
  /** Errors of background work: always a bug of the cloud, never of its user. */
  faults(): unknown[]
  /** Ends all work and resolves when none is left. */
  stop(): Promise<void>
}

/** Tracks all background work of one cloud. */
export const createBackground = (): Background => {
  const ending = new AbortController()
  const running = new Set<Promise<void>>()
  const faults: unknown[] = []
  setMaxListeners(0, ending.signal)

  const watched = async (work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    try {
      await work(ending.signal)
    } catch (reason) {
      if (!ending.signal.aborted) faults.push(reason)
    }
  }

  return {
    run: (work) => {
      if (ending.signal.aborted) return
      const promise = watched(work)
      running.add(promise)
      void promise.finally(() => running.delete(promise))
    },
    ending: ending.signal,
    faults: () => [...faults],
    stop: async () => {
      ending.abort(new Error('the cloud stops'))
      while (running.size > 0) await Promise.all(running)
    }
  }
}
