import type { BundleEntry } from '../domain/bundle.js'

/** What is at a path once symlinks are followed. */
export type Found =
  | { kind: 'file' | 'directory'; path: string }
  | { kind: 'missing' }
  /** Outside the bundle: only the instance knows. */
  | { kind: 'outside' }
  /** Symlinks that form a loop. */
  | { kind: 'loop' }

/** The bundle's files as they are on the instance after unpacking. */
export interface Tree {
  /** The entry at a path, without following a symlink there; the root is ''. */
  at(path: string): BundleEntry | undefined
  /** The entries of a folder, by name. */
  inside(directory: string): ReadonlyMap<string, BundleEntry>
  /** What a program finds when it opens the path, which is relative to `from` (the root by default). */
  follow(path: string, from?: string): Found
}

// The kernel gives up after this many symlinks in one path (ELOOP).
const MAX_LINKS = 40

// The folder into which the agent unpacks; a path may leave it and come back by this name.
const ROOT_NAME = 'deployment-archive'

/** Builds the tree, including folders that no entry names. */
export const plant = (entries: readonly BundleEntry[]): Tree => {
  const root = directory('')
  const folders = new Map<string, Map<string, BundleEntry>>([['', new Map()]])
  const at = (path: string): BundleEntry | undefined => {
    if (path === '') return root
    const slash = path.lastIndexOf('/')
    return folders.get(slash < 0 ? '' : path.slice(0, slash))?.get(path.slice(slash + 1))
  }
  const add = (entry: BundleEntry): void => {
    const slash = entry.path.lastIndexOf('/')
    const parent = slash < 0 ? '' : entry.path.slice(0, slash)
    if (!folders.has(parent) && at(parent) === undefined) add(directory(parent))
    folders.get(parent)?.set(entry.path.slice(slash + 1), entry)
    if (entry.kind === 'directory' && !folders.has(entry.path)) folders.set(entry.path, new Map())
  }
  for (const entry of entries) if (entry.path !== '') add(entry)
  return {
    at,
    inside: (path) => folders.get(path) ?? new Map<string, BundleEntry>(),
    follow: (path, from = '') => follow(at, path.split('/'), from === '' ? [] : from.split('/'))
  }
}

const directory = (path: string): BundleEntry => ({ path, kind: 'directory', mode: 0o755, size: 0 })

const follow = (
  at: (path: string) => BundleEntry | undefined,
  steps: string[],
  from: readonly string[]
): Found => {
  const rest = [...steps]
  const here = [...from]
  for (let links = 0; rest.length > 0;) {
    const step = rest.shift() ?? ''
    const entry = at(here.join('/'))
    if (entry?.kind !== 'directory') return { kind: 'missing' }
    if (step === '' || step === '.') continue
    if (step === '..' && here.length === 0) {
      if (rest.shift() !== ROOT_NAME) return { kind: 'outside' }
    } else if (step === '..') here.pop()
    else {
      const next = at([...here, step].join('/'))
      if (next === undefined) return { kind: 'missing' }
      if (next.kind !== 'symlink') here.push(step)
      else {
        links += 1
        if (links > MAX_LINKS) return { kind: 'loop' }
        const target = next.target ?? ''
        if (target === '') return { kind: 'missing' }
        if (target.startsWith('/')) return { kind: 'outside' }
        rest.unshift(...target.split('/'))
      }
    }
  }
  const found = at(here.join('/'))
  if (found === undefined || found.kind === 'symlink') return { kind: 'missing' }
  return { kind: found.kind, path: here.join('/') }
}
