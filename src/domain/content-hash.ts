import { createHash } from 'node:crypto'
import type { BundleEntry } from './bundle.js'

/** A bundle entry together with the hash (hex) of its content (file-hash.ts); only files have one. */
export type HashedEntry = BundleEntry & { sha256?: string }

/** First line of the hashed text: a new definition of the hash gets a new number, so that two never agree by chance. */
const FORMAT = 'bundle 2'

/**
 * SHA-256 (hex) over a tree: the kind, permission bits, path, link target, size and content of every entry. The order of
 * entries, times, owners and compression do not count, so a folder and an archive of it have the same hash. A symlink's own
 * permission bits mean nothing on Linux and are left out.
 */
export const contentHash = (entries: Iterable<HashedEntry>): string => {
  const sorted = [...entries].sort(byPathBytes)
  const hash = sortedTreeHash()
  hash.add(
    sorted,
    sorted.map(({ sha256 }) => sha256)
  )
  return hash.digest()
}

/** The same for entries that come in batches, sorted by the bytes of their paths, with the hashes of the files. */
export const sortedTreeHash = (): {
  add: (entries: readonly BundleEntry[], sha256: readonly (string | undefined)[]) => void
  digest: () => string
} => {
  const hash = createHash('sha256').update(`${FORMAT}\n`)
  return {
    add: (entries, sha256) => {
      hash.update(entries.map((entry, index) => `${line(entry, sha256[index])}\n`).join(''))
    },
    digest: () => hash.digest('hex')
  }
}

// Paths may hold spaces and line breaks; as JSON strings they cannot run into their neighbors.
const line = (entry: BundleEntry, sha256: string | undefined): string =>
  JSON.stringify([
    entry.kind,
    entry.kind === 'symlink' ? '777' : (entry.mode & 0o7777).toString(8),
    entry.path,
    entry.target ?? '',
    entry.kind === 'file' ? entry.size : 0,
    sha256 ?? ''
  ])

const byPathBytes = (left: BundleEntry, right: BundleEntry): number =>
  Buffer.compare(Buffer.from(left.path), Buffer.from(right.path))
