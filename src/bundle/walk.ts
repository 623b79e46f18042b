import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { sep } from 'node:path'
import type { BundleEntry } from '../domain/bundle.js'
import { UserError } from '../errors.js'
import type { Excludes } from './exclude.js'

/** A bundle entry with the time of its last change (ctime, epoch milliseconds), which reveals a later change. */
export type FolderEntry = BundleEntry & { changedAt: number }

/**
 * Everything below `root`, folder by folder, in byte order of the paths, so work on the first entries can start before the
 * last are found. Links are kept as links and never followed, so a loop of links is harmless. Throws a UserError that names
 * what cannot be bundled.
 */
export function* walk(root: string, excluded: Excludes, folder = ''): Generator<FolderEntry[]> {
  let found: FolderEntry[] = []
  for (const { entry, isInside } of stationsIn(root, folder, excluded)) {
    if (!isInside) found.push(entry)
    else {
      yield found
      found = []
      yield* walk(root, excluded, entry.path)
    }
  }
  yield found
}

/** An entry, or the position in the order where the content of a folder comes. */
interface Station {
  key: string
  entry: FolderEntry
  isInside: boolean
}

/** A folder `a` comes before `a-b`, but its content, whose paths start with `a/`, comes after that. */
const stationsIn = (root: string, folder: string, excluded: Excludes): Station[] => {
  const stations: Station[] = []
  const names = list(root, folder)
  for (const name of names) {
    // Joined, not concatenated: tens of thousands of paths stay in memory, and a concatenated one takes twice as much.
    const entry = describe(root, folder === '' ? name : [folder, name].join('/'), excluded)
    if (entry === undefined) continue
    stations.push({ key: name, entry, isInside: false })
    if (entry.kind === 'directory') stations.push({ key: `${name}/`, entry, isInside: true })
  }
  return stations.sort(names.some((name) => BEYOND.test(name)) ? byBytes : byUnits)
}

/** UTF-16 order equals UTF-8 byte order unless surrogates (4-byte characters) are compared with U+E000 and above. */
const BEYOND = /[\ud800-\uffff]/

const byUnits = (one: Station, other: Station): number => (one.key < other.key ? -1 : 1)
const byBytes = (one: Station, other: Station): number =>
  Buffer.compare(Buffer.from(one.key), Buffer.from(other.key))

const list = (root: string, folder: string): string[] => {
  const names = attempt(folder === '' ? root : folder, () => readdirSync(`${root}${sep}${folder}`))
  for (const name of names)
    // Node writes U+FFFD where a name is not UTF-8, and the file cannot be opened by that name.
    if (name.includes('\ufffd')) assertUtf8(root, folder, name)
  return names
}

const assertUtf8 = (root: string, folder: string, shown: string): void => {
  const raw = readdirSync(`${root}${sep}${folder}`, { encoding: 'buffer' })
  if (raw.some((name) => name.toString() === shown && name.equals(Buffer.from(shown)))) return
  throw new UserError(
    `The name ${JSON.stringify(shown)} in ${folder === '' ? 'the source folder' : folder} is not valid UTF-8.`,
    'Rename it, or leave it out with `exclude`: in an archive, this name could be unpacked differently on each server.'
  )
}

/** Describes an entry; undefined when it is excluded. */
const describe = (root: string, path: string, excluded: Excludes): FolderEntry | undefined => {
  const place = `${root}${sep}${path}`
  const stats = attempt(path, () => lstatSync(place))
  if (excluded(path, stats.isDirectory())) return undefined
  const [mode, changedAt] = [stats.mode & 0o7777, stats.ctimeMs]
  if (stats.isFile()) return { path, kind: 'file', mode, size: stats.size, changedAt }
  if (stats.isDirectory()) return { path, kind: 'directory', mode, size: 0, changedAt }
  if (stats.isSymbolicLink()) {
    const target = attempt(path, () => readlinkSync(place))
    return { path, kind: 'symlink', mode, size: 0, changedAt, target }
  }
  throw new UserError(
    `${path} is ${specialKind(stats)}, which an archive cannot contain.`,
    'Remove it before this step, or leave it out with `exclude`.'
  )
}

const specialKind = (stats: Stats): string =>
  stats.isFIFO()
    ? 'a named pipe (FIFO)'
    : stats.isSocket()
      ? 'a socket'
      : stats.isBlockDevice() || stats.isCharacterDevice()
        ? 'a device'
        : 'neither a file nor a folder nor a link'

const attempt = <T>(path: string, look: () => T): T => {
  try {
    return look()
  } catch (error) {
    throw unreadable(path, error)
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

/** The UserError for a path that could not be listed or read; anything but a system error is returned as it is. */
export const unreadable = (path: string, error: unknown): unknown => {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return vanished(path, error)
  if (code === 'EACCES' || code === 'EPERM')
    return new UserError(
      `${path} cannot be read: permission denied (${code}).`,
      'Make it readable for the user that runs this job, or leave it out with `exclude`.',
      { cause: error }
    )
  return code === ''
    ? error
    : new UserError(`${path} cannot be read: ${code}.`, 'Check the file, or leave it out with `exclude`.', {
        cause: error
      })
}

const settle =
  'Nothing was deployed. Make sure nothing writes to it during this step, or leave it out with `exclude` (logs, caches).'

/** A path that was there when the folder was listed is gone. */
export const vanished = (path: string, cause?: unknown): UserError =>
  new UserError(`${path} vanished while the bundle was being read.`, settle, { cause })

/** A file differs from when the folder was listed. */
export const changed = (path: string, how: string): UserError =>
  new UserError(`${path} changed while the bundle was being read: ${how}.`, settle)
