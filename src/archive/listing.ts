import { posix } from 'node:path'
import type { BundleView } from '../domain/bundle.js'
import type { HashedEntry } from '../domain/content-hash.js'
import { counter } from './bounds.js'
import type { Defects } from './defects.js'

/** The tree that unpacking an archive leaves, built entry by entry. */
export interface Listing {
  /** Adds the archive's next entry; it replaces an earlier one of the same path. */
  add(entry: HashedEntry): void
  entries(): HashedEntry[]
  at(path: string): HashedEntry | undefined
}

/**
 * Starts an empty tree; entries that conflict are reported to `defects`. `replaces`: the unpacking program replaces an empty
 * folder with a file and vice versa, as tar does.
 */
export const openListing = (defects: Defects, replaces: boolean): Listing => {
  const found = new Map<string, HashedEntry>()
  const filled = new Set<string>()
  const count = counter()
  const add = (entry: HashedEntry): void => {
    count(entry.path, entry.target ?? '')
    const earlier = found.get(entry.path)
    if (earlier !== undefined)
      tellReplaced(defects, earlier, { entry, fixed: !replaces || filled.has(entry.path) })
    for (let parent = posix.dirname(entry.path); parent !== '.'; parent = posix.dirname(parent)) {
      filled.add(parent)
      const there = found.get(parent)
      if (there?.kind === 'file')
        defects.error(
          entry.path,
          `The archive contains ${parent} as a file and also entries in it, so it cannot be unpacked.`
        )
      if (replaces && there?.kind === 'symlink' && leads(there.target ?? ''))
        defects.error(
          entry.path,
          `The archive contains ${parent} as a link that leads out of the bundle and also entries in it; tar writes nothing through such a link, so it cannot be unpacked.`
        )
      if (there !== undefined) break
      count(parent)
      found.set(parent, { path: parent, kind: 'directory', mode: 0o755, size: 0 })
    }
    found.set(entry.path, entry)
  }
  return { add, entries: () => [...found.values()], at: (path) => found.get(path) }
}

/** tar creates links that may lead out only after everything else (GNU tar manual, "Security"). */
const leads = (target: string): boolean => target.startsWith('/') || target.split('/').includes('..')

const tellReplaced = (
  defects: Defects,
  earlier: HashedEntry,
  { entry, fixed }: { entry: HashedEntry; fixed: boolean }
): void => {
  const folders = [earlier, entry].filter(({ kind }) => kind === 'directory').length
  if (folders === 2) return
  if (folders === 1 && fixed)
    defects.error(
      entry.path,
      'The archive contains this path both as a folder and as a file, so it cannot be unpacked.'
    )
  else
    defects.warning(
      entry.path,
      'The archive contains this path more than once; the last one stays on the server.'
    )
}

/** A name as a path in the bundle: without `./` and without repeated or trailing slashes. '' for the root itself. */
export const tidyPath = (name: string): string =>
  name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')

/** Warns of links that leave the bundle. */
export const checkLink = (defects: Defects, path: string, target: string): void => {
  if (target.startsWith('/'))
    defects.warning(path, `This symlink points to ${target} on the server, outside the bundle.`)
  else if (posix.join(posix.dirname(path), target).startsWith('..'))
    defects.warning(path, `This symlink points to ${target}, outside the bundle.`)
}

/** What unpacking an archive would leave on the server. */
export interface Unpacked {
  view: BundleView
  /** The entries of the view with the hash of every file. */
  entries: readonly HashedEntry[]
  /** Over the tree, as for a folder (src/domain/content-hash.ts). */
  contentHash: string
  /** The AppSpec file is there, but its content cannot be read; a finding says why. */
  blind?: boolean
}
