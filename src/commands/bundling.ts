import type { Archive } from '../bundle/archive.js'
import type { Folder } from '../bundle/folder.js'
import { hashFolder, type HashProgress } from '../bundle/hash-folder.js'
import { packFolder } from '../bundle/pack-folder.js'
import type { Pool } from '../bundle/pool.js'
import { bytesText } from '../report/size.js'
import { archiveFile } from '../upload/archive-file.js'
import type { World } from '../world.js'
import { progressTeller } from './progress.js'
import type { Source } from './source.js'

/** A source on its way to an archive: other threads hash its files while this one judges it and asks AWS. */
export interface Bundling {
  /** Rejects with a UserError for a file that changes, vanishes or cannot be read. */
  archive: Promise<Archive>
  /** Milliseconds until the hash of the tree was known. */
  hashMs: () => number
  /** Ends the threads, when they are not needed anymore. */
  close: () => Promise<void>
}

/** What is deployed, and its archive that is being made. */
export interface Bundled {
  source: Source
  bundling: Bundling
}

/** Begins at once. A run that ends before it asks for the archive is not disturbed by what goes wrong with it. */
export const startBundling = (
  { content, files }: Source,
  { pool, level, world }: { pool: Pool; level: number; world: World }
): Bundling => {
  if (content.kind === 'archive') {
    const ready = archiveFile(content.path, { ...content, files })
    return { archive: Promise.resolve(ready), hashMs: () => 0, close: pool.close }
  }
  const { folder } = content
  const startedAt = world.clock.now()
  let hashMs = 0
  const hashing = hashFolder(folder, { pool, signal: world.canceled, progress: hashProgress(folder, world) })
  const archive = hashing.then((hashed) => {
    hashMs = world.clock.now() - startedAt
    return packFolder(hashed, { pool, level })
  })
  archive.catch(() => undefined)
  return { archive, hashMs: () => hashMs, close: pool.close }
}

const hashProgress = (whole: Folder, world: World) => {
  const tell = progressTeller(world, whole)
  return ({ files, bytes }: HashProgress) =>
    tell(`Hashing: ${files} of ${whole.files} files, ${bytesText(bytes)}`, bytes)
}
