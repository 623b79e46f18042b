import type { ArchiveProgress, Chunk } from './archive.js'
import { crc32, crc32Of } from './crc32.js'
import type { HashedFolder } from './hash-folder.js'
import type { BatchAnswer } from './pack-batch.js'
import type { BlockAnswer } from './pack-block.js'
import { archiveName } from './pack-jobs.js'
import { type Batch, type Block, entryAt, BUFFER_BYTES } from './plan.js'
import { dataDescriptor, DEFLATED, directoryRecord, endRecords, openHeader, zipTime } from './zip.js'

/** A unit of the plan with its answer. */
export type Packed = { unit: Batch; answer: BatchAnswer } | { unit: Block; answer: BlockAnswer }

/** Assembles packed units, in order, into an archive; keeps only the central directory in memory. */
export interface ZipWriter {
  state: ArchiveProgress
  add(packed: Packed): Generator<Chunk>
  /** The central directory. */
  end(): Generator<Chunk>
}

/** The large file whose blocks are being written. */
interface OpenFile {
  offset: number
  compressed: number
  crc: number
}

export const zipWriter = (hashed: HashedFolder, bufferPool: BufferPool): ZipWriter => {
  const { entries } = hashed.folder
  const state = { files: 0, bytesIn: 0, bytesOut: 0 }
  const records: Buffer[] = []
  let open: OpenFile = { offset: 0, compressed: 0, crc: 0 }

  const out = (bytes: Uint8Array, crc = crc32(bytes), release: () => void = () => undefined): Chunk => {
    state.bytesOut += bytes.length
    return { bytes, crc, release }
  }
  const buffer = ({ into, used, crc }: { into: SharedArrayBuffer; used: number; crc: number }): Chunk =>
    out(new Uint8Array(into, 0, used), crc, () => bufferPool.give(into))

  const addBatch = ({ from, to }: Batch, answer: BatchAnswer): void => {
    const batch = entries.slice(from, to).map((entry, index) => {
      if (entry.kind === 'file') state.files++
      state.bytesIn += entry.size
      return directoryRecord({
        name: archiveName(entry),
        kind: entry.kind,
        mode: entry.mode,
        time: zipTime(hashed.sha256[from + index]),
        method: answer.methods[index] ?? 0,
        crc: answer.crcs[index] ?? 0,
        compressed: answer.compressed[index] ?? 0,
        size: entry.target === undefined ? entry.size : Buffer.byteLength(entry.target),
        offset: state.bytesOut + (answer.offsets[index] ?? 0),
        streamed: false
      })
    })
    records.push(Buffer.concat(batch))
  }

  function* addBlock(unit: Block, answer: BlockAnswer): Generator<Chunk> {
    const { path, size, mode } = entryAt(entries, unit.entry)
    const time = zipTime(hashed.sha256[unit.entry])
    if (unit.isFirst) {
      open = { offset: state.bytesOut, compressed: 0, crc: 0 }
      yield out(openHeader({ name: path, time, size }))
    }
    open.compressed += answer.used
    open.crc = crc32Of(open.crc, answer.dataCrc, unit.length)
    state.bytesIn += unit.length
    yield buffer(answer)
    if (!unit.isLast) return
    state.files++
    const member = { ...open, size, method: DEFLATED }
    records.push(directoryRecord({ ...member, name: path, kind: 'file', mode, time, streamed: true }))
    yield out(dataDescriptor(member))
  }

  return {
    state,
    add: function* (packed) {
      if (isBlock(packed)) yield* addBlock(packed.unit, packed.answer)
      else {
        addBatch(packed.unit, packed.answer)
        yield buffer(packed.answer)
      }
    },
    end: function* () {
      const offset = state.bytesOut
      for (const record of records) yield out(record)
      yield out(endRecords({ members: entries.length, offset, length: state.bytesOut - offset }))
    }
  }
}

const isBlock = (packed: Packed): packed is { unit: Block; answer: BlockAnswer } =>
  packed.unit.kind === 'block'

/**
 * Buffers that are filled, sent and reused, so memory depends on what is in flight, not on the size of the archive. The
 * threads share them: for each transfer back and forth, V8 would count the memory as freed and allocated again.
 */
export interface BufferPool {
  take(): SharedArrayBuffer
  give(buffer: SharedArrayBuffer): void
}

export const bufferPool = (): BufferPool => {
  const free: SharedArrayBuffer[] = []
  return {
    take: () => free.pop() ?? new SharedArrayBuffer(BUFFER_BYTES),
    give: (buffer) => free.push(buffer)
  }
}
