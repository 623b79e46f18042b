import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { APPSPEC, judgeArchive, SCRIPT, tar, zip } from './make.js'

const entries = [APPSPEC, SCRIPT, { name: 'web/index.html', text: 'hello '.repeat(200) }]
const archives = fc.constantFrom(
  ['b.zip', zip(entries)] as const,
  ['b.zip', zip(entries, { zip64: true })] as const,
  ['b.tar', tar(entries)] as const,
  ['b.tgz', gzipSync(tar(entries))] as const
)
const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 5 })

test('no damage makes the reader throw, and every finding has a message', async () => {
  await fc.assert(
    fc.asyncProperty(
      archives,
      damage,
      fc.double({ min: 0, max: 1, noNaN: true }),
      async ([name, whole], flips, keep) => {
        const bytes = Buffer.from(
          whole.subarray(0, flips.length % 2 === 0 ? whole.length : Math.ceil(whole.length * keep))
        )
        for (const [place, value] of flips)
          if (bytes.length > 0) bytes[Math.floor(place * (bytes.length - 1))] = value
        for (const { file, message } of await judgeArchive(name, bytes)) {
          expect(file).not.toBe('')
          expect(message).not.toBe('')
        }
      }
    ),
    { numRuns: 300 }
  )
})
