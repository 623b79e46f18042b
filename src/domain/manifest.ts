import { posix } from 'node:path'
import { contentHash, type HashedEntry } from './content-hash.js'
import { parseRevisionKey } from './revision.js'

/** A script of a hook, as the AppSpec of a bundle names it. */
export interface ManifestHook {
  event: string
  /** Relative to the bundle's root. */
  script: string
  /** Seconds; undefined if the AppSpec gives none. */
  timeout?: number | undefined
  runas?: string | undefined
}

/**
 * What is in a stored bundle, without its contents. It is stored beside the bundle, so that a plan can say what changes on the
 * servers without the right to read a production bundle, in which a build may have left secrets.
 */
export interface Manifest {
  /** SHA-256 (hex) of the tree (content-hash.ts). */
  contentHash: string
  /** Bytes of the archive. */
  size: number
  hooks: readonly ManifestHook[]
  entries: readonly HashedEntry[]
}

/** More are not listed: no bundle needs them, and a manifest is made in memory. */
export const MOST_MANIFEST_ENTRIES = 100_000

/** Compressed bytes above which it is not a manifest that this action wrote: 65,000 files take about 3 MB. */
export const MOST_MANIFEST_BYTES = 32 * 1024 * 1024
/** The same once it is unpacked. */
export const MOST_MANIFEST_TEXT = 64 * 1024 * 1024
/** Characters of one line: the first has every hook, any other at most a path and a link's target of 4,096 bytes, escaped. */
const MOST_MANIFEST_LINE = 8 * 1024 * 1024

/**
 * `<prefix>/<application>/manifests/<commit>-<hash>.<type>.json.gz` for the key of a bundle. No commit starts with `m`, so a
 * search for bundles by short commit never meets it. Undefined for a key that this action did not create.
 */
export const manifestKey = (bundleKey: string): string | undefined => {
  if (parseRevisionKey(bundleKey) === undefined) return undefined
  const end = bundleKey.lastIndexOf('/') + 1
  return `${bundleKey.slice(0, end)}manifests/${bundleKey.slice(end)}.json.gz`
}

const VERSION = 1
const KINDS = { file: 'f', directory: 'd', symlink: 'l' } as const

/** The manifest as text: a line of JSON about the bundle, then one for each entry. */
export const writeManifest = ({ contentHash: hash, size, hooks, entries }: Manifest): string =>
  [
    JSON.stringify({ version: VERSION, contentHash: hash, size, hooks }),
    ...entries.map(({ kind, mode, path, size: bytes, sha256, target }) =>
      JSON.stringify([
        KINDS[kind],
        mode,
        path,
        ...(kind === 'file' ? [bytes, sha256] : []),
        ...(kind === 'symlink' ? [target] : [])
      ])
    ),
    ''
  ].join('\n')

/**
 * Reads the manifest of the bundle under `bundleKey`. Its entries must result in the content hash that the key starts with, so
 * a damaged manifest, or that of another bundle, throws an Error that says what is wrong with it.
 */
export const parseManifest = (text: string, bundleKey: string): Manifest => {
  refuseOversized(text)
  const [head = '', ...lines] = text.split('\n')
  if (lines.pop() !== '') throw new Error('it is cut off')
  const { version, contentHash: hash, size, hooks } = objectOf(head)
  if (version !== VERSION) throw new Error(`its version is ${String(version)}, expected ${VERSION}`)
  if (typeof hash !== 'string' || typeof size !== 'number' || !Array.isArray(hooks))
    throw new Error('its first line is not that of a manifest')
  const wanted = parseRevisionKey(bundleKey)?.hash
  if (wanted === undefined || !hash.startsWith(wanted)) throw new Error('it belongs to another bundle')
  const entries = lines.map(entryOf)
  if (contentHash(entries) !== hash) throw new Error('its entries do not have the hash that it names')
  return { contentHash: hash, size, hooks: hooks.map(hookOf), entries }
}

/** Before anything is made of the text: V8 ends the whole process, without an error to catch, for a list that is too long. */
const refuseOversized = (text: string): void => {
  let lines = 0
  for (let start = 0; start < text.length; lines += 1) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    if (end - start > MOST_MANIFEST_LINE) throw new Error(`a line has ${end - start} characters`)
    if (lines > MOST_MANIFEST_ENTRIES) throw new Error(`it lists more than ${MOST_MANIFEST_ENTRIES} entries`)
    start = end + 1
  }
}

const objectOf = (line: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(line)
  if (typeof value !== 'object' || value === null) throw new Error('its first line is not an object')
  return value as Record<string, unknown>
}

const entryOf = (line: string): HashedEntry => {
  const value: unknown = JSON.parse(line)
  if (!Array.isArray(value)) throw new Error('an entry is not a list')
  const [kind, mode, path, first, second] = value as unknown[]
  if (typeof mode !== 'number' || typeof path !== 'string') throw new Error('an entry has no mode or no path')
  if (kind === 'f' && typeof first === 'number' && typeof second === 'string')
    return { kind: 'file', mode, path, size: first, sha256: second }
  if (kind === 'l' && typeof first === 'string')
    return { kind: 'symlink', mode, path, size: 0, target: first }
  if (kind === 'd') return { kind: 'directory', mode, path, size: 0 }
  throw new Error(`an entry has the kind ${JSON.stringify(kind)} or lacks what belongs to it`)
}

const hookOf = (value: unknown): ManifestHook => {
  const { event, script, timeout, runas } = (value ?? {}) as Record<string, unknown>
  if (typeof event !== 'string' || typeof script !== 'string')
    throw new Error('a hook has no event or no script')
  return {
    event,
    script,
    timeout: typeof timeout === 'number' ? timeout : undefined,
    runas: typeof runas === 'string' ? runas : undefined
  }
}

/** What happens to the script of a hook. `changed`: its content; `settings`: its timeout or its user. */
export interface HookChange {
  event: string
  script: string
  change: 'added' | 'removed' | 'changed' | 'settings'
}

/** Files and links that differ between two bundles, by path, in byte order. Folders count only where their mode changed. */
export interface BundleChanges {
  added: readonly string[]
  changed: readonly string[]
  removed: readonly string[]
  /** Same content, other permission bits. */
  modeChanged: readonly string[]
  hooks: readonly HookChange[]
}

/** What changes on a server when the bundle `to` replaces the bundle `from`. */
export const compareManifests = (from: Manifest, to: Manifest): BundleChanges => {
  const before = new Map(from.entries.map((entry) => [entry.path, entry]))
  const after = new Map(to.entries.map((entry) => [entry.path, entry]))
  const changes = {
    added: [] as string[],
    changed: [] as string[],
    removed: [] as string[],
    modeChanged: [] as string[]
  }
  for (const entry of to.entries) {
    const old = before.get(entry.path)
    if (old === undefined || old.kind !== entry.kind) {
      if (old !== undefined && old.kind !== 'directory' && entry.kind !== 'directory')
        changes.changed.push(entry.path)
      else if (entry.kind !== 'directory') changes.added.push(entry.path)
    } else if (!hasSameContent(old, entry)) changes.changed.push(entry.path)
    else if (entry.kind !== 'symlink' && old.mode !== entry.mode) changes.modeChanged.push(entry.path)
  }
  for (const { path, kind } of from.entries) {
    const now = after.get(path)
    if (kind !== 'directory' && (now === undefined || now.kind === 'directory')) changes.removed.push(path)
  }
  return { ...changes, hooks: hookChanges(from, to, { before, after }) }
}

const hasSameContent = (one: HashedEntry, other: HashedEntry): boolean =>
  one.sha256 === other.sha256 &&
  one.target === other.target &&
  (one.kind !== 'file' || one.size === other.size)

type Entries = ReadonlyMap<string, HashedEntry>

const hookChanges = (
  from: Manifest,
  to: Manifest,
  { before, after }: { before: Entries; after: Entries }
): HookChange[] => {
  const [old, now] = [byName(from.hooks), byName(to.hooks)]
  const kept = [...now].flatMap(([name, hooks]): HookChange[] => {
    const former = old.get(name)
    if (former === undefined) return changed(hooks, 'added')
    const { script } = hooks[0]
    if (runs(script, before) !== runs(script, after)) return changed(hooks, 'changed')
    return settingsOf(former) === settingsOf(hooks) ? [] : changed(hooks, 'settings')
  })
  const gone = [...old].filter(([name]) => !now.has(name))
  return [...kept, ...gone.flatMap(([, hooks]) => changed(hooks, 'removed'))]
}

/** The same script of the same event; one event may run it more than once. */
type SameHooks = [ManifestHook, ...ManifestHook[]]

const byName = (hooks: readonly ManifestHook[]): Map<string, SameHooks> => {
  const found = new Map<string, SameHooks>()
  for (const hook of hooks) {
    const name = JSON.stringify([hook.event, hook.script])
    const same = found.get(name)
    if (same === undefined) found.set(name, [hook])
    else same.push(hook)
  }
  return found
}

const changed = ([{ event, script }]: SameHooks, change: HookChange['change']): HookChange[] => [
  { event, script, change }
]

const settingsOf = (hooks: SameHooks): string =>
  JSON.stringify(hooks.map(({ timeout, runas }) => [timeout ?? null, runas ?? null]))

/** Linux follows this many links before it gives up (path_resolution(7)). */
const MOST_LINKS = 40

/** The hash of the file that runs, through the links that lead to it; where one leads elsewhere, that link's target. */
const runs = (script: string, entries: Entries): string | undefined => {
  let entry = entries.get(script)
  let left = MOST_LINKS
  for (; entry?.kind === 'symlink' && left > 0; left -= 1) {
    const target = entry.target ?? ''
    const next = entries.get(posix.join(posix.dirname(entry.path), target))
    if (target.startsWith('/') || next === undefined) return target
    entry = next
  }
  return entry?.sha256
}
