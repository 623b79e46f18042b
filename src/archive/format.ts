import type { BundleType } from '../domain/revision.js'

/** What a file contains, by its first bytes. */
export type Content = 'zip' | 'gzip' | 'tar' | 'empty' | 'compressed' | 'unknown'

const OTHERS = ['425a68', 'fd377a585a00', '28b52ffd', '1f9d', '377abcaf271c', '52617221']

/** Recognizes the format by its magic bytes; `head` must be the first 512 bytes. */
export const recognize = (head: Buffer): Content => {
  if (head.length === 0) return 'empty'
  const start = head.toString('hex', 0, 8)
  if (/^504b(?:0304|0506|0708)/.test(start)) return 'zip'
  if (start.startsWith('1f8b')) return 'gzip'
  if (OTHERS.some((mark) => start.startsWith(mark))) return 'compressed'
  return isTarHeader(head) ? 'tar' : 'unknown'
}

/** Whether a block is the header of a tar entry: its checksum is right, or it ends an empty archive. */
export const isTarHeader = (block: Buffer): boolean => {
  if (block.length < 512) return false
  if (block.every((byte) => byte === 0)) return true
  const stored = Number.parseInt(
    block
      .toString('latin1', 148, 156)
      .replace(/[\0 ]+/g, ' ')
      .trim(),
    8
  )
  let unsigned = 8 * 32
  let signed = 8 * 32
  for (const [index, byte] of block.subarray(0, 512).entries()) {
    if (index >= 148 && index < 156) continue
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  return stored === unsigned || stored === signed
}

/** The type that a file's name claims; undefined if it claims none. */
export const claimedType = (path: string): BundleType | undefined => {
  const name = path.toLowerCase()
  if (name.endsWith('.zip')) return 'zip'
  if (name.endsWith('.tgz') || name.endsWith('.tar.gz')) return 'tgz'
  return name.endsWith('.tar') ? 'tar' : undefined
}
