import { createWriteStream } from 'node:fs'
import { chmod, link, lstat, mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

/** One entry of an archive. */
export interface ArchiveEntry {
  name: string
  kind: 'file' | 'folder' | 'symlink' | 'hardlink'
  /** Permission bits, or undefined if the archive does not say. */
  mode: number | undefined
  /** The target of a link. */
  target: string
  /** The bytes of a file; read at most once, before the next entry. */
  content: () => AsyncIterable<Buffer>
}

/**
 * Writes entries below a folder, with their modes. Symbolic links and the modes of folders come last, so that no entry is
 * written through a link or into a read-only folder. Throws for a name that leads out of the folder.
 */
export const writeEntries = async (entries: AsyncIterable<ArchiveEntry>, folder: string): Promise<void> => {
  const later: (() => Promise<void>)[] = []
  await mkdir(folder, { recursive: true })
  for await (const entry of entries) {
    const place = await placeOf(entry.name, folder)
    if (place === folder) continue
    await mkdir(path.dirname(place), { recursive: true })
    if (entry.kind === 'folder') {
      await mkdir(place, { recursive: true })
      const { mode } = entry
      if (mode !== undefined) later.unshift(() => chmod(place, mode))
    } else if (entry.kind === 'symlink') {
      later.push(() => writeLink(entry.target, place))
    } else if (entry.kind === 'hardlink') {
      await link(await placeOf(entry.target, folder), place)
    } else {
      await writeFile(entry, place)
    }
  }
  for (const act of later) await act()
}

const writeLink = async (target: string, place: string): Promise<void> => {
  await rm(place, { force: true })
  await symlink(target, place)
}

const writeFile = async (entry: ArchiveEntry, place: string): Promise<void> => {
  await rm(place, { force: true })
  await pipeline(entry.content(), createWriteStream(place))
  await chmod(place, entry.mode ?? 0o644)
}

const placeOf = async (name: string, folder: string): Promise<string> => {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new Error(`The archive names a file outside of its folder: ${name}`)
  for (let depth = 1; depth < parts.length; depth += 1) {
    const stats = await lstat(path.join(folder, ...parts.slice(0, depth))).catch(() => undefined)
    if (stats?.isSymbolicLink() === true) throw new Error(`The archive writes through a link: ${name}`)
  }
  return path.join(folder, ...parts)
}
