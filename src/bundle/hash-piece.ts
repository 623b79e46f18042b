import { createHash } from 'node:crypto'
import { sep } from 'node:path'
import { isIncompressible } from './deflate.js'
import { readFully, withFile, type FilePart } from './read.js'

export interface PieceAnswer {
  /** SHA-256 in hex. */
  digest: string
  /** Whether packing does not help the file; only the answer for its first piece says so. */
  incompressible: boolean
}

const CHUNK = 256 * 1024
const SAMPLE = 32 * 1024

let chunk: Buffer | undefined

/** Reads one piece of a large file and hashes it. */
export const hashPiece = (job: FilePart): PieceAnswer =>
  withFile(`${job.root}${sep}${job.path}`, job, (descriptor) => {
    const { path, start, length } = job
    const buffer = (chunk ??= Buffer.allocUnsafeSlow(CHUNK))
    const incompressible = start === 0 && sampleOf(descriptor, job)
    const running = createHash('sha256')
    for (let done = 0; done < length; done += CHUNK) {
      const part = buffer.subarray(0, Math.min(CHUNK, length - done))
      readFully(descriptor, part, start + done, path)
      running.update(part)
    }
    return { digest: running.digest('hex'), incompressible }
  })

/** Samples from beginning, end and between: more of them the larger the file, so a mixed one is not misjudged. */
const sampleOf = (descriptor: number, { path, size }: FilePart): boolean => {
  const count = Math.min(16, 3 + Math.floor(size / (64 * 1024 * 1024)))
  const samples = Array.from({ length: count }, (_, index) => {
    const sample = Buffer.allocUnsafe(Math.min(SAMPLE, size))
    readFully(descriptor, sample, Math.floor(((size - sample.length) * index) / (count - 1)), path)
    return sample
  })
  return isIncompressible(samples)
}
