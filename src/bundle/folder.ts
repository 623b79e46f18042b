import { realpathSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { posix, sep } from 'node:path'
import type { BundleView, Finding } from '../domain/bundle.js'
import { UserError } from '../errors.js'
import { excludes } from './exclude.js'
import { unreadable, walk, type FolderEntry } from './walk.js'

/** A source folder as it was found: what goes into the bundle, and what surprises. */
export interface Folder {
  root: string
  /** Sorted by the bytes of their paths. */
  entries: readonly FolderEntry[]
  /** Number of files, and the sum of their bytes. */
  files: number
  bytes: number
  /** What judging the bundle needs. */
  view: BundleView
  /** Warnings: links that leave the folder, and what `unzip` on the servers does not keep. */
  findings: readonly Finding[]
}

/** How far the walk has come: told after every so many folders. */
export interface WalkProgress {
  entries: number
}

const FOLDERS_A_TURN = 256

/**
 * Lists a source folder without reading any file. Throws a UserError for a path that is no folder, an unreadable one, a
 * socket, pipe or device, and a name that is not UTF-8. Other work gets a turn in between, so a cancel is heard.
 */
export const openFolder = async (
  root: string,
  options: {
    exclude: readonly string[]
    progress?: ((state: WalkProgress) => void) | undefined
    signal?: AbortSignal | undefined
  }
): Promise<Folder> => {
  const top = topOf(root)
  const entries: FolderEntry[] = []
  let folders = 0
  for (const found of walk(top, excludes(options.exclude))) {
    for (const entry of found) entries.push(entry)
    if (++folders % FOLDERS_A_TURN === 0) {
      await new Promise(setImmediate)
      options.signal?.throwIfAborted()
      options.progress?.({ entries: entries.length })
    }
  }
  sortByPathBytes(entries)
  const files = entries.filter((entry) => entry.kind === 'file')
  return {
    root: top,
    entries,
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    view: { entries, read: (path, limit) => readStart(top, path, limit) },
    findings: entries.flatMap((entry) => [...escapes(entry), ...unzipDrops(entry)])
  }
}

const topOf = (root: string): string => {
  const stats = statSync(root, { throwIfNoEntry: false })
  if (stats?.isDirectory() === true) return realpathSync(root)
  throw new UserError(
    `The source ${JSON.stringify(root)} ${stats === undefined ? 'does not exist' : 'is not a folder'}.`,
    'Give the folder that holds `appspec.yml`, relative to the workspace, and build it before this step.'
  )
}

/** UTF-16 order is the order of UTF-8 bytes unless surrogates (characters of 4 bytes) are compared with U+E000 and above. */
const sortByPathBytes = (entries: FolderEntry[]): void => {
  const plain = !entries.some(({ path }) => /[\ud800-\uffff]/.test(path))
  entries.sort(
    plain
      ? (one, other) => (one.path < other.path ? -1 : 1)
      : (one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path))
  )
}

const readStart = async (root: string, path: string, limit?: number): Promise<Buffer> => {
  try {
    const file = await open(`${root}${sep}${path}`)
    try {
      if (limit === undefined) return await file.readFile()
      const start = Buffer.alloc(limit)
      const { bytesRead } = await file.read(start, 0, limit, 0)
      return start.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

const escapes = (entry: FolderEntry): Finding[] => {
  const { path, target = '' } = entry
  if (entry.kind !== 'symlink') return []
  const end = posix.normalize(posix.join(posix.dirname(path), target))
  if (!posix.isAbsolute(target) && end !== '..' && !end.startsWith('../')) return []
  return [
    warning(
      path,
      `This link points out of the bundle, to ${JSON.stringify(target)}. It is kept as a link, and what it points to must exist on the servers.`
    )
  ]
}

const SPECIAL_BITS = 0o7000
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

const VMS_VERSION = /;\d*$/

/** The agent unpacks by `unzip` (reference §6), which keeps these only with -K, -^ and -V. */
const unzipDrops = ({ path, kind, mode }: FolderEntry): Finding[] => [
  ...(kind === 'file' && (mode & SPECIAL_BITS) !== 0
    ? [
        warning(
          path,
          `Its mode ${mode.toString(8)} has set-user-id, set-group-id or sticky bits, which \`unzip\` on the servers drops. Set them by \`permissions\` of the AppSpec or in a hook.`
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
