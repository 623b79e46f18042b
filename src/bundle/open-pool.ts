import { availableParallelism } from 'node:os'
import { inlinePool, threadPool, type Pool, type WorkerEntry } from './pool.js'
import { WORKER_SOURCE } from './worker-source.js'

/** Below this much work a thread takes longer to start than it saves. */
const INLINE_BYTES = 2 * 1024 * 1024
const INLINE_FILES = 1000

/** More threads than this wait for the disk and the line, and each costs memory. */
const MOST_THREADS = 8

/**
 * As many threads as there are cores, or none for little work. The entry is by default the program that the build put in
 * place; run from the sources, everything is done on the calling thread.
 */
export const openPool = (
  work: { files: number; bytes: number },
  options: { entry?: WorkerEntry; cores?: number } = {}
): Pool => {
  const entry = options.entry ?? builtIn()
  if (entry === undefined || (work.bytes < INLINE_BYTES && work.files < INLINE_FILES)) return inlinePool()
  return threadPool(Math.min(MOST_THREADS, options.cores ?? availableParallelism()), entry)
}

const builtIn = (): WorkerEntry | undefined => (WORKER_SOURCE === '' ? undefined : { source: WORKER_SOURCE })
