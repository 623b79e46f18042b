import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { changed, unreadable } from './walk.js'

/** A file as it was when the folder was listed; size and change time reveal a later change. */
export interface KnownFile {
  /** Relative to the root, for messages. */
  path: string
  size: number
  /** ctime in epoch milliseconds. */
  changedAt: number
}

/** A part of a file that one job reads. */
export interface FilePart extends KnownFile {
  root: string
  start: number
  length: number
}

// If a link or a pipe has replaced the file, it must be neither followed nor waited for. Windows has neither flag.
const flag = (name: 'O_NOFOLLOW' | 'O_NONBLOCK'): number =>
  (constants as Partial<Record<typeof name, number>>)[name] ?? 0
const FLAGS = constants.O_RDONLY | flag('O_NOFOLLOW') | flag('O_NONBLOCK')

/**
 * Opens a file for `use`, and throws a UserError if it changed between the listing and the last read. The state after
 * reading is compared with the listing, so no change in between goes unnoticed.
 */
export const withFile = <T>(place: string, known: KnownFile, use: (descriptor: number) => T): T => {
  try {
    const descriptor = openSync(place, FLAGS)
    try {
      const result = use(descriptor)
      assertUnchanged(descriptor, known)
      return result
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw unreadable(known.path, error)
  }
}

const assertUnchanged = (descriptor: number, { path, size, changedAt }: KnownFile): void => {
  const now = fstatSync(descriptor)
  if (now.size !== size) throw changed(path, `${size} bytes became ${now.size}`)
  if (now.ctimeMs !== changedAt) throw changed(path, 'it was written to or replaced')
}

/** Fills `into` from `position` in the file. Throws a UserError if the file ends first, because it shrank. */
export const readFully = (descriptor: number, into: Uint8Array, position: number, path: string): void => {
  for (let done = 0; done < into.length;) {
    const count = readSync(descriptor, into, done, into.length - done, position + done)
    if (count === 0) throw changed(path, `it now ends at byte ${position + done}`)
    done += count
  }
}
