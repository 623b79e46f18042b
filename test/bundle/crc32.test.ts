import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { crc32, crc32Of } from '../../src/bundle/crc32.js'

test('the CRC of two concatenated pieces is computed from the CRCs of both', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.uint8Array({ maxLength: 5000 }), (first, second) => {
      expect(crc32Of(crc32(first), crc32(second), second.length)).toBe(crc32(Buffer.concat([first, second])))
    })
  )
})

test('this also works for lengths beyond 32 bits: a byte followed by repeatedly doubled zeros', () => {
  const piece = Buffer.alloc(1 << 20)
  let [crc, length] = [crc32(piece), piece.length]
  for (; length < 2 ** 33; length *= 2) crc = crc32Of(crc, crc, length)
  const [half, start] = [length / 2, crc32('a')]
  const oneStep = crc32Of(start, crc, length)
  let byHalves = crc32(piece)
  for (let size = piece.length; size < half; size *= 2) byHalves = crc32Of(byHalves, byHalves, size)
  expect(crc32Of(crc32Of(start, byHalves, half), byHalves, half)).toBe(oneStep)
})
