import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openFolder } from '../../src/bundle/folder.js'
import { type HashedFolder, hashFolder } from '../../src/bundle/hash-folder.js'
import { packFolder } from '../../src/bundle/pack-folder.js'
import { inlinePool, type Pool, threadPool } from '../../src/bundle/pool.js'

/** One item in a tree: a file if it has `content`, a link if it has `link`, otherwise a folder. */
export interface Item {
  path: string
  content?: string | Uint8Array
  link?: string
  mode?: number
}

/** Creates a folder that is removed when `use` is done. */
export const withTemporary = async <T>(use: (folder: string) => Promise<T> | T): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-test-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Creates a tree. Modes are set last and bottom-up, so a folder may be read-only. */
export const plant = (root: string, items: readonly Item[]): void => {
  mkdirSync(root, { recursive: true })
  for (const { path, content, link } of items) {
    const place = join(root, path)
    mkdirSync(dirname(place), { recursive: true })
    if (link !== undefined) symlinkSync(link, place)
    else if (content !== undefined) writeFileSync(place, content)
    else mkdirSync(place, { recursive: true })
  }
  for (const { path, mode, link } of [...items].reverse())
    if (mode !== undefined && link === undefined) chmodSync(join(root, path), mode)
}

/** A pool of real threads, like those of the bundled action. */
export const threads = (size: number): Pool => threadPool(size, new URL('pack-thread.mjs', import.meta.url))

export const hashTree = async (
  root: string,
  pool = inlinePool(),
  exclude: string[] = []
): Promise<HashedFolder> => hashFolder(await openFolder(root, { exclude }), { pool })

export const bytesOf = async (hashed: HashedFolder, pool = inlinePool(), level = 4): Promise<Buffer> => {
  const pieces: Buffer[] = []
  for await (const { bytes, release } of packFolder(hashed, { pool, level }).chunks()) {
    pieces.push(Buffer.from(bytes))
    release()
  }
  return Buffer.concat(pieces)
}

export const archive = async (
  root: string,
  options: { pool?: Pool; level?: number } = {}
): Promise<Buffer> => {
  const pool = options.pool ?? inlinePool()
  return bytesOf(await hashTree(root, pool), pool, options.level)
}

/** A tree as lines that can be compared: path, kind, mode and hash of the content. */
export const describeTree = (root: string): string[] => below(root, '').sort()

// Not readdir's own `recursive`: on Node 20 it follows links, and loops forever on a link to `..`.
const below = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder)).flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`
    const place = join(root, path)
    const stats = lstatSync(place)
    const mode = (stats.mode & 0o7777).toString(8)
    if (stats.isSymbolicLink()) return [`${path} -> ${readlinkSync(place)}`]
    if (stats.isDirectory()) return [`${path}/ ${mode}`, ...below(root, path)]
    return [`${path} ${mode} ${createHash('sha256').update(readFileSync(place)).digest('hex')}`]
  })

/** Whether a program is installed; tests that need it are otherwise skipped. */
export const has = (program: string): boolean => spawnSync(program, ['--help']).error === undefined

export const run = (program: string, args: readonly string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
  return { status, output: `${stdout}${stderr}` }
}
