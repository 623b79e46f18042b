import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A tree to bundle. */
export interface Tree {
  name: string
  path: string
}

const APPSPEC = 'version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /srv/app\n'

/** A small random number generator (mulberry32): the same seed gives the same tree on every machine. */
const random = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const SYLLABLES = 'ar be co de el fu ga hi in jo ka lo mi no op pa qu re st to un ve wi xa yo ze'.split(' ')

/** Text of made-up words with a skewed distribution, so that it compresses about 3:1, as source code does. */
const text = (size: number, next: () => number, words: readonly string[]): Buffer => {
  const pieces: string[] = []
  for (let length = 0; length < size;) {
    const word = words[Math.floor(words.length * next() ** 6)] ?? ''
    const mark = next() < 0.12 ? ([', ', '.\n', '(', ') ', ' = '][Math.floor(next() * 5)] ?? ' ') : ' '
    pieces.push(word, mark)
    length += word.length + mark.length
  }
  return Buffer.from(pieces.join('')).subarray(0, size)
}

const vocabulary = (): string[] => {
  const next = random(1)
  const word = () =>
    Array.from(
      { length: 1 + Math.floor(next() * 4) },
      () => SYLLABLES[Math.floor(next() * SYLLABLES.length)]
    ).join('')
  return Array.from({ length: 6000 }, word)
}

const noise = (size: number, next: () => number): Buffer => {
  const words = new Uint32Array(Math.ceil(size / 4))
  for (let index = 0; index < words.length; index++) words[index] = next() * 2 ** 32
  return Buffer.from(words.buffer).subarray(0, size)
}

const make = (place: string, fill: (put: (path: string, data: Buffer) => void) => void): void => {
  if (existsSync(join(place, 'appspec.yml'))) return
  rmSync(place, { recursive: true, force: true })
  fill((path, data) => {
    const file = join(place, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, data)
  })
  writeFileSync(join(place, 'appspec.yml'), APPSPEC)
}

const MB = 1_000_000

/**
 * The four kinds of tree below `root`, created once. `share` scales the large ones: 1 is 1 GiB of noise and 300 MB of text. The
 * application is this repository's own node_modules, linked repeatedly up to about 65,000 files (times `share`): real sizes, names
 * and contents without a registry.
 */
export const makeTrees = (root: string, options: { share: number; modules: string }): Tree[] => {
  const words = vocabulary()
  const { share } = options
  const place = (name: string): string => join(root, share === 1 ? name : `${name}-${share}`)
  make(place('small'), (put) => {
    for (let index = 0; index < 200; index++)
      put(`d${index % 12}/f${index}.txt`, text(5000 + ((index * 37) % 480) - 240, random(100 + index), words))
  })
  make(place('mixed'), (put) => {
    for (let index = 0; index < 20; index++)
      put(`part${index}.log`, text(15 * MB * share, random(1000 + index), words))
  })
  make(place('jar'), (put) => {
    for (let index = 0; index < 5; index++)
      put(`lib/app${index}.jar`, noise(Math.round((share * 2 ** 30) / 5), random(7000 + index)))
  })
  application(place('app'), { wanted: 65_000 * share, modules: options.modules })
  return ['small', 'mixed', 'jar', 'app'].map((name) => ({ name, path: place(name) }))
}

const application = (place: string, { wanted, modules }: { wanted: number; modules: string }): void => {
  if (existsSync(join(place, 'appspec.yml'))) return
  rmSync(place, { recursive: true, force: true })
  let count = 0
  for (let copy = 1; count < wanted; copy++)
    count += link(modules, join(place, `copy${copy}`), wanted - count)
  writeFileSync(join(place, 'appspec.yml'), APPSPEC)
}

/** Links files, or copies them where the file system cannot link, and returns their number. */
const link = (from: string, to: string, most: number): number => {
  mkdirSync(to, { recursive: true })
  let count = 0
  for (const item of readdirSync(from, { withFileTypes: true })) {
    if (count >= most) return count
    const [source, copy] = [join(from, item.name), join(to, item.name)]
    if (item.isDirectory()) count += link(source, copy, most - count)
    else if (item.isFile()) {
      linkOrCopy(source, copy)
      count++
    }
  }
  return count
}

const linkOrCopy = (source: string, copy: string): void => {
  try {
    linkSync(source, copy)
  } catch {
    cpSync(source, copy)
  }
}
