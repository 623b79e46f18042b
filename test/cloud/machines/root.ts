import { lstatSync, readlinkSync } from 'node:fs'
import path from 'node:path'

const MAX_LINKS = 40

/**
 * Where this process finds a path of a machine. Links are followed as the machine would follow them, so that neither an
 * absolute link (`/srv/current` → `/srv/releases/1`) nor `..` leads out of `base`.
 *
 * @param base folder with the machine's file system
 * @param file path as the machine sees it
 * @param last whether a link at the end of the path is followed too
 */
export const locate = (base: string, file: string, last: 'follow' | 'keep' = 'follow'): string => {
  const todo = parts(file)
  let done: string[] = []
  let links = 0
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === '..') {
      done.pop()
      continue
    }
    const target =
      todo.length === 0 && last === 'keep' ? undefined : linkTarget(path.join(base, ...done, part))
    if (target === undefined) {
      done.push(part)
      continue
    }
    links += 1
    if (links > MAX_LINKS) throw new Error(`Too many levels of symbolic links @ rb_file_s_stat - ${file}`)
    if (path.isAbsolute(target)) done = []
    todo.unshift(...parts(insideOf(base, target)))
  }
  return path.join(base, ...done)
}

/** A hook without its own view sees the folder's whole path and may have made links with it. */
const insideOf = (base: string, target: string): string =>
  target.startsWith(`${base}/`) ? target.slice(base.length) : target

const parts = (file: string): string[] => file.split('/').filter((part) => part !== '' && part !== '.')

const linkTarget = (file: string): string | undefined => {
  const stats = lstatSync(file, { throwIfNoEntry: false })
  return stats?.isSymbolicLink() === true ? readlinkSync(file) : undefined
}
