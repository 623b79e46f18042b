import type { HashedEntry } from '../domain/content-hash.js'
import { counted } from '../domain/counted.js'
import { type Archive, early } from '../bundle/archive.js'
import type { Folder } from '../bundle/folder.js'
import { hashedEntries, type Hashing, type HashProgress } from '../bundle/hash-folder.js'
import { packFolder } from '../bundle/pack-folder.js'
import type { Pool } from '../bundle/pool.js'
import type { World } from '../ports.js'
import { bytesText, roughly } from '../report/units.js'
import { archiveFile } from '../upload/archive-file.js'
import type { Source } from './source.js'

/** A source that is becoming an archive: other threads hash its files while this one lists and checks them and calls AWS. */
export interface Bundling {
  /** Rejects with a UserError for a file that changes, vanishes or cannot be read. */
  archive: Promise<Archive>
  /** What is in it, with the hash of every file; known as soon as the archive is. */
  entries: () => Promise<readonly HashedEntry[]>
  /** Milliseconds from the end of the listing until the hash of the tree was known. */
  hashMs: () => number
  /** Ends the threads when they are no longer needed. */
  close: () => Promise<void>
}

/** What is deployed, and the archive being made of it. */
export interface Bundled {
  source: Source
  bundling: Bundling
}

interface BundlingOptions {
  hashing: Hashing
  pool: Pool
  level: number
  /** False where it is only hashed, not packed, until somebody reads the archive. */
  packs?: boolean
  world: World
}

/** Starts at once. If the run ends before it asks for the archive, errors in making it are ignored. */
export const startBundling = (
  { content, files }: Source,
  { hashing, pool, level, packs = true, world }: BundlingOptions
): Bundling => {
  if (content.kind === 'archive') {
    const ready = archiveFile(content.path, { ...content, files })
    return {
      archive: Promise.resolve(ready),
      entries: () => Promise.resolve(content.entries),
      hashMs: () => 0,
      close: pool.close
    }
  }
  const { folder } = content
  const startedAt = world.clock.now()
  let hashMs = 0
  const hashed = hashing.finish(folder, hashProgress(folder, world))
  const archive = hashed.then((known) => {
    hashMs = world.clock.now() - startedAt
    const packed = packFolder(known, { pool, level })
    return packs ? early(packed) : packed
  })
  archive.catch(() => undefined)
  return {
    archive,
    entries: async () => hashedEntries(await hashed),
    hashMs: () => hashMs,
    close: pool.close
  }
}

const hashProgress = (whole: Folder, world: World) => {
  const tell = progressTeller(world, whole)
  return ({ files, bytes }: HashProgress) =>
    tell(`Hashing: ${files} of ${counted(whole.files, 'file')}, ${bytesText(bytes)}`, bytes)
}

/** How often long work reports its progress. */
const EVERY_MS = 5_000

/**
 * Logs a line every few seconds: how far, how fast, how long to go. `done` counts bytes of `whole.bytes`. Work that ends
 * sooner logs nothing.
 */
export const progressTeller = (
  { clock, runner }: Pick<World, 'clock' | 'runner'>,
  whole: { files: number; bytes: number }
): ((state: string, done: number) => void) => {
  const startedAt = clock.now()
  let toldAt = startedAt
  return (state, done) => {
    const now = clock.now()
    if (now - toldAt < EVERY_MS) return
    toldAt = now
    const perMs = done / Math.max(1, now - startedAt)
    const left = perMs > 0 ? (whole.bytes - done) / perMs : 0
    runner.info(`${state} (${bytesText(perMs * 1000)}/s, ${roughly(Math.max(0, left))} left)`)
  }
}
