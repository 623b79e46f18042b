import { expect, test } from '@jest/globals'
import { compositeChecksum, createChecksum, type Algorithm } from './checksum.js'

// The check values from the CRC catalogue and the SHA standards.
test.each<[Algorithm, string]>([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
  ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225']
])('%s of the digits 1 to 9, in one piece and in three', (algorithm, expected) => {
  for (const pieces of [['123456789'], ['1', '', '23456789']]) {
    const running = createChecksum(algorithm)
    for (const piece of pieces) running.update(Buffer.from(piece))
    expect(Buffer.from(running.digest(), 'base64').toString('hex')).toBe(expected)
  }
})

test('a composite checksum is a checksum of the checksums, with their number', () => {
  const part = createChecksum('CRC32')
  part.update(Buffer.from('123456789'))
  const whole = createChecksum('CRC32')
  whole.update(Buffer.from('cbf43926cbf43926', 'hex'))
  expect(compositeChecksum('CRC32', [part.digest(), part.digest()])).toBe(`${whole.digest()}-2`)
})
