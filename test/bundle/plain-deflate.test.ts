import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as zlib from 'node:zlib'
import { describe, expect, jest, test } from '@jest/globals'
import * as fast from '../../src/bundle/deflate.js'

// The action uses internals of Node's streams if they exist. Without them, the documented calls must give the same bytes.

jest.resetModules()
const withoutInsides = jest.fn(() => ({}))
jest.unstable_mockModule('node:zlib', () => ({ ...zlib, createDeflateRaw: withoutInsides }))
const plain = await import('../../src/bundle/deflate.js')

const words = readFileSync(new URL('../../package-lock.json', import.meta.url))
const noise = randomBytes(100_000)

type Deflate = typeof fast
const both = <T>(work: (deflate: Deflate) => T): [fast: T, plain: T] => [work(fast), work(plain)]

const FILES: [name: string, data: Uint8Array][] = [
  ['a line', words.subarray(0, 60)],
  ['a page', words.subarray(500, 4_500)],
  ['a long text', words],
  ['one byte', words.subarray(0, 1)],
  ['nothing', words.subarray(0, 0)],
  ['noise', noise]
]

describe.each([1, 4, 9])('at level %i, a Node without those internals', (level) => {
  test.each(FILES)('gives the same bytes for %s', (_, data) => {
    const [one, other] = both(({ deflater }) => {
      const opened = deflater(level)
      try {
        // Another file first, because what it leaves behind could change the second.
        opened.pack(words.subarray(7_000, 9_000), Buffer.alloc(2_010), 0)
        const out = Buffer.alloc(data.length + 10)
        const used = opened.pack(data, out, 5)
        return used === undefined ? undefined : out.subarray(5, 5 + used)
      } finally {
        opened.close()
      }
    })
    expect(withoutInsides).toHaveBeenCalled()
    expect(other).toEqual(one)
    expect(other && zlib.inflateRawSync(other)).toEqual(other && Buffer.from(data))
  })

  test('packs the blocks of a file as one stream', () => {
    const [one, other] = both(({ deflateBlock }) =>
      [0, 50_000, 100_000].map((start) => {
        const out = Buffer.alloc(60_000)
        const used = deflateBlock(words.subarray(start, start + 50_000), out, {
          level,
          before: words.subarray(Math.max(0, start - fast.WINDOW), start),
          isLast: start === 100_000
        })
        return out.subarray(0, used)
      })
    )
    expect(other).toEqual(one)
    expect(zlib.inflateRawSync(Buffer.concat(other))).toEqual(Buffer.from(words.subarray(0, 150_000)))
  })

  test('returns undefined when a block does not fit', () => {
    const [one, other] = both(({ deflateBlock }) =>
      deflateBlock(noise, Buffer.alloc(noise.length), { level, before: words.subarray(0, 0), isLast: true })
    )
    expect([one, other]).toEqual([undefined, undefined])
  })
})
