import type { FleetState } from './fleet-state.js'

/** Resolves as soon as `met` is true; checks it after every change of any instance. Rejects on abort. */
export const until = (state: FleetState, met: () => boolean, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error)
      return
    }
    const settle = (): void => {
      state.watchers.delete(look)
      signal.removeEventListener('abort', fail)
    }
    const look = (): void => {
      if (!met()) return
      settle()
      resolve()
    }
    const fail = (): void => {
      settle()
      reject(signal.reason as Error)
    }
    state.watchers.add(look)
    signal.addEventListener('abort', fail)
    look()
  })
