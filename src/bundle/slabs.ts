import { SLAB } from './plan.js'

/** Buffers that are filled, sent and filled again, so that memory depends on what is under way and not on the archive. */
export interface Slabs {
  take(): ArrayBuffer
  give(slab: ArrayBuffer): void
}

export const slabs = (): Slabs => {
  const free: ArrayBuffer[] = []
  return {
    take: () => free.pop() ?? new ArrayBuffer(SLAB),
    give: (slab) => free.push(slab)
  }
}
