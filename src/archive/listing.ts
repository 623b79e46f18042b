import { posix } from 'node:path'
import type { BundleView } from '../domain/bundle.js'
import type { HashedEntry } from '../domain/content-hash.js'
import { counter } from './bounds.js'
import type { Defects } from './defects.js'

/** The tree that unpacking an archive leaves, entry by entry. */
export interface Listing {
  /** Puts an entry where the archive's order brings it; later ones replace earlier ones of the same path. */
  add(entry: HashedEntry): void
  entries(): HashedEntry[]
  at(path: string): HashedEntry | undefined
}

/**
 * Starts an empty tree; what cannot lie there together is told to `defects`. `replaces`: the unpacking program puts a file
 * in the place of an empty folder and the other way round, as tar does.
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
          `The archive holds ${parent} as a file and also entries in it, so it cannot be unpacked.`
        )
      if (replaces && there?.kind === 'symlink' && leads(there.target ?? ''))
        defects.error(
          entry.path,
          `The archive holds ${parent} as a link that leads out and also entries in it; tar writes nothing through such a link, so it cannot be unpacked.`
        )
      if (there !== undefined) break
      count(parent)
      found.set(parent, { path: parent, kind: 'directory', mode: 0o755, size: 0 })
    }
    found.set(entry.path, entry)
  }
  return { add, entries: () => [...found.values()], at: (path) => found.get(path) }
}

/** tar makes links that may lead out only at its end (GNU tar manual, "Security"). */
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
      'The archive holds this path as a folder and as a file too, so it cannot be unpacked.'
    )
  else
    defects.warning(
      entry.path,
      'The archive holds this path more than once; the last one stays on the server.'
    )
}

/** A name as a path in the bundle: without `./`, doubled and trailing slashes. '' for the root itself. */
export const tidyPath = (name: string): string =>
  name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')

/** Warns of links that leave the bundle. */
export const checkLink = (defects: Defects, path: string, target: string): void => {
  if (target.startsWith('/'))
    defects.warning(path, `This symlink points to ${target} on the server, outside of the bundle.`)
  else if (posix.join(posix.dirname(path), target).startsWith('..'))
    defects.warning(path, `This symlink points to ${target}, outside of the bundle.`)
}

/** What unpacking an archive would leave. */
export interface Unpacked {
  view: BundleView
  /** Over the tree, as for a folder (src/domain/content-hash.ts). */
  contentHash: string
  /** The AppSpec file is there, but its content cannot be had; the reason is among the findings. */
  blind?: boolean
}
