import { setMaxListeners } from 'node:events'

/** Work that nobody waits for (a deployment, an instance that boots), which still must end with the cloud and never fail unseen. */
export interface Background {
  /** Starts work. It gets a signal that fires when the cloud stops; what it throws after that is not a fault. */
  run(work: (signal: AbortSignal) => Promise<void>): void
  /** Fires when the cloud stops. */
  ending: AbortSignal
  /** What background work threw: always a fault of the cloud, never of its user. */
  faults(): unknown[]
  /** Ends all work and resolves when the last of it is gone. */
  stop(): Promise<void>
}

/** Keeps track of all background work of one cloud. */
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
