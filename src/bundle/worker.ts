import { parentPort, type Transferable } from 'node:worker_threads'
import { UserError } from '../errors.js'
import { work, type Jobs } from './jobs.js'
import type { Reply, Request } from './pool.js'

/** The life of a packing thread: it answers jobs until it is ended. */
export const runPackWorker = (): void => {
  parentPort?.on('message', (request: Request) => {
    const reply = answerTo(request)
    parentPort?.postMessage(reply, 'answer' in reply ? buffersOf(reply.answer) : [])
  })
}

const answerTo = (request: Request): Reply => {
  const { id } = request
  try {
    return { id, answer: run(request.kind, request.job) }
  } catch (error) {
    // Only the text of an error survives the way to another thread, not its class.
    if (error instanceof UserError) return { id, mistake: { message: error.message, hint: error.hint } }
    return { id, fault: error }
  }
}

const run = <K extends keyof Jobs>(kind: K, job: Jobs[K]['job']): Jobs[K]['answer'] => work[kind](job)

/** Arrays are handed over, not copied; slabs are shared. */
const buffersOf = (answer: Jobs[keyof Jobs]['answer']): Transferable[] =>
  Object.values(answer as unknown as Record<string, unknown>).flatMap((value) =>
    ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : []
  )
