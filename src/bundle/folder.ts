import { realpathSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { posix, sep } from 'node:path'
import { type BundleView, type Finding, gatherFindings } from '../domain/bundle.js'
import { UserError } from '../errors.js'
import { excludes } from './exclude.js'
import { type FolderEntry, unreadable, walk } from './walk.js'

/** A source folder: what goes into the bundle, and what may surprise. */
export interface Folder {
  root: string
  /** Sorted by the bytes of their paths. */
  entries: readonly FolderEntry[]
  /** Number of files, and the sum of their bytes. */
  files: number
  bytes: number
  /** For judging the bundle. */
  view: BundleView
  /** Warnings: links that lead out of the folder, and what `unzip` on the servers does not keep. */
  findings: readonly Finding[]
}

/** What the walk has found so far; the entries grow until it ends. */
export type FolderCount = Pick<Folder, 'root' | 'entries'>

/** A run: the entries of a folder up to its next subfolder. */
const RUNS_A_TURN = 128

/**
 * Lists a source folder without reading any file. Throws a UserError for a path that is not a folder or is unreadable, a
 * socket, pipe or device, and a name that is not UTF-8. Yields to other work in between, so a cancel is noticed; each time,
 * `found` gets the entries so far.
 */
export const openFolder = async (
  root: string,
  options: {
    exclude: readonly string[]
    found?: ((state: FolderCount) => void) | undefined
    signal?: AbortSignal | undefined
  }
): Promise<Folder> => {
  const top = topOf(root)
  const entries: FolderEntry[] = []
  let runs = 0
  for (const run of walk(top, excludes(options.exclude))) {
    for (const entry of run) entries.push(entry)
    if (++runs % RUNS_A_TURN === 0) {
      options.found?.({ root: top, entries })
      await new Promise(setImmediate)
      options.signal?.throwIfAborted()
    }
  }
  const files = entries.filter((entry) => entry.kind === 'file')
  return {
    root: top,
    entries,
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    view: { entries, read: (path, limit) => readStart(top, path, limit) },
    findings: surprises(entries)
  }
}

const surprises = (entries: readonly FolderEntry[]): Finding[] => {
  const gathered = gatherFindings()
  for (const entry of entries)
    if (!isPlain(entry)) for (const found of [...escapes(entry), ...unzipDrops(entry)]) gathered.add(found)
  return gathered.all()
}

const topOf = (root: string): string => {
  const stats = statSync(root, { throwIfNoEntry: false })
  if (stats?.isDirectory() === true) return realpathSync(root)
  throw new UserError(
    `The source ${JSON.stringify(root)} ${stats === undefined ? 'does not exist' : 'is not a folder'}.`,
    'Set `source` to the folder that contains `appspec.yml`, relative to the workspace, and build it before this step.'
  )
}

const readStart = async (root: string, path: string, limit: number): Promise<Buffer> => {
  try {
    const file = await open(`${root}${sep}${path}`)
    try {
      const start = Buffer.alloc(Math.min(limit, (await file.stat()).size))
      const { bytesRead } = await file.read(start, 0, start.length, 0)
      return start.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** A shortcut: nearly every entry is, and there may be hundreds of thousands. */
const isPlain = ({ path, kind, mode }: FolderEntry): boolean =>
  kind !== 'symlink' && (mode & SPECIAL_BITS) === 0 && !CONTROL.test(path) && !path.includes(';')

const escapes = (entry: FolderEntry): Finding[] => {
  const { path, target = '' } = entry
  if (entry.kind !== 'symlink') return []
  const end = posix.normalize(posix.join(posix.dirname(path), target))
  if (!posix.isAbsolute(target) && end !== '..' && !end.startsWith('../')) return []
  return [
    warning(
      path,
      `This link points out of the bundle, to ${JSON.stringify(target)}. It stays a link, so its target must exist on the servers.`
    )
  ]
}

const SPECIAL_BITS = 0o7000
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

const VMS_VERSION = /;\d*$/

/** The agent unpacks with `unzip` (docs/service.md, reference 6), which keeps these only with -K, -^ and -V. */
const unzipDrops = ({ path, kind, mode }: FolderEntry): Finding[] => [
  ...(kind === 'file' && (mode & SPECIAL_BITS) !== 0
    ? [
        warning(
          path,
          `Its mode ${mode.toString(8)} has set-user-id, set-group-id or sticky bits, which \`unzip\` on the servers drops. Set them with \`permissions\` in the AppSpec or in a hook.`
        )
      ]
    : []),
  ...(CONTROL.test(path)
    ? [warning(path, 'Its name has control characters, which `unzip` on the servers drops. Rename it.')]
    : []),
  ...(kind !== 'directory' && VMS_VERSION.test(path)
    ? [warning(path, 'Its name ends like a VMS file version, which `unzip` on the servers drops. Rename it.')]
    : [])
]

const warning = (file: string, message: string): Finding => ({ severity: 'warning', file, message })
