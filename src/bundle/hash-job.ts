import { hash } from 'node:crypto'
import { sep } from 'node:path'
import { splitNames, type FileColumns } from './columns.js'
import { WHOLE_FILE } from './plan.js'
import { readFully, withFile } from './read.js'

export interface HashJob {
  /** None above WHOLE_FILE. */
  files: FileColumns
  /** The bytes of files up to this size come back with the answer, so that they need not be read again; 0 for none. */
  keepUpTo: number
}

export interface HashAnswer {
  /** SHA-256 of each file in hex, one after the other. */
  digests: string
  /** Kept files, one after the other. */
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
