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
export const MOST_MANIFEST_ENTRIES = 250_000

/** Compressed bytes above which it is not a manifest that this action wrote: 65,000 files take about 3 MB. */
export const MOST_MANIFEST_BYTES = 32 * 1024 * 1024
/** The same once it is unpacked. */
export const MOST_MANIFEST_TEXT = 256 * 1024 * 1024

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
  const [head = '', ...lines] = text.split('\n')
  if (lines.pop() !== '') throw new Error('it is cut off')
  const { version, contentHash: hash, size, hooks } = objectOf(head)
  if (version !== VERSION) throw new Error(`its version is ${String(version)}, expected ${VERSION}`)
  if (typeof hash !== 'string' || typeof size !== 'number' || !Array.isArray(hooks))
    throw new Error('its first line is not that of a manifest')
  const entries = lines.map(entryOf)
  const actual = contentHash(entries)
  if (actual !== hash) throw new Error('its entries do not have the hash that it names')
  const wanted = parseRevisionKey(bundleKey)?.hash
  if (wanted === undefined || !actual.startsWith(wanted)) throw new Error('it belongs to another bundle')
  return { contentHash: hash, size, hooks: hooks.map(hookOf), entries }
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
    } else if (contentOf(old) !== contentOf(entry)) changes.changed.push(entry.path)
    else if (entry.kind !== 'symlink' && old.mode !== entry.mode) changes.modeChanged.push(entry.path)
  }
  for (const { path, kind } of from.entries) {
    const now = after.get(path)
    if (kind !== 'directory' && (now === undefined || now.kind === 'directory')) changes.removed.push(path)
  }
  return { ...changes, hooks: hookChanges(from, to, { before, after }) }
}

const contentOf = ({ kind, size, sha256, target }: HashedEntry): string =>
  JSON.stringify([kind, kind === 'file' ? size : 0, sha256, target])

type Entries = ReadonlyMap<string, HashedEntry>

const hookChanges = (
  from: Manifest,
  to: Manifest,
  { before, after }: { before: Entries; after: Entries }
): HookChange[] => {
  const old = new Map(from.hooks.map((hook) => [nameOf(hook), hook]))
  const now = new Map(to.hooks.map((hook) => [nameOf(hook), hook]))
  const kept = to.hooks.flatMap((hook): HookChange[] => {
    const { event, script } = hook
    const former = old.get(nameOf(hook))
    if (former === undefined) return [{ event, script, change: 'added' }]
    if (before.get(script)?.sha256 !== after.get(script)?.sha256)
      return [{ event, script, change: 'changed' }]
    return former.timeout === hook.timeout && former.runas === hook.runas
      ? []
      : [{ event, script, change: 'settings' }]
  })
  const gone = from.hooks.filter((hook) => !now.has(nameOf(hook)))
  return [...kept, ...gone.map(({ event, script }): HookChange => ({ event, script, change: 'removed' }))]
}

const nameOf = ({ event, script }: ManifestHook): string => JSON.stringify([event, script])
