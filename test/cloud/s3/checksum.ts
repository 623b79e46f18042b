import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** The checksums that S3 verifies; in lower case, the same names end the headers `x-amz-checksum-…`. */
export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

export interface RunningChecksum {
  update(data: Buffer): void
  /** In base64, as it is sent. */
  digest(): string
}

/** One checksum as it is stored: a composite one is a checksum of the parts' checksums and ends in `-N`. */
export interface Checksum {
  algorithm: Algorithm
  value: string
  type: 'FULL_OBJECT' | 'COMPOSITE'
}

const table32 = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? polynomial : 0)
    return value
  })

const bytes32 = (value: number): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes.toString('base64')
}

const createCrc32 = (): RunningChecksum => {
  let value = 0
  return { update: (data) => void (value = crc32(data, value)), digest: () => bytes32(value) }
}

const CASTAGNOLI = table32(0x82f63b78)

const createCrc32c = (): RunningChecksum => {
  let value = 0xffffffff
  return {
    update: (data) => {
      let crc = value
      for (const byte of data) crc = (crc >>> 8) ^ (CASTAGNOLI[(crc ^ byte) & 255] ?? 0)
      value = crc
    },
    digest: () => bytes32(~value)
  }
}

/** CRC-64/NVME, reflected; with two tables of 32 bits, because 64-bit integers are slow here. */
const NVME = 0x9a6c9329ac4bc9b5n
const nvmeRows = Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index)
  for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (value & 1n ? NVME : 0n)
  return value
})
const NVME_HIGH = Uint32Array.from(nvmeRows, (row) => Number(row >> 32n))
const NVME_LOW = Uint32Array.from(nvmeRows, (row) => Number(row & 0xffffffffn))

const createCrc64 = (): RunningChecksum => {
  let high = 0xffffffff
  let low = 0xffffffff
  return {
    update: (data) => {
      for (const byte of data) {
        const row = (low ^ byte) & 255
        low = ((low >>> 8) | (high << 24)) ^ (NVME_LOW[row] ?? 0)
        high = (high >>> 8) ^ (NVME_HIGH[row] ?? 0)
      }
    },
    digest: () => {
      const bytes = Buffer.alloc(8)
      bytes.writeUInt32BE(~high >>> 0, 0)
      bytes.writeUInt32BE(~low >>> 0, 4)
      return bytes.toString('base64')
    }
  }
}

const createSha = (name: string): RunningChecksum => {
  const hash = createHash(name)
  return { update: (data) => void hash.update(data), digest: () => hash.digest('base64') }
}

const makers: Record<Algorithm, () => RunningChecksum> = {
  CRC32: createCrc32,
  CRC32C: createCrc32c,
  CRC64NVME: createCrc64,
  SHA1: () => createSha('sha1'),
  SHA256: () => createSha('sha256')
}

export const createChecksum = (algorithm: Algorithm): RunningChecksum => makers[algorithm]()

export const parseAlgorithm = (text: string | undefined): Algorithm | undefined =>
  ALGORITHMS.find((algorithm) => algorithm === text?.toUpperCase())

export const checksumHeader = (algorithm: Algorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`

/** The checksum of a multipart object, computed from its parts' checksums: `<base64>-N`. */
export const compositeChecksum = (algorithm: Algorithm, parts: readonly string[]): string => {
  const running = createChecksum(algorithm)
  for (const part of parts) running.update(Buffer.from(part, 'base64'))
  return `${running.digest()}-${parts.length}`
}
