import { feeder } from '../concurrency.js'
import { type HashedEntry, sortedTreeHash } from '../domain/content-hash.js'
import { fileHashOf, HASH_PIECE } from '../domain/file-hash.js'
import { columnsOf } from './columns.js'
import type { Folder, FolderCount } from './folder.js'
import type { HashAnswer, HashJob, PieceAnswer } from './hash-jobs.js'
import { type Batch, cutter, entryAt, type PackUnit } from './plan.js'
import type { Pool } from './pool.js'
import type { FilePart } from './read.js'
import type { FolderEntry } from './walk.js'

/** A folder with the hash of every file, computed before anything is packed. */
export interface HashedFolder {
  folder: Folder
  /** SHA-256 (hex) of the tree (domain/content-hash.ts). */
  contentHash: string
  /** SHA-256 (hex) of each file, by the index of its entry; undefined for folders and links. */
  sha256: readonly (string | undefined)[]
  /** Indexes of large files that packing does not shrink. */
  incompressible: ReadonlySet<number>
  /** Bytes of the smallest files, so they are not read twice; by the first index of their batch. */
  kept: Map<number, Uint8Array<ArrayBuffer>>
}

/** The entries as a manifest lists them: without the time of their last change. */
export const hashedEntries = ({ folder, sha256 }: HashedFolder): HashedEntry[] =>
  folder.entries.map(({ path, kind, mode, size, target }, index) => ({
    ...{ path, kind, mode, size },
    ...(target === undefined ? {} : { target }),
    ...(sha256[index] === undefined ? {} : { sha256: sha256[index] })
  }))

/** Progress of hashing. */
export interface HashProgress {
  files: number
  bytes: number
}

/** How many times more jobs are queued than while packing, since the main thread meanwhile lists, judges and calls AWS. */
const AHEAD = 8

/** Hashing that starts while the folder is still being listed. */
export interface Hashing {
  /** Adds what has been found so far. */
  grow: (found: FolderCount) => void
  /** Adds the rest. Rejects with a UserError that names a file that changed, vanished or cannot be read. */
  finish: (folder: Folder, progress?: (state: HashProgress) => void) => Promise<HashedFolder>
}

/** Reads every file once, on the threads of a pool. */
export const startHashing = ({ pool, signal }: { pool: Pool; signal?: AbortSignal | undefined }): Hashing => {
  const hashes = openHashes()
  const units = hashUnits()
  const batchRequest = batchRequests()
  let found: FolderCount = { root: '', entries: [] }
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
  const grow = (state: FolderCount): void => {
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

/** The same for a folder that is already listed. */
export const hashFolder = (folder: Folder, options: { pool: Pool }): Promise<HashedFolder> =>
  startHashing(options).finish(folder)

/** What one job hashes: the files of a batch, or a piece of a larger file. */
export type HashUnit = Batch | Piece

export interface Piece {
  kind: 'piece'
  /** Index of the file. */
  entry: number
  /** The number of the piece, from 0, and how many there are. */
  number: number
  count: number
  start: number
  length: number
}

/** Splits entries that are still being found; the batches are the same as for packing. */
export const hashUnits = () => {
  const cut = cutter()
  const waiting: HashUnit[] = []
  const add = (units: Iterable<PackUnit>, entries: readonly FolderEntry[]): void => {
    for (const unit of units)
      if (unit.kind === 'batch') waiting.push(unit)
      else if (unit.isFirst)
        for (const piece of pieces(unit.entry, entryAt(entries, unit.entry).size)) waiting.push(piece)
  }
  return {
    add: (entries: readonly FolderEntry[]) => {
      add(cut.next(entries), entries)
    },
    end: (entries: readonly FolderEntry[]) => {
      add(cut.end(), entries)
    },
    take: (): HashUnit | undefined => waiting.shift()
  }
}

const pieces = (entry: number, size: number): Piece[] => {
  const count = Math.ceil(size / HASH_PIECE)
  return Array.from({ length: count }, (_, number) => {
    const start = number * HASH_PIECE
    return { kind: 'piece', entry, number, count, start, length: Math.min(HASH_PIECE, size - start) }
  })
}

/** What is known about the files so far. The tree is hashed along the way, so little is left to do after the last file. */
export const openHashes = () => {
  const sha256: (string | undefined)[] = []
  const incompressible = new Set<number>()
  const kept = new Map<number, Uint8Array<ArrayBuffer>>()
  const partly = new Map<number, { digests: string[]; left: number }>()
  const done = { files: 0, bytes: 0 }
  const tree = sortedTreeHash()
  let next = 0
  const advance = (entries: readonly FolderEntry[]): void => {
    const from = next
    for (let entry = entries[next]; entry !== undefined; entry = entries[next]) {
      if (entry.kind === 'file' && sha256[next] === undefined) break
      next++
    }
    tree.add(entries.slice(from, next), sha256.slice(from, next))
  }
  const know = (index: number, hash: string): void => {
    while (sha256.length < index) sha256.push(undefined)
    sha256[index] = hash
    done.files++
  }
  return {
    sha256,
    incompressible,
    kept,
    done,
    acceptBatch: (batch: Batch, entries: readonly FolderEntry[], answer: HashAnswer): void => {
      let position = 0
      for (let index = batch.from; index < batch.to; index++) {
        const entry = entries[index]
        if (entry?.kind !== 'file') continue
        know(index, answer.digests.slice(64 * position, 64 * ++position))
        done.bytes += entry.size
      }
      if (answer.kept.length > 0) kept.set(batch.from, answer.kept)
      advance(entries)
    },
    acceptPiece: (piece: Piece, entries: readonly FolderEntry[], answer: PieceAnswer): void => {
      const { entry, number, count, length } = piece
      const file = partly.get(entry) ?? { digests: Array<string>(count).fill(''), left: count }
      file.digests[number] = answer.digest
      file.left--
      partly.set(entry, file)
      done.bytes += length
      if (answer.incompressible) incompressible.add(entry)
      if (file.left > 0) return
      partly.delete(entry)
      know(entry, fileHashOf(file.digests))
      advance(entries)
    },
    digest: (entries: readonly FolderEntry[]): string => {
      advance(entries)
      return tree.digest()
    }
  }
}

/** Files up to this size stay in memory between hashing and packing: opening them again costs more than keeping them. */
export const KEEP_UP_TO = 4096
const KEEP_AT_MOST = 40 * 1024 * 1024

/** Creates the job for hashing the files of a batch, and decides which of them stay in memory. */
export const batchRequests = () => {
  let room = KEEP_AT_MOST
  return ({ from, to }: Batch, { root, entries }: FolderCount): HashJob => {
    const files = entries.slice(from, to).filter(({ kind }) => kind === 'file')
    const keepUpTo = room > 0 ? KEEP_UP_TO : 0
    for (const { size } of files) if (size <= keepUpTo) room -= size
    return { keepUpTo, files: columnsOf(root, files, ({ path }) => path) }
  }
}

/** A part of a large file, as input for a job. */
export const filePart = (
  { entry, start, length }: { entry: number; start: number; length: number },
  { root, entries }: FolderCount
): FilePart => {
  const { path, size, changedAt } = entryAt(entries, entry)
  return { root, path, size, changedAt, start, length }
}
