import { type Jobs, type Reply, work } from './worker.js'
import { availableParallelism } from 'node:os'
import { type Transferable, Worker } from 'node:worker_threads'
import { UserError } from '../errors.js'
import { WORKER_SOURCE } from './worker-source.js'

/** Threads that run jobs. Closing a pool rejects the jobs that are still open. */
export interface Pool {
  /** How many jobs are worth submitting before the first one is done. */
  ahead: number
  run<K extends keyof Jobs>(
    kind: K,
    job: Jobs[K]['job'],
    transfer?: Transferable[]
  ): Promise<Jobs[K]['answer']>
  /** May be called twice. */
  close: () => Promise<void>
}

/** The program that a thread runs, as a file or as text; it must call `runPackWorker`. */
export type WorkerEntry = URL | { source: string }

/** Runs every job on the calling thread. */
export const inlinePool = (): Pool => ({
  ahead: 1,
  // eslint-disable-next-line @typescript-eslint/require-await -- an error must become a rejection, as from a thread
  run: async (kind, job) => work[kind](job),
  close: () => Promise.resolve()
})

/** Jobs queued per thread, so it does not idle while an answer is on its way. */
const PER_WORKER = 2

/**
 * A thread creates few objects, but buffers whose memory is freed only when their objects are collected. A small heap makes
 * that happen early: a large tree then takes a third less memory, and no more time.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 }

/** Up to `size` threads: one immediately, so it is ready when work arrives, and another whenever all are busy. */
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

/** More threads than this only wait for the disk and the network, and each costs memory. */
const MOST_THREADS = 8

/**
 * As many threads as there are cores, once there is work for them. They run the program that the build inserted; without a
 * build, everything runs on the calling thread.
 */
export const openPool = (entry = builtIn(), cores = availableParallelism()): Pool =>
  entry === undefined ? inlinePool() : threadPool(Math.min(MOST_THREADS, cores), entry)

const builtIn = (): WorkerEntry | undefined => (WORKER_SOURCE === '' ? undefined : { source: WORKER_SOURCE })
