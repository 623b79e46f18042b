import { createHash, hash } from 'node:crypto'
import { sep } from 'node:path'
import { isIncompressible } from './deflate.js'
import { splitNames, type FileColumns } from './columns.js'
import { readFully, withFile } from './read.js'

export interface HashJob {
  files: FileColumns
  /** The bytes of files up to this size come back with the answer, so that they need not be read again; 0 for none. */
  keepUpTo: number
  /** Files above this size are sampled whether packing helps. */
  sampleAbove: number
}

export interface HashAnswer {
  /** SHA-256 of each file in hex, one after the other. */
  digests: string
  /** Kept files, one after the other. */
  kept: Uint8Array<ArrayBuffer>
  /** 1 for each file that packing does not help. */
  incompressible: Uint8Array<ArrayBuffer>
}

const CHUNK = 256 * 1024
const SAMPLE = 32 * 1024

let chunk: Buffer | undefined

/** Reads files once, from beginning to end, and hashes them. */
export const hashFiles = ({ files, keepUpTo, sampleAbove }: HashJob): HashAnswer => {
  const names = splitNames(files.names)
  const digests: string[] = []
  const incompressible = new Uint8Array(names.length)
  const kept = new Uint8Array(files.sizes.reduce((sum, size) => (size <= keepUpTo ? sum + size : sum), 0))
  let keptTo = 0
  const buffer = (chunk ??= Buffer.allocUnsafeSlow(CHUNK))
  for (const [index, path] of names.entries()) {
    const size = files.sizes[index] ?? 0
    const known = { path, size, changedAt: files.changes[index] ?? 0 }
    const into = size <= keepUpTo ? kept.subarray(keptTo, keptTo + size) : buffer
    if (size <= keepUpTo) keptTo += size
    const digest = withFile(`${files.root}${sep}${path}`, known, (descriptor) => {
      if (size > sampleAbove) incompressible[index] = sampleOf(descriptor, known) ? 1 : 0
      return hashOf(descriptor, known, into)
    })
    digests.push(digest)
  }
  return { digests: digests.join(''), kept, incompressible }
}

const hashOf = (descriptor: number, file: { path: string; size: number }, into: Uint8Array): string => {
  if (file.size <= into.length) {
    const all = into.subarray(0, file.size)
    readFully(descriptor, all, 0, file.path)
    return hash('sha256', all, 'hex')
  }
  const running = createHash('sha256')
  for (let at = 0; at < file.size; at += into.length) {
    const piece = into.subarray(0, Math.min(into.length, file.size - at))
    readFully(descriptor, piece, at, file.path)
    running.update(piece)
  }
  return running.digest('hex')
}

/** Samples from beginning, end and between: more of them the larger the file, so a mixed one is not misjudged. */
const sampleOf = (descriptor: number, { path, size }: { path: string; size: number }): boolean => {
  const count = Math.min(16, 3 + Math.floor(size / (64 * 1024 * 1024)))
  const samples = Array.from({ length: count }, (_, index) => {
    const sample = Buffer.allocUnsafe(Math.min(SAMPLE, size))
    readFully(descriptor, sample, Math.floor(((size - sample.length) * index) / (count - 1)), path)
    return sample
  })
  return isIncompressible(samples)
}
