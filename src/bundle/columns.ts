/** Files as columns: one message for hundreds of files costs no more than one for one. */
export interface FileColumns {
  /** Folder that the names are relative to. */
  root: string
  /** Paths, with NUL (which no path can hold) between them. */
  names: string
  sizes: Float64Array
  /** ctime in epoch milliseconds. */
  changes: Float64Array
}

export const joinNames = (names: readonly string[]): string => names.join('\0')
export const splitNames = (names: string): string[] => (names === '' ? [] : names.split('\0'))
