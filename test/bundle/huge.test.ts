import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { openFolder } from '../../src/bundle/folder.js'
import { hashFolder } from '../../src/bundle/hash-folder.js'
import { packFolder } from '../../src/bundle/pack-folder.js'
import { has, plant, run, threads, withTemporary } from './scene.js'

const SIZE = 4_400_000_000

/** A file with a hole in it: of more than 4 GiB, of which next to nothing lies on the disk. */
const plantHuge = (file: string): void => {
  const descriptor = openSync(file, 'w')
  writeSync(descriptor, 'begin')
  ftruncateSync(descriptor, SIZE - 3)
  writeSync(descriptor, 'end', SIZE - 3)
  closeSync(descriptor)
}

const TESTERS: [program: string, check: string[]][] = [
  ['unzip', ['-tqq']],
  ['python3', ['-m', 'zipfile', '-t']]
]
const tester = TESTERS.find(([program]) => has(program))

const about = tester === undefined ? test.skip : test
about(
  'a file of more than 4 GiB is packed whole, in little memory',
  async () => {
    await withTemporary(async (root) => {
      const [program, check] = tester ?? ['', []]
      plant(join(root, 'tree'), [{ path: 'z/after', content: 'after it' }])
      plantHuge(join(root, 'tree/huge'))
      const pool = threads(2)
      try {
        const hashed = await hashFolder(await openFolder(join(root, 'tree'), { exclude: [] }), { pool })
        const archive = openSync(join(root, 'bundle.zip'), 'w')
        let most = 0
        for await (const { bytes, release } of packFolder(hashed, { pool, level: 1 }).chunks()) {
          writeSync(archive, bytes)
          release()
          most = Math.max(most, process.memoryUsage().arrayBuffers)
        }
        closeSync(archive)
        // What lies ready at the threads, and nothing that grows with the file.
        expect(most).toBeLessThan(60 * 1024 * 1024)
        expect(run(program, [...check, join(root, 'bundle.zip')])).toMatchObject({ status: 0 })
      } finally {
        await pool.close()
      }
    })
  },
  180_000
)
