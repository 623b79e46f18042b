import { availableParallelism } from 'node:os'
import { inlinePool, threadPool, type Pool, type WorkerEntry } from './pool.js'
import { WORKER_SOURCE } from './worker-source.js'

/** More threads than this wait for the disk and the line, and each costs memory. */
const MOST_THREADS = 8

/**
 * As many threads as there are cores, once there is work for them. The program is the one that the build put in place; run
 * from the sources, everything is done on the calling thread.
 */
export const openPool = (entry = builtIn(), cores = availableParallelism()): Pool =>
  entry === undefined ? inlinePool() : threadPool(Math.min(MOST_THREADS, cores), entry)

const builtIn = (): WorkerEntry | undefined => (WORKER_SOURCE === '' ? undefined : { source: WORKER_SOURCE })
