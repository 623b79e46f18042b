import { isBomb, MOST_ENTRIES, MOST_NAME_BYTES, MOST_PATH_BYTES, MOST_SWELLING } from '../domain/limits.js'
import { LimitError, type Defects } from './defects.js'

/** Throws LimitError for a zip or gzip bomb: an archive that unpacks to far more than its own size. */
export const refuseBomb = (unpacked: number, archive: number): void => {
  if (isBomb(unpacked, archive))
    throw new LimitError(
      `its ${archive} bytes unpack to ${unpacked} or more; above 1 GiB, this action unpacks at most ${MOST_SWELLING} times the size of the archive. Check what is in it; remove files that are only zeros`
    )
}

/** Counts the entries of an archive and the length of their names. Throws LimitError above what any bundle needs. */
export const counter = (): ((...names: readonly string[]) => void) => {
  let entries = 0
  let bytes = 0
  return (...names) => {
    entries += 1
    for (const name of names) bytes += name.length
    if (entries > MOST_ENTRIES)
      throw new LimitError(
        `it has more than ${MOST_ENTRIES} entries, including implied folders. Leave files out, or put them into a separate archive that a hook unpacks`
      )
    if (bytes > MOST_NAME_BYTES)
      throw new LimitError(
        `its names and link targets have more than ${MOST_NAME_BYTES} characters in total. Shorten them, or leave files out`
      )
  }
}

/** Whether Linux accepts a path of this many bytes; adds an error if not. */
export const isShort = (bytes: number, name: string, defects: Defects): boolean => {
  if (bytes <= MOST_PATH_BYTES) return true
  defects.error(
    `${name.slice(0, 80)}…`,
    `This name has ${bytes} bytes, and Linux allows paths of at most ${MOST_PATH_BYTES} (PATH_MAX). Rename it, or leave it out.`
  )
  return false
}

/** The same for the target of a symlink. */
export const isShortTarget = (bytes: number, path: string, defects: Defects): boolean => {
  if (bytes <= MOST_PATH_BYTES) return true
  defects.error(
    path,
    `The target of this symlink has ${bytes} bytes, and Linux allows at most ${MOST_PATH_BYTES} (PATH_MAX). Recreate the link with a shorter target.`
  )
  return false
}
