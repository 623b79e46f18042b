import type { FilePart } from './read.js'
import { type BlockAnswer, type BlockJob, packBlock } from './pack-block.js'
import { type BatchAnswer, type BatchJob, packBatch } from './pack-batch.js'
import { type HashAnswer, hashFiles, type HashJob, hashPiece, type PieceAnswer } from './hash-jobs.js'
import { parentPort, type Transferable } from 'node:worker_threads'
import { UserError } from '../errors.js'

/** Runs a packing thread: it answers jobs until it is terminated. */
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
    // An error loses its class on the way to another thread; only its text arrives.
    if (error instanceof UserError) return { id, mistake: { message: error.message, hint: error.hint } }
    return { id, fault: error }
  }
}

const run = <K extends keyof Jobs>(kind: K, job: Jobs[K]['job']): Jobs[K]['answer'] => work[kind](job)

/** Arrays are transferred, not copied; buffers of the pool are shared. */
const buffersOf = (answer: Jobs[keyof Jobs]['answer']): Transferable[] =>
  Object.values(answer as unknown as Record<string, unknown>).flatMap((value) =>
    ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : []
  )

export type Request = { [K in keyof Jobs]: { id: number; kind: K; job: Jobs[K]['job'] } }[keyof Jobs]

export type Reply =
  | { id: number; answer: Jobs[keyof Jobs]['answer'] }
  | { id: number; mistake: { message: string; hint: string } }
  | { id: number; fault: unknown }

/** What can be sent to another thread: plain data in, plain data out. */
export interface Jobs {
  hash: { job: HashJob; answer: HashAnswer }
  piece: { job: FilePart; answer: PieceAnswer }
  batch: { job: BatchJob; answer: BatchAnswer }
  block: { job: BlockJob; answer: BlockAnswer }
}

type Work = { [K in keyof Jobs]: (job: Jobs[K]['job']) => Jobs[K]['answer'] }

/** The work itself, on whichever thread calls it. */
export const work: Work = { hash: hashFiles, piece: hashPiece, batch: packBatch, block: packBlock }
