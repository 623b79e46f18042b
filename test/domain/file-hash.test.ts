import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { fileHash, fileHashOf, HASH_PIECE } from '../../src/domain/file-hash.js'

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const bytes = Buffer.alloc(2 * HASH_PIECE + 3, 'some text ')

/** By the definition: the hash of the only piece, or the hash over the hashes of all. */
const expected = (size: number): string => {
  const pieces: Buffer[] = []
  for (let at = 0; at === 0 || at < size; at += HASH_PIECE)
    pieces.push(sha256(bytes.subarray(at, Math.min(at + HASH_PIECE, size))))
  const [first = Buffer.alloc(0)] = pieces
  return (pieces.length === 1 ? first : sha256(Buffer.concat(pieces))).toString('hex')
}

describe.each([0, 1, HASH_PIECE - 1, HASH_PIECE, HASH_PIECE + 1, 2 * HASH_PIECE, 2 * HASH_PIECE + 3])(
  'a file of %i bytes',
  (size) => {
    test.each([1_000_003, HASH_PIECE, 3 * HASH_PIECE])('read %i bytes at a time', (step) => {
      const hash = fileHash()
      for (let at = 0; at < size; at += step) hash.update(bytes.subarray(at, Math.min(at + step, size)))
      expect(hash.digest()).toBe(expected(size))
    })
  }
)

test('the order of the pieces counts', () => {
  const [one, other] = ['aa'.repeat(32), 'bb'.repeat(32)]
  expect(fileHashOf([one, other])).not.toBe(fileHashOf([other, one]))
})
