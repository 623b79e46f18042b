import { sortedTreeHash } from '../domain/content-hash.js'
import { joinNames, type FileColumns } from './columns.js'
import type { Found } from './folder.js'
import type { HashedFolder } from './hash-folder.js'
import type { HashAnswer } from './hash-job.js'
import { WHOLE_FILE } from './plan.js'
import type { Span } from './spans.js'
import type { FolderEntry } from './walk.js'

/** Files up to this size are remembered between hashing and packing: opening them costs more than holding them. */
export const KEEP_UP_TO = 1024
const KEEP_AT_MOST = 24 * 1024 * 1024

/** What is known of the files so far. The hash of the tree grows with them, so little is left to do after the last. */
export const openHashes = () => {
  const sha256: (string | undefined)[] = []
  const incompressible = new Set<number>()
  const kept: HashedFolder['kept'] = new Map()
  const done = { files: 0, bytes: 0 }
  const tree = sortedTreeHash()
  let next = 0
  let room = KEEP_AT_MOST
  const advance = (entries: readonly FolderEntry[]): void => {
    const from = next
    for (let entry = entries[next]; entry !== undefined; entry = entries[next]) {
      if (entry.kind === 'file' && sha256[next] === undefined) break
      next++
    }
    tree.add(entries.slice(from, next), sha256.slice(from, next))
  }
  return {
    sha256,
    incompressible,
    kept,
    done,
    advance,
    jobOf: (span: Span, { root, entries }: Found) => {
      while (sha256.length < entries.length) sha256.push(undefined)
      const files = filesOf(entries, span)
      const keepUpTo = room > 0 ? KEEP_UP_TO : 0
      for (const { entry } of files) if (entry.size <= keepUpTo) room -= entry.size
      return { files, job: { files: columnsOf(root, files), keepUpTo, sampleAbove: WHOLE_FILE } }
    },
    accept: (files: readonly IndexedFile[], { digests, incompressible: noise }: HashAnswer): void => {
      for (const [position, { index, entry }] of files.entries()) {
        sha256[index] = digests.slice(64 * position, 64 * position + 64)
        if (noise[position] === 1) incompressible.add(index)
        done.files++
        done.bytes += entry.size
      }
    },
    digest: (entries: readonly FolderEntry[]): string => {
      advance(entries)
      return tree.digest()
    }
  }
}

interface IndexedFile {
  index: number
  entry: FolderEntry
}

const filesOf = (entries: readonly FolderEntry[], { from, to }: Span): IndexedFile[] => {
  const files: IndexedFile[] = []
  for (let index = from; index < to; index++) {
    const entry = entries[index]
    if (entry?.kind === 'file') files.push({ index, entry })
  }
  return files
}

const columnsOf = (root: string, files: readonly IndexedFile[]): FileColumns => ({
  root,
  names: joinNames(files.map(({ entry }) => entry.path)),
  sizes: Float64Array.from(files, ({ entry }) => entry.size),
  changes: Float64Array.from(files, ({ entry }) => entry.changedAt)
})
