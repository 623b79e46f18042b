import { hashFiles, type HashAnswer, type HashJob } from './hash-job.js'
import { hashPiece, type PieceAnswer } from './hash-piece.js'
import { packBatch, type BatchAnswer, type BatchJob } from './pack-batch.js'
import { packBlock, type BlockAnswer, type BlockJob } from './pack-block.js'
import type { FilePart } from './read.js'

/** What can be handed to another thread: plain data in, plain data out. */
export interface Jobs {
  hash: { job: HashJob; answer: HashAnswer }
  piece: { job: FilePart; answer: PieceAnswer }
  batch: { job: BatchJob; answer: BatchAnswer }
  block: { job: BlockJob; answer: BlockAnswer }
}

type Work = { [K in keyof Jobs]: (job: Jobs[K]['job']) => Jobs[K]['answer'] }

/** The work itself, on whichever thread it is called. */
export const work: Work = { hash: hashFiles, piece: hashPiece, batch: packBatch, block: packBlock }
