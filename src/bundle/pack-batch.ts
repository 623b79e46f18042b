import { sep } from 'node:path'
import { type FileColumns, splitNames } from './columns.js'
import { crc32 } from './crc32.js'
import { deflater, type Deflater, isIncompressible } from './deflate.js'
import { WHOLE_FILE } from './plan.js'
import { readFully, withFile } from './read.js'
import { DEFLATED, LOCAL_HEADER, STORED, writeLocalHeader } from './zip.js'

export interface BatchJob {
  /** Entries by their names in the archive: a folder ends in `/`. */
  entries: FileColumns
  /** Link targets by index; an entry that is neither here nor ends in `/` is a file. */
  targets: Record<number, string>
  /** ZIP times. */
  times: Uint32Array<ArrayBuffer>
  /** Bytes of the files up to `keepUpTo`, concatenated, if hashing kept them. */
  kept: Uint8Array<ArrayBuffer> | undefined
  keepUpTo: number
  /** 0 stores, 9 gives the smallest archive. */
  level: number
  into: SharedArrayBuffer
}

/** Headers and data of the whole batch, ready to be sent, and what the central directory needs about each entry. */
export interface BatchAnswer {
  into: SharedArrayBuffer
  used: number
  /** CRC-32 of the used bytes. */
  crc: number
  crcs: Uint32Array<ArrayBuffer>
  compressed: Uint32Array<ArrayBuffer>
  methods: Uint8Array<ArrayBuffer>
  /** Where each entry starts, from the start of the batch. */
  offsets: Uint32Array<ArrayBuffer>
}

const EMPTY = new Uint8Array(0)
const SAMPLED_FROM = 65_536
/** Below this size, deflate saves no more than its own overhead. */
const TOO_SMALL = 32

let scratch: Buffer | undefined

/** Reads, packs and lays out a batch of entries. */
export const packBatch = (job: BatchJob): BatchAnswer => {
  const names = splitNames(job.entries.names)
  const out = Buffer.from(job.into)
  const count = names.length
  const answer = {
    crcs: new Uint32Array(count),
    compressed: new Uint32Array(count),
    methods: new Uint8Array(count),
    offsets: new Uint32Array(count)
  }
  const contents = contentsOf(job)
  const deflate = job.level === 0 ? undefined : deflater(job.level)
  let at = 0
  for (const [index, name] of names.entries()) {
    const data = contents(index, name)
    const nameLength = out.write(name, at + LOCAL_HEADER)
    const dataAt = at + LOCAL_HEADER + nameLength
    const packed = deflate === undefined ? undefined : pack(data, { out, at: dataAt }, deflate)
    if (packed === undefined) out.set(data, dataAt)
    const member = {
      nameLength,
      time: job.times[index] ?? 0,
      method: packed === undefined ? STORED : DEFLATED,
      crc: crc32(data),
      compressed: packed ?? data.length,
      size: data.length
    }
    writeLocalHeader(out, at, member)
    answer.offsets[index] = at
    answer.crcs[index] = member.crc
    answer.compressed[index] = member.compressed
    answer.methods[index] = member.method
    at = dataAt + member.compressed
  }
  deflate?.close()
  return { ...answer, into: job.into, used: at, crc: crc32(out.subarray(0, at)) }
}

/** Size of the deflated form; undefined if it is not shorter. */
const pack = (
  data: Uint8Array,
  { out, at }: { out: Uint8Array; at: number },
  deflate: Deflater
): number | undefined => {
  if (data.length < TOO_SMALL) return undefined
  if (data.length >= SAMPLED_FROM && isIncompressible([middle(data)])) return undefined
  return deflate.pack(data, out, at)
}

const middle = (data: Uint8Array): Uint8Array => {
  const from = Math.floor(data.length / 2) - 16_384
  return data.subarray(from, from + 32_768)
}

/** The data of an entry in the archive: a file's bytes, a link's target, nothing for a folder. */
const contentsOf = ({ entries, targets, kept, keepUpTo }: BatchJob) => {
  let keptTo = 0
  return (index: number, name: string): Uint8Array => {
    const target = targets[index]
    if (target !== undefined) return Buffer.from(target)
    if (name.endsWith('/')) return EMPTY
    const size = entries.sizes[index] ?? 0
    if (kept !== undefined && size <= keepUpTo) return kept.subarray(keptTo, (keptTo += size))
    const known = { path: name, size, changedAt: entries.changes[index] ?? 0 }
    const data = (scratch ??= Buffer.allocUnsafeSlow(WHOLE_FILE)).subarray(0, size)
    withFile(`${entries.root}${sep}${name}`, known, (descriptor) => {
      readFully(descriptor, data, 0, name)
    })
    return data
  }
}
