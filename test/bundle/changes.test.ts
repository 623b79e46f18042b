import { appendFileSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { openFolder } from '../../src/bundle/folder.js'
import { hashFolder } from '../../src/bundle/hash-folder.js'
import { inlinePool } from '../../src/bundle/pool.js'
import { UserError } from '../../src/errors.js'
import { bytesOf, plant, threads, withTemporary } from './scene.js'

const SMALL = 'x'.repeat(5000)
const LARGE = Buffer.alloc(3_000_000, 'text that packs well ')

const harms: [name: string, harm: (file: string) => void, message: RegExp][] = [
  [
    'grows',
    (file) => appendFileSync(file, 'more'),
    /app\/file changed while the bundle was being read: .* bytes became/
  ],
  ['shrinks', (file) => truncateSync(file, 10), /app\/file changed while the bundle was being read/],
  ['vanishes', (file) => rmSync(file), /app\/file vanished while the bundle was being read/],
  [
    'is rewritten with the same size and time',
    (file) => {
      writeFileSync(file, SMALL.replaceAll('x', 'y'))
      utimesSync(file, 1, 1)
    },
    /app\/file changed while the bundle was being read/
  ],
  [
    'becomes a link',
    (file) => {
      rmSync(file)
      symlinkSync('/etc/hostname', file)
    },
    /app\/file vanished while the bundle was being read/
  ]
]

const failureOf = async (work: Promise<unknown>): Promise<UserError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason
  )
  expect(error).toBeInstanceOf(UserError)
  return error as UserError
}

describe.each([
  ['a small file', SMALL],
  ['a large file', LARGE]
])('%s that', (_, content) => {
  test.each(harms)('%s before it is hashed is named in the error', (_name, harm, message) =>
    withTemporary(async (root) => {
      plant(root, [{ path: 'app/file', content }])
      const folder = await openFolder(root, { exclude: [] })
      harm(join(root, 'app/file'))
      const error = await failureOf(hashFolder(folder, { pool: inlinePool() }))
      expect(error.message).toMatch(message)
      expect(error.hint).toContain('Nothing was deployed')
    })
  )

  test.each(harms)('%s between hashing and packing is named in the error', (_name, harm, message) =>
    withTemporary(async (root) => {
      plant(root, [{ path: 'app/file', content }])
      const hashed = await hashFolder(await openFolder(root, { exclude: [] }), { pool: inlinePool() })
      harm(join(root, 'app/file'))
      expect((await failureOf(bytesOf(hashed))).message).toMatch(message)
    })
  )
})

test('a UserError from a thread keeps its hint', () =>
  withTemporary(async (root) => {
    plant(root, [{ path: 'app/file', content: SMALL }])
    const folder = await openFolder(root, { exclude: [] })
    rmSync(join(root, 'app/file'))
    const pool = threads(1)
    try {
      const error = await failureOf(hashFolder(folder, { pool }))
      expect([error.message, error.hint]).toEqual([
        'app/file vanished while the bundle was being read.',
        expect.stringContaining('Nothing was deployed')
      ])
    } finally {
      await pool.close()
    }
  }))

test('a closed pool rejects work instead of leaving it pending', () =>
  withTemporary(async (root) => {
    plant(root, [{ path: 'file', content: SMALL }])
    const pool = threads(1)
    await pool.close()
    await expect(hashFolder(await openFolder(root, { exclude: [] }), { pool })).rejects.toThrow(
      'A packing thread ended'
    )
  }))
