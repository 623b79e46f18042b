import { isBomb, MOST_ENTRIES, MOST_NAME_BYTES, MOST_PATH_BYTES, MOST_SWELLING } from '../domain/limits.js'
import { LimitError, type Defects } from './defects.js'

/** Refuses what unpacks to far more than it is: a zip or gzip bomb. */
export const refuseBomb = (unpacked: number, archive: number): void => {
  if (isBomb(unpacked, archive))
    throw new LimitError(
      `its ${archive} bytes unpack to ${unpacked} or more, and beyond 1 GiB at most ${MOST_SWELLING} times its own size is unpacked here. Look what it is made of; take out what is nothing but zeros`
    )
}

/** Counts the entries of an archive and their names. Throws LimitError when they are too many for any bundle. */
export const counter = (): ((...names: readonly string[]) => void) => {
  let entries = 0
  let bytes = 0
  return (...names) => {
    entries += 1
    for (const name of names) bytes += name.length
    if (entries > MOST_ENTRIES)
      throw new LimitError(
        `it has more than ${MOST_ENTRIES} entries with the folders that they imply. Leave files out, or put them into an archive of their own that a hook unpacks`
      )
    if (bytes > MOST_NAME_BYTES)
      throw new LimitError(
        `its names and link targets have more than ${MOST_NAME_BYTES} characters together. Shorten them, or leave files out`
      )
  }
}

/** Whether Linux takes a path of so many bytes; says so where it does not. */
export const isShort = (bytes: number, name: string, defects: Defects): boolean => {
  if (bytes <= MOST_PATH_BYTES) return true
  defects.error(
    `${name.slice(0, 80)}…`,
    `This name has ${bytes} bytes, and Linux takes paths of at most ${MOST_PATH_BYTES} (PATH_MAX). Rename it, or leave it out.`
  )
  return false
}

/** The same for what a symlink points to. */
export const isShortTarget = (bytes: number, path: string, defects: Defects): boolean => {
  if (bytes <= MOST_PATH_BYTES) return true
  defects.error(
    path,
    `The target of this symlink has ${bytes} bytes, and Linux takes at most ${MOST_PATH_BYTES} (PATH_MAX). Make the link anew.`
  )
  return false
}
