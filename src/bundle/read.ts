import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { changed, unreadable } from './walk.js'

/** A file as it was when the folder was listed; by these two a later change is noticed. */
export interface KnownFile {
  /** Relative to the root, for messages. */
  path: string
  size: number
  changedAt: number
}

/** A part of a file that is read by one job. */
export interface FilePart extends KnownFile {
  root: string
  start: number
  length: number
}

// A file that was replaced by a link or a pipe since must neither be followed nor waited for. Windows has neither flag.
const flag = (name: 'O_NOFOLLOW' | 'O_NONBLOCK'): number =>
  (constants as Partial<Record<typeof name, number>>)[name] ?? 0
const FLAGS = constants.O_RDONLY | flag('O_NOFOLLOW') | flag('O_NONBLOCK')

/**
 * Lends a file to `use` and makes sure that it was the same from the listing to the last read: since only the state after
 * reading is compared with the listing, there is no moment in between in which a change goes unnoticed.
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

/** Fills `into` from `position` of the file on; a file that ends before is one that shrank. */
export const readFully = (descriptor: number, into: Uint8Array, position: number, path: string): void => {
  for (let done = 0; done < into.length;) {
    const count = readSync(descriptor, into, done, into.length - done, position + done)
    if (count === 0) throw changed(path, `it ends at byte ${position + done} now`)
    done += count
  }
}
