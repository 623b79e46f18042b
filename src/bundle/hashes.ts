import { sortedTreeHash } from '../domain/content-hash.js'
import { fileHashOf } from '../domain/file-hash.js'
import type { HashAnswer } from './hash-job.js'
import type { PieceAnswer } from './hash-piece.js'
import type { Piece } from './hash-units.js'
import type { Batch } from './plan.js'
import type { FolderEntry } from './walk.js'

/** What is known of the files so far. The hash of the tree grows with them, so little is left to do after the last. */
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
