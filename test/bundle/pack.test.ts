import { randomBytes } from 'node:crypto'
import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { archive, bytesOf, hashTree, plant, threads, withTemporary, type Item } from './scene.js'

const words = readFileSync(new URL('../../package-lock.json', import.meta.url))

const tree: Item[] = [
  { path: 'appspec.yml', content: 'version: 0.0\nos: linux\n' },
  ...Array.from({ length: 700 }, (_, index) => ({
    path: `app/m${index % 9}/f${index}.js`,
    content: words.subarray(index * 100, index * 100 + (index % 50) * 90)
  })),
  { path: 'app/large.txt', content: Buffer.concat(Array.from({ length: 12 }, () => words)) },
  { path: 'app/noise.jar', content: randomBytes(2_500_000) },
  { path: 'app/icon.png', content: randomBytes(200_000) },
  { path: 'current', link: 'app' },
  { path: 'empty' }
]

describe('the same tree gives the same bytes', () => {
  test('on zero, one and three threads', () =>
    withTemporary(async (root) => {
      plant(root, tree)
      const inline = await archive(root)
      for (const size of [1, 3]) {
        const pool = threads(size)
        try {
          expect((await archive(root, { pool })).equals(inline)).toBe(true)
        } finally {
          await pool.close()
        }
      }
    }))

  test('elsewhere, created in a different order and at a different time', () =>
    withTemporary(async (folder) => {
      const [one, other] = [join(folder, 'one'), join(folder, 'other')]
      plant(one, tree)
      plant(other, [...tree].reverse())
      utimesSync(join(other, 'appspec.yml'), 1, 1)
      expect((await archive(other)).equals(await archive(one))).toBe(true)
    }))

  test('whether small files were kept from hashing or are read again', () =>
    withTemporary(async (root) => {
      plant(root, tree)
      const hashed = await hashTree(root)
      const first = await bytesOf(hashed)
      expect(hashed.kept.size).toBe(0)
      expect((await bytesOf(hashed)).equals(first)).toBe(true)
    }))
})

describe('size', () => {
  test('noise is stored: it grows by less than 0.1 %', () =>
    withTemporary(async (root) => {
      plant(root, [{ path: 'noise', content: randomBytes(5_000_000) }])
      expect((await archive(root)).length).toBeLessThan(5_005_000)
    }))

  test('text is compressed, and splitting a large file into blocks costs almost nothing', () =>
    withTemporary(async (root) => {
      plant(root, [{ path: 'large', content: Buffer.concat(Array.from({ length: 12 }, () => words)) }])
      const large = (await archive(root)).length
      expect(large).toBeLessThan(words.length * 12 * 0.4)
    }))

  test.each([
    [0, 1],
    [1, 6],
    [4, 9]
  ])('level %i is larger than level %i', (lower, higher) =>
    withTemporary(async (root) => {
      plant(root, [{ path: 'text', content: words }])
      const [loose, tight] = [await archive(root, { level: lower }), await archive(root, { level: higher })]
      expect(loose.length).toBeGreaterThan(tight.length)
    })
  )
})
