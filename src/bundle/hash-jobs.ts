import { createHash, hash } from 'node:crypto'
import { sep } from 'node:path'
import { type FileColumns, splitNames } from './columns.js'
import { isIncompressible } from './deflate.js'
import { WHOLE_FILE } from './plan.js'
import { type FilePart, readFully, withFile } from './read.js'

export interface HashJob {
  /** None above WHOLE_FILE. */
  files: FileColumns
  /** The answer includes the bytes of files up to this size, so they need not be read again; 0 for none. */
  keepUpTo: number
}

export interface HashAnswer {
  /** SHA-256 (hex) of each file, concatenated. */
  digests: string
  /** The kept files, concatenated. */
  kept: Uint8Array<ArrayBuffer>
}

let scratch: Buffer | undefined

/** Reads small files and hashes them. */
export const hashFiles = ({ files, keepUpTo }: HashJob): HashAnswer => {
  const digests: string[] = []
  const kept = new Uint8Array(files.sizes.reduce((sum, size) => (size <= keepUpTo ? sum + size : sum), 0))
  let keptTo = 0
  for (const [index, path] of splitNames(files.names).entries()) {
    const size = files.sizes[index] ?? 0
    const data =
      size <= keepUpTo
        ? kept.subarray(keptTo, (keptTo += size))
        : (scratch ??= Buffer.allocUnsafeSlow(WHOLE_FILE)).subarray(0, size)
    withFile(`${files.root}${sep}${path}`, { path, size, changedAt: files.changes[index] ?? 0 }, (file) => {
      readFully(file, data, 0, path)
    })
    digests.push(hash('sha256', data, 'hex'))
  }
  return { digests: digests.join(''), kept }
}

export interface PieceAnswer {
  /** SHA-256 (hex). */
  digest: string
  /** Whether packing does not shrink the file; only known for its first piece. */
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

/** Takes samples from start to end, more for a larger file, so a mixed file is not misjudged. */
const sampleOf = (descriptor: number, { path, size }: FilePart): boolean => {
  const count = Math.min(16, 3 + Math.floor(size / (64 * 1024 * 1024)))
  const samples = Array.from({ length: count }, (_, index) => {
    const sample = Buffer.allocUnsafe(Math.min(SAMPLE, size))
    readFully(descriptor, sample, Math.floor(((size - sample.length) * index) / (count - 1)), path)
    return sample
  })
  return isIncompressible(samples)
}
