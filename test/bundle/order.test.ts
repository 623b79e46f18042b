import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type HashUnit, hashUnits } from '../../src/bundle/hash-folder.js'
import { cutter, type PackUnit, packUnits } from '../../src/bundle/plan.js'
import { type FolderEntry, walk } from '../../src/bundle/walk.js'
import { plant, withTemporary } from './scene.js'

const step = fc.constantFrom('a', 'a-b', 'a.b', 'a b', 'b', '0', '~', 'é', '가', '\uff01', '\u{1f600}', 'aa')
const path = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('/'))

/** Without paths that conflict: a file cannot also be a folder. */
const tree = fc
  .uniqueArray(path, { maxLength: 25 })
  .map((paths) => paths.filter((one) => !paths.some((other) => other !== one && other.startsWith(`${one}/`))))

test('entries are found in byte order of their paths', async () => {
  await fc.assert(
    fc.asyncProperty(tree, (paths) =>
      withTemporary((root) => {
        plant(
          root,
          paths.map((one) => ({ path: one, content: '' }))
        )
        const found = [...walk(root, () => false)].flat().map((entry) => entry.path)
        const sorted = [...found].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
        expect(found).toEqual(sorted)
        expect(found.filter((one) => paths.includes(one))).toHaveLength(paths.length)
      })
    ),
    { numRuns: 60 }
  )
})

const entry = fc.record({
  size: fc.constantFrom(0, 700, 60_000, 524_288, 524_289, 9_000_000),
  folder: fc.boolean()
})
const entries = fc.array(entry, { maxLength: 700 }).map((all) =>
  all.map<FolderEntry>(({ size, folder }, index) => ({
    path: `p${index}`,
    kind: folder ? 'directory' : 'file',
    mode: 0o644,
    size: folder ? 0 : size,
    changedAt: 0
  }))
)

test('entries that arrive in pieces are split like entries that are all there', () => {
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 90 }), (all, most) => {
      const cut = cutter()
      const growing: FolderEntry[] = []
      const units: PackUnit[] = []
      for (let at = 0; at < all.length; at += most) {
        growing.push(...all.slice(at, at + most))
        units.push(...cut.next(growing))
      }
      expect([...units, ...cut.end()]).toEqual([...packUnits(all)])
    })
  )
})

test('every file is hashed once, whole or in pieces', () => {
  fc.assert(
    fc.property(entries, (all) => {
      const units = hashUnits()
      units.add(all)
      units.end(all)
      const bytes = new Map<number, number>()
      const read = (index: number, length: number) => bytes.set(index, (bytes.get(index) ?? 0) + length)
      for (let unit: HashUnit | undefined = units.take(); unit !== undefined; unit = units.take())
        if (unit.kind === 'piece') read(unit.entry, unit.length)
        else for (let index = unit.from; index < unit.to; index++) read(index, all[index]?.size ?? 0)
      expect([...bytes].sort(([one], [other]) => one - other)).toEqual(
        all.map(({ size }, index) => [index, size])
      )
    })
  )
})
