import { feeder } from './feeder.js'
import type { Folder, Found } from './folder.js'
import { hashUnits, type HashUnit } from './hash-units.js'
import { openHashes } from './hashes.js'
import type { Pool } from './pool.js'
import { batchRequests, filePart } from './hash-requests.js'

/** A folder with the hash of every file, taken before anything is packed. */
export interface HashedFolder {
  folder: Folder
  /** SHA-256 (hex) over the tree (domain/content-hash.ts). */
  contentHash: string
  /** SHA-256 (hex) of each file, by the index of its entry; undefined for folders and links. */
  sha256: readonly (string | undefined)[]
  /** Indexes of large files that packing does not help. */
  incompressible: ReadonlySet<number>
  /** Bytes of the smallest files by the first index of the batch they belong to; they are not read twice. */
  kept: Map<number, Uint8Array<ArrayBuffer>>
}

/** How far hashing has come. */
export interface HashProgress {
  files: number
  bytes: number
}

/** So many times more jobs wait at the threads than while packing, since this one lists, judges and asks AWS meanwhile. */
const AHEAD = 8

/** Hashing that begins while the folder is still being listed. */
export interface Hashing {
  /** Hands over what was found until now. */
  grow: (found: Found) => void
  /** Hands over the rest. Rejects with a UserError that names a file which changed, vanished or cannot be read. */
  finish: (folder: Folder, progress?: (state: HashProgress) => void) => Promise<HashedFolder>
}

/** Reads every file once, on the threads of a pool. */
export const startHashing = ({ pool, signal }: { pool: Pool; signal?: AbortSignal | undefined }): Hashing => {
  const hashes = openHashes()
  const units = hashUnits()
  const batchRequest = batchRequests()
  let found: Found = { root: '', entries: [] }
  let tell: ((state: HashProgress) => void) | undefined
  const hash = async (unit: HashUnit): Promise<void> => {
    if (unit.kind === 'piece') {
      const answer = await pool.run('piece', filePart(unit, found))
      hashes.acceptPiece(unit, found.entries, answer)
    } else {
      const answer = await pool.run('hash', batchRequest(unit, found))
      hashes.acceptBatch(unit, found.entries, answer)
    }
    signal?.throwIfAborted()
    tell?.(hashes.done)
  }
  const work = feeder(units.take, hash, AHEAD * pool.ahead)
  const grow = (state: Found): void => {
    found = state
    units.add(state.entries)
    work.feed()
  }
  return {
    grow,
    finish: async (folder, progress) => {
      tell = progress
      grow(folder)
      units.end(folder.entries)
      await work.drained()
      const { sha256, incompressible, kept } = hashes
      return { folder, contentHash: hashes.digest(folder.entries), sha256, incompressible, kept }
    }
  }
}

/** The same for a folder that is listed already. */
export const hashFolder = (folder: Folder, options: { pool: Pool }): Promise<HashedFolder> =>
  startHashing(options).finish(folder)
