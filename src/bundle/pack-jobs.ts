import { columnsOf } from './columns.js'
import { filePart, type HashedFolder, KEEP_UP_TO } from './hash-folder.js'
import type { BatchJob } from './pack-batch.js'
import type { BlockJob } from './pack-block.js'
import type { Batch, Block } from './plan.js'
import type { FolderEntry } from './walk.js'
import { zipTime } from './zip.js'

interface Settings {
  level: number
  into: SharedArrayBuffer
}

/** An entry's name in the archive: a folder ends in `/`. */
export const archiveName = ({ path, kind }: FolderEntry): string => (kind === 'directory' ? `${path}/` : path)

/** The job that packs the entries of a batch. */
export const batchJob = (hashed: HashedFolder, unit: Batch, settings: Settings): BatchJob => {
  const { root, entries } = hashed.folder
  const batch = entries.slice(unit.from, unit.to)
  return {
    ...settings,
    entries: columnsOf(root, batch, archiveName),
    targets: Object.fromEntries(
      batch.flatMap(({ target }, index) => (target === undefined ? [] : [[index, target]]))
    ),
    times: Uint32Array.from(batch, (_, index) => zipTime(hashed.sha256[unit.from + index])),
    kept: hashed.kept.get(unit.from),
    keepUpTo: KEEP_UP_TO
  }
}

/** The job that packs one block of a large file. */
export const blockJob = (hashed: HashedFolder, unit: Block, settings: Settings): BlockJob => {
  const level = hashed.incompressible.has(unit.entry) ? 0 : settings.level
  return { ...filePart(unit, hashed.folder), isLast: unit.isLast, ...settings, level }
}
