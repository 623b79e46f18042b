import { createHash } from 'node:crypto'

/** Bytes hashed in one go; the pieces of a larger file can be hashed concurrently. */
export const HASH_PIECE = 8 * 1024 * 1024

/**
 * The hash (hex) of a file from the SHA-256 of its pieces, each of HASH_PIECE bytes except the last: the hash of the only piece,
 * or the SHA-256 over the hashes of all pieces.
 */
export const fileHashOf = (pieces: readonly string[]): string => {
  const [first = '', ...more] = pieces
  return more.length === 0
    ? first
    : createHash('sha256')
        .update(Buffer.from(pieces.join(''), 'hex'))
        .digest('hex')
}

/** The same for a file that is read from start to end. */
export const fileHash = (): { update: (bytes: Uint8Array) => void; digest: () => string } => {
  const pieces: string[] = []
  let piece = createHash('sha256')
  let left = HASH_PIECE
  return {
    update: (bytes) => {
      for (let rest = bytes; rest.length > 0;) {
        if (left === 0) {
          pieces.push(piece.digest('hex'))
          piece = createHash('sha256')
          left = HASH_PIECE
        }
        const part = rest.subarray(0, left)
        piece.update(part)
        left -= part.length
        rest = rest.subarray(part.length)
      }
    },
    digest: () => fileHashOf([...pieces, piece.digest('hex')])
  }
}
