import { availableParallelism } from 'node:os'
import { inlinePool, threadPool, type Pool, type WorkerEntry } from './pool.js'

/** Below this much work a thread takes longer to start than it saves. */
const INLINE_BYTES = 2 * 1024 * 1024
const INLINE_FILES = 1000

/** More threads than this wait for the disk and the line, and each costs memory. */
const MOST_THREADS = 8

/**
 * As many threads as there are cores, or none for little work. The entry is by default the program that Node was started
 * with: a bundled action is one file, whose door sends a thread with PACK_ROLE to `runPackWorker`.
 */
export const openPool = (
  work: { files: number; bytes: number },
  options: { entry?: WorkerEntry; cores?: number } = {}
): Pool => {
  if (work.bytes < INLINE_BYTES && work.files < INLINE_FILES) return inlinePool()
  const cores = options.cores ?? availableParallelism()
  return threadPool(Math.min(MOST_THREADS, cores), options.entry ?? process.argv[1] ?? '')
}
