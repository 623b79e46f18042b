import type { FolderEntry } from './walk.js'

/** Files as columns, so a message about hundreds of files costs no more than one about a single file. */
export interface FileColumns {
  /** Folder that the names are relative to. */
  root: string
  /** Paths, joined by NUL, which no path can contain. */
  names: string
  sizes: Float64Array
  /** ctime in epoch milliseconds. */
  changes: Float64Array
}

const joinNames = (names: readonly string[]): string => names.join('\0')
export const splitNames = (names: string): string[] => (names === '' ? [] : names.split('\0'))

/** The columns of some entries, each named by `nameOf`. */
export const columnsOf = (
  root: string,
  entries: readonly FolderEntry[],
  nameOf: (entry: FolderEntry) => string
): FileColumns => ({
  root,
  names: joinNames(entries.map(nameOf)),
  sizes: Float64Array.from(entries, ({ size }) => size),
  changes: Float64Array.from(entries, ({ changedAt }) => changedAt)
})
