import { type Jobs, type Reply, work } from './worker.js'
import { availableParallelism } from 'node:os'
import { type Transferable, Worker } from 'node:worker_threads'
import { UserError } from '../errors.js'
import { WORKER_SOURCE } from './worker-source.js'

/** Threads that run jobs. A closed pool rejects what is still open. */
export interface Pool {
  /** How many jobs are worth handing over before the first one is answered. */
  ahead: number
  run<K extends keyof Jobs>(
    kind: K,
    job: Jobs[K]['job'],
    transfer?: Transferable[]
  ): Promise<Jobs[K]['answer']>
  /** May be called twice. */
  close: () => Promise<void>
}

/** The program that a thread starts, as a file or as text; it must end up in `runPackWorker`. */
export type WorkerEntry = URL | { source: string }

/** Runs every job where it is asked for. */
export const inlinePool = (): Pool => ({
  ahead: 1,
  // eslint-disable-next-line @typescript-eslint/require-await -- what a job throws must come as a rejection, as from a thread
  run: async (kind, job) => work[kind](job),
  close: () => Promise.resolve()
})

/** Most jobs that wait at one thread: it never idles while an answer travels. */
const PER_WORKER = 2

/**
 * A thread makes few objects; what it makes besides are buffers, whose memory comes back when their objects are collected.
 * A small heap has that done early: this takes a third off the memory of a large tree, and no time.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 }

/** Up to `size` threads: one at once, so that it is ready when work comes, and another whenever all have something to do. */
export const threadPool = (size: number, entry: WorkerEntry): Pool => {
  const threads = [thread(entry)]
  const idlest = () => {
    const one = threads.reduce((one, other) => (other.open.size < one.open.size ? other : one))
    if (one.open.size === 0 || threads.length >= size) return one
    const another = thread(entry)
    threads.push(another)
    return another
  }
  return {
    ahead: size * PER_WORKER + 1,
    run: (kind, job, transfer = []) => idlest().ask(kind, job, transfer),
    close: async () => {
      await Promise.all(threads.map((one) => one.end()))
    }
  }
}

interface Waiting {
  resolve(answer: unknown): void
  reject(reason: unknown): void
}

const thread = (entry: WorkerEntry) => {
  const worker =
    entry instanceof URL
      ? new Worker(entry, { resourceLimits })
      : new Worker(entry.source, { resourceLimits, eval: true })
  const open = new Map<number, Waiting>()
  let count = 0
  let end: Error | undefined
  const fail = (reason: Error): void => {
    end ??= reason
    for (const one of open.values()) one.reject(end)
    open.clear()
  }
  worker.on('message', (reply: Reply) => {
    const waiting = open.get(reply.id)
    open.delete(reply.id)
    if ('answer' in reply) waiting?.resolve(reply.answer)
    else waiting?.reject('mistake' in reply ? mistake(reply.mistake) : reply.fault)
  })
  worker.on('error', fail)
  worker.on('exit', (code) => {
    fail(new Error(`A packing thread ended with code ${code}.`))
  })
  return {
    open,
    ask: <K extends keyof Jobs>(
      kind: K,
      job: Jobs[K]['job'],
      transfer: Transferable[]
    ): Promise<Jobs[K]['answer']> =>
      new Promise((resolve, reject) => {
        if (end !== undefined) {
          reject(end)
          return
        }
        const id = count++
        open.set(id, { resolve: resolve, reject })
        worker.postMessage({ id, kind, job }, transfer)
      }),
    end: async () => {
      await worker.terminate()
    }
  }
}

const mistake = ({ message, hint }: { message: string; hint: string }): UserError =>
  new UserError(message, hint)

/** More threads than this wait for the disk and the line, and each costs memory. */
const MOST_THREADS = 8

/**
 * As many threads as there are cores, once there is work for them. The program is the one that the build put in place; run
 * from the sources, everything is done on the calling thread.
 */
export const openPool = (entry = builtIn(), cores = availableParallelism()): Pool =>
  entry === undefined ? inlinePool() : threadPool(Math.min(MOST_THREADS, cores), entry)

const builtIn = (): WorkerEntry | undefined => (WORKER_SOURCE === '' ? undefined : { source: WORKER_SOURCE })
