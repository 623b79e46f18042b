import { SLAB } from './plan.js'

/**
 * Buffers that are filled, sent and filled again, so that memory depends on what is under way and not on the archive. They
 * are shared with the threads: one that is handed over and back makes V8 believe each time that memory was gained and lost.
 */
export interface Slabs {
  take(): SharedArrayBuffer
  give(slab: SharedArrayBuffer): void
}

export const slabs = (): Slabs => {
  const free: SharedArrayBuffer[] = []
  return {
    take: () => free.pop() ?? new SharedArrayBuffer(SLAB),
    give: (slab) => free.push(slab)
  }
}
