import { inOrder } from '../concurrency.js'
import type { Archive, ArchiveProgress, Chunk } from './archive.js'
import type { HashedFolder } from './hash-folder.js'
import { batchJob, blockJob } from './pack-jobs.js'
import { type PackUnit, packUnits } from './plan.js'
import type { Pool } from './pool.js'
import { bufferPool, type Packed, type BufferPool, zipWriter } from './zip-writer.js'

/**
 * A hashed folder as a ZIP archive that is packed while it is read: the same tree always gives the same bytes, however many
 * threads pack it. Memory depends on the pool and on how many chunks are held at once, not on the size.
 */
export const packFolder = (hashed: HashedFolder, options: { pool: Pool; level: number }): Archive => {
  const { bytes, entries } = hashed.folder
  return {
    contentHash: hashed.contentHash,
    // Stored data costs 5 bytes per 64 KiB, and each entry two headers with its name in both.
    atMost: bytes * 1.001 + entries.reduce((sum, { path }) => sum + 200 + 8 * path.length, 1024),
    chunks: (progress) => chunks(hashed, options, progress)
  }
}

async function* chunks(
  hashed: HashedFolder,
  { pool, level }: { pool: Pool; level: number },
  progress?: (state: ArchiveProgress) => void
): AsyncGenerator<Chunk> {
  const free = bufferPool()
  const writer = zipWriter(hashed, free)
  const pack = packing(hashed, { pool, level, free })
  for await (const { answer } of inOrder(packUnits(hashed.folder.entries), pack, pool.ahead)) {
    yield* writer.add(answer)
    progress?.(writer.state)
  }
  yield* writer.end()
  progress?.(writer.state)
}

const packing =
  (hashed: HashedFolder, { pool, level, free }: { pool: Pool; level: number; free: BufferPool }) =>
  async (unit: PackUnit): Promise<Packed> => {
    const into = free.take()
    if (unit.kind === 'block') {
      const job = blockJob(hashed, unit, { level, into })
      return { unit, answer: await pool.run('block', job) }
    }
    const job = batchJob(hashed, unit, { level, into })
    hashed.kept.delete(unit.from)
    const moved = job.kept === undefined ? [] : [job.kept.buffer]
    return { unit, answer: await pool.run('batch', job, moved) }
  }
