import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { sep } from 'node:path'
import type { BundleEntry } from '../domain/bundle.js'
import { UserError } from '../errors.js'
import type { Excludes } from './exclude.js'

/** A bundle entry with the moment (ctime, epoch milliseconds) of its last change, by which a later change is noticed. */
export type FolderEntry = BundleEntry & { changedAt: number }

/**
 * Everything below `root`, folder by folder, in the order of the bytes of the paths, so that work on the first of it can begin
 * before the last is found. Links are kept as links and never followed, so a loop of them is harmless. Throws a UserError that
 * names what cannot be bundled.
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

/** An entry, or the place in the order where what lies inside of it comes. */
interface Station {
  key: string
  entry: FolderEntry
  isInside: boolean
}

/** A folder `a` comes before `a-b`, and what lies in it, whose paths begin with `a/`, after that. */
const stationsIn = (root: string, folder: string, excluded: Excludes): Station[] => {
  const stations: Station[] = []
  const names = list(root, folder)
  for (const name of names) {
    // Joined, not added up: tens of thousands of paths stay in memory, and those that are added up take twice of it.
    const entry = describe(root, folder === '' ? name : [folder, name].join('/'), excluded)
    if (entry === undefined) continue
    stations.push({ key: name, entry, isInside: false })
    if (entry.kind === 'directory') stations.push({ key: `${name}/`, entry, isInside: true })
  }
  return stations.sort(names.some((name) => BEYOND.test(name)) ? byBytes : byUnits)
}

/** UTF-16 order is the order of UTF-8 bytes unless surrogates (characters of 4 bytes) are compared with U+E000 and above. */
const BEYOND = /[\ud800-\uffff]/

const byUnits = (one: Station, other: Station): number => (one.key < other.key ? -1 : 1)
const byBytes = (one: Station, other: Station): number =>
  Buffer.compare(Buffer.from(one.key), Buffer.from(other.key))

const list = (root: string, folder: string): string[] => {
  const names = attempt(folder === '' ? root : folder, () => readdirSync(`${root}${sep}${folder}`))
  for (const name of names)
    // Node puts U+FFFD where a name is no UTF-8, and then the file cannot even be opened by what it says.
    if (name.includes('\ufffd')) assertUtf8(root, folder, name)
  return names
}

const assertUtf8 = (root: string, folder: string, shown: string): void => {
  const raw = readdirSync(`${root}${sep}${folder}`, { encoding: 'buffer' })
  if (raw.some((name) => name.toString() === shown && name.equals(Buffer.from(shown)))) return
  throw new UserError(
    `The name ${JSON.stringify(shown)} in ${folder === '' ? 'the source folder' : folder} is not valid UTF-8.`,
    'Rename it, or leave it out by `exclude`: an archive could not name it so that every server unpacks the same.'
  )
}

/** Undefined when it stays out. */
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
    `${path} is ${specialKind(stats)}, which no archive can hold.`,
    'Remove it before this step, or leave it out by `exclude`.'
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

/** What a failed look at, or read of, a path means; anything but a system error is passed on as it is. */
export const unreadable = (path: string, error: unknown): unknown => {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return vanished(path, error)
  if (code === 'EACCES' || code === 'EPERM')
    return new UserError(
      `${path} cannot be read: permission denied (${code}).`,
      'Make it readable for the user that runs this job, or leave it out by `exclude`.',
      { cause: error }
    )
  return code === ''
    ? error
    : new UserError(`${path} cannot be read: ${code}.`, 'Look at the file, or leave it out by `exclude`.', {
        cause: error
      })
}

const settle =
  'Nothing was deployed. Let whatever writes it end before this step, or leave it out by `exclude` (logs, caches).'

/** A path that was there when the folder was listed is gone. */
export const vanished = (path: string, cause?: unknown): UserError =>
  new UserError(`${path} vanished while the bundle was read.`, settle, { cause })

/** A file is not what it was when the folder was listed. */
export const changed = (path: string, how: string): UserError =>
  new UserError(`${path} changed while the bundle was read: ${how}.`, settle)
