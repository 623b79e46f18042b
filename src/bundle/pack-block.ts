import { sep } from 'node:path'
import { crc32, crc32Of } from './crc32.js'
import { deflateBlock, PIECE, PIECE_HEADER, WINDOW, writePieceHeader } from './deflate.js'
import { readFully, withFile, type FilePart } from './read.js'
import { BLOCK } from './plan.js'

export interface BlockJob extends FilePart {
  isLast: boolean
  /** 0 stores. */
  level: number
  into: SharedArrayBuffer
}

/** One block as part of its file's deflate stream. */
export interface BlockAnswer {
  into: SharedArrayBuffer
  used: number
  /** CRC-32 of the used bytes. */
  crc: number
  /** CRC-32 of the block as it is in the file. */
  dataCrc: number
}

let scratch: Buffer | undefined

/** Reads and packs one block of a large file. */
export const packBlock = (job: BlockJob): BlockAnswer =>
  withFile(`${job.root}${sep}${job.path}`, job, (descriptor) =>
    job.level === 0 ? storeBlock(job, descriptor) : deflate(job, descriptor)
  )

const deflate = (job: BlockJob, descriptor: number): BlockAnswer => {
  const before = Math.min(WINDOW, job.start)
  const read = (scratch ??= Buffer.allocUnsafeSlow(WINDOW + BLOCK)).subarray(0, before + job.length)
  readFully(descriptor, read, job.start - before, job.path)
  const data = read.subarray(before)
  const out = new Uint8Array(job.into, 0, data.length + 1)
  const used = deflateBlock(data, out, {
    level: levelFor(data, job.level),
    before: read.subarray(0, before),
    isLast: job.isLast
  })
  // An incompressible block in a file that otherwise packs well.
  if (used === undefined) return storeBlock(job, descriptor)
  return { into: job.into, used, crc: crc32(out.subarray(0, used)), dataCrc: crc32(data) }
}

/**
 * Machine code and other binary data (recognized by zero bytes, which text never has) pack a third faster two levels lower,
 * for 3 % more bytes: searching for the best match instead of the first pays off only in text. High levels are kept.
 */
const levelFor = (data: Buffer, level: number): number =>
  level > 2 && level < 6 && data.includes(0) ? level - 2 : level

/** Reads the block straight into the buffer it is sent from; one pass over the data gives both CRCs. */
const storeBlock = (job: BlockJob, descriptor: number): BlockAnswer => {
  const out = Buffer.from(job.into)
  let used = 0
  let crc = 0
  let dataCrc = 0
  for (let done = 0; done < job.length; done += PIECE) {
    const length = Math.min(PIECE, job.length - done)
    writePieceHeader(out, used, { length, isFinal: job.isLast && done + length === job.length })
    const data = out.subarray(used + PIECE_HEADER, used + PIECE_HEADER + length)
    readFully(descriptor, data, job.start + done, job.path)
    const pieceCrc = crc32(data)
    crc = crc32Of(crc32(out.subarray(used, used + PIECE_HEADER), crc), pieceCrc, length)
    dataCrc = crc32Of(dataCrc, pieceCrc, length)
    used += PIECE_HEADER + length
  }
  return { into: job.into, used, crc, dataCrc }
}
