import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { packFolder } from '../../src/bundle/pack-folder.js'
import { inlinePool } from '../../src/bundle/pool.js'
import { archive, describeTree, has, type Item, plant, run, withTemporary } from './scene.js'

interface Unpacker {
  name: string
  program: string
  /** Arguments that test an archive. */
  check: string[]
  /** Python's zipfile keeps neither modes nor links, and 7z no modes, so these two only test. */
  unpack?: (file: string, into: string) => string[]
  /** Removes from a line what this program does not restore, according to its manual. */
  asItWould?: (line: string) => string
}

const unpackers: Unpacker[] = [
  {
    name: 'unzip',
    program: 'unzip',
    check: ['-tqq'],
    unpack: (file, into) => ['-qo', file, '-d', into],
    // It drops set-user-id and similar bits, and control characters; the folder's findings warn about this.
    asItWould: (line) => line.replaceAll('\t', '').replace(/ [2-7](?=[0-7]{3}( |$))/, ' ')
  },
  {
    name: 'bsdtar',
    program: 'bsdtar',
    check: ['-tf'],
    unpack: (file, into) => ['-C', into, '-xpf', file]
  },
  { name: "Python's zipfile", program: 'python3', check: ['-m', 'zipfile', '-t'] },
  { name: '7z', program: '7z', check: ['t'] }
]

// No decomposed accents, since bsdtar composes them, and no semicolons, since unzip reads them as VMS versions.
const name = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...Array.from('ab .-_\'"$é한\u{1f600}ß~*?[]&#%+,=@^!')),
    minLength: 1,
    maxLength: 12
  }),
  fc.constantFrom('CON', 'ä', '-rf', 'x'.repeat(200), 'Thumbs.db', '...', ' lead', 'trail ', 'new\tline')
)
const legal = name.filter((text) => text !== '.' && text !== '..' && !text.includes('/'))
const content = fc.record({
  piece: fc.constantFrom('word ', '\0', 'abcabcd', 'é'),
  size: fc.constantFrom(0, 1, 31, 900, 70_000, 800_000)
})
const mode = fc.constantFrom(0o644, 0o755, 0o600, 0o444, 0o4755, 0o777)
const thing = fc.oneof(
  fc.record({ content, mode }),
  fc.record({ content, mode }),
  fc.record({ link: fc.oneof(legal, fc.constantFrom('..', '/etc/hosts', '../x', 'a/b/c')) }),
  fc.record({ mode: fc.constantFrom(0o755, 0o700, 0o2775) })
)
const trees = fc
  .array(fc.record({ folders: fc.array(legal, { maxLength: 3 }), name: legal, thing }), {
    minLength: 1,
    maxLength: 12
  })
  .map((drafts) =>
    withoutClashes(
      drafts.map(({ folders, name, thing }) => ({ ...thing, path: [...folders, name].join('/') }))
    )
  )

/** Contents are generated as a few numbers, because a failing tree is printed. */
const grown = ({ path, content, link, mode }: Drawn): Item => ({
  path,
  ...(content === undefined ? {} : { content: Buffer.alloc(content.size, content.piece) }),
  ...(link === undefined ? {} : { link }),
  ...(mode === undefined ? {} : { mode })
})

interface Drawn {
  path: string
  content?: { piece: string; size: number }
  link?: string
  mode?: number
}

/** Keeps one item per path, and only folders above it. */
const withoutClashes = (items: Drawn[]): Drawn[] => {
  const kept: Drawn[] = []
  const isBelow = (path: string, above: Drawn): boolean =>
    path.startsWith(`${above.path}/`) && (above.link !== undefined || above.content !== undefined)
  for (const item of items) {
    const clash = kept.some(
      (other) => other.path === item.path || isBelow(item.path, other) || isBelow(other.path, item)
    )
    if (!clash) kept.push(item)
  }
  return kept
}

for (const { name, program, check, unpack, asItWould = (line: string) => line } of unpackers) {
  const there = has(program)
  const about = there ? describe : describe.skip
  about(`${name}${there ? '' : ' (not installed)'}`, () => {
    test('accepts archives of nasty trees, and unpacks the same tree', async () => {
      await fc.assert(
        fc.asyncProperty(trees, fc.constantFrom(0, 1, 4, 9), (items, level) =>
          withTemporary(async (folder) => {
            const [tree, file, into] = ['tree', 'bundle.zip', 'out'].map((part) => join(folder, part))
            if (tree === undefined || file === undefined || into === undefined) throw new Error('no place')
            plant(tree, items.map(grown))
            writeFileSync(file, await archive(tree, { level }))
            expect(run(program, [...check, file])).toMatchObject({ status: 0 })
            if (unpack === undefined) return
            mkdirSync(into)
            expect(run(program, unpack(file, into))).toMatchObject({ status: 0 })
            expect(describeTree(into).map(asItWould).sort()).toEqual(describeTree(tree).map(asItWould).sort())
          })
        ),
        { numRuns: 10, endOnFailure: true }
      )
    })

    test('reads more entries than the 16-bit fields can count', () =>
      withTemporary(async (folder) => {
        const file = join(folder, 'many.zip')
        const bytes: Uint8Array[] = []
        for await (const chunk of manyFolders(66_000).chunks()) bytes.push(Buffer.from(chunk.bytes))
        writeFileSync(file, Buffer.concat(bytes))
        expect(run(program, [...check, file])).toMatchObject({ status: 0 })
      }))
  })
}

/** A tree of only folders, so nothing has to be read. */
const manyFolders = (count: number) => {
  const entries = Array.from({ length: count }, (_, index) => ({
    path: `folder-${index}`,
    kind: 'directory' as const,
    mode: 0o755,
    size: 0,
    changedAt: 0
  }))
  const view = { entries, read: () => Promise.resolve(Buffer.alloc(0)) }
  const folder = { root: '', entries, files: 0, bytes: 0, view, findings: [] }
  return packFolder(
    { folder, contentHash: '', sha256: [], incompressible: new Set(), kept: new Map() },
    { pool: inlinePool(), level: 4 }
  )
}
