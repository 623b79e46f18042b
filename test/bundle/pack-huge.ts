import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openFolder } from '../../src/bundle/folder.js'
import { hashFolder } from '../../src/bundle/hash-folder.js'
import { packFolder } from '../../src/bundle/pack-folder.js'
import { threads } from './scene.js'

// A separate process (`node --expose-gc`), so neither the test runner nor garbage counts as memory.
// It packs `tree` in the given folder into `bundle.zip` next to it.

const CHUNKS_PER_LOOK = 200
const [root = ''] = process.argv.slice(2)
const held = (): number => {
  globalThis.gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

const pool = threads(2)
try {
  const hashed = await hashFolder(await openFolder(join(root, 'tree'), { exclude: [] }), { pool })
  const archive = openSync(join(root, 'bundle.zip'), 'w')
  const before = held()
  let most = 0
  let chunks = 0
  for await (const { bytes, release } of packFolder(hashed, { pool, level: 1 }).chunks()) {
    writeSync(archive, bytes)
    release()
    if (++chunks % CHUNKS_PER_LOOK === 0) most = Math.max(most, held())
  }
  closeSync(archive)
  console.log(JSON.stringify({ looks: Math.floor(chunks / CHUNKS_PER_LOOK), grown: most - before }))
} finally {
  await pool.close()
}
