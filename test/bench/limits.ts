import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { openFolder } from '../../src/bundle/folder.js'
import type { Tree } from './trees.js'

/** The seconds that the machine itself needs, without hashing, laying out or sending anything. */
export interface Limits {
  /** Every file read once, on all cores. */
  read: number
  /** The same, and each megabyte deflated. */
  deflate: number
}

const LEVEL = 4

export const limitsOf = async (tree: Tree): Promise<Limits> => {
  const { entries, root } = await openFolder(tree.path, { exclude: [] })
  const files = entries.filter(({ kind }) => kind === 'file').sort((one, other) => other.size - one.size)
  const paths = files.map(({ path }) => `${root}/${path}`)
  return { read: await onAllCores('read', paths), deflate: await onAllCores('deflate', paths) }
}

const onAllCores = async (mode: string, paths: readonly string[]): Promise<number> => {
  const cores = availableParallelism()
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: cores }, (_, core) => {
      const files = paths.filter((__, index) => index % cores === core)
      const worker = new Worker(new URL('limit-worker.mjs', import.meta.url), {
        workerData: { mode, level: LEVEL, files }
      })
      return new Promise((resolve, reject) => {
        worker.once('message', resolve).once('error', reject)
      })
    })
  )
  return (performance.now() - startedAt) / 1000
}
