import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { type BundleEntry, countOf, type Finding, gatherFindings, restOf } from '../../src/domain/bundle.js'
import { contentHash, type HashedEntry } from '../../src/domain/content-hash.js'
import { FREELY_UNPACKED_BYTES, isBomb, MOST_SWELLING } from '../../src/domain/limits.js'

const entry = (path: string, members: Partial<HashedEntry> = {}): HashedEntry => ({
  path,
  kind: 'file',
  mode: 0o644,
  size: 3,
  sha256: 'aa',
  ...members
})

describe('the content hash of a tree', () => {
  const folder: BundleEntry = { path: 'bin', kind: 'directory', mode: 0o755, size: 4096 }
  const link: BundleEntry = { path: 'now', kind: 'symlink', mode: 0o644, size: 9, target: 'bin' }
  const tree = [entry('b'), folder, link, entry('B')]

  test('is that of its lines, in the order of the bytes of their paths', () => {
    const lines = [
      'bundle 2',
      '["file","644","B","",3,"aa"]',
      '["file","644","b","",3,"aa"]',
      '["directory","755","bin","",0,""]',
      '["symlink","777","now","bin",0,""]'
    ]
    const expected = createHash('sha256')
      .update(lines.map((line) => `${line}\n`).join(''))
      .digest('hex')
    expect(contentHash(tree)).toBe(expected)
    expect(contentHash([...tree].reverse())).toBe(expected)
  })

  test.each<[string, HashedEntry, boolean]>([
    ['another mode', entry('b', { mode: 0o755 }), true],
    ['the setuid bit', entry('b', { mode: 0o4644 }), true],
    ['the bits of a mode that say what kind it is', entry('b', { mode: 0o100644 }), false],
    ['another size', entry('b', { size: 4 }), true],
    ['another content', entry('b', { sha256: 'bb' }), true],
    ['another path', entry('c'), true],
    ['a folder of that name', { ...folder, path: 'b' }, true]
  ])('with %s is another: %s', (_, other, differs) => {
    expect(contentHash([other]) !== contentHash([entry('b')])).toBe(differs)
  })
})

describe('findings', () => {
  const finding = (severity: Finding['severity'], message = 'x'): Finding => ({
    severity,
    file: 'appspec.yml',
    message
  })

  test('a thousand of each severity are kept, and one stands for the others of it', () => {
    const findings = gatherFindings()
    for (let count = 0; count < 1_002; count++) findings.add(finding('error'))
    for (let count = 0; count < 1_000; count++) findings.add(finding('warning'))
    const all = findings.all()
    expect(all).toHaveLength(2_001)
    expect(all.at(-1)).toEqual({
      severity: 'error',
      file: '',
      message: '2 more of these are not listed individually.',
      times: 2
    })
    expect([countOf(all, 'error'), countOf(all, 'warning')]).toEqual([1_002, 1_000])
  })

  test('nothing stands for none', () => {
    expect(restOf('warning', 0)).toEqual([])
    expect(restOf('error', 1)).toMatchObject([
      { severity: 'error', message: '1 more of these is not listed individually.' }
    ])
    expect(gatherFindings().all()).toEqual([])
  })

  test.each([
    [1_500, 'y'.repeat(1_500)],
    [1_507, `${'y'.repeat(1_500)}… (7 more characters)`]
  ])('of a message of %d characters, at most 1,500 are kept', (length, message) => {
    const findings = gatherFindings()
    findings.add(finding('error', 'y'.repeat(length)))
    expect(findings.all()).toEqual([finding('error', message)])
  })
})

test.each([
  ['little may come from anything', FREELY_UNPACKED_BYTES, 1, false],
  ['much from little', FREELY_UNPACKED_BYTES + 1, FREELY_UNPACKED_BYTES / MOST_SWELLING, true],
  ['much from much', 2 * FREELY_UNPACKED_BYTES, (2 * FREELY_UNPACKED_BYTES) / MOST_SWELLING, false]
])('whether an archive is a bomb: %s', (_, unpacked, archive, bomb) => {
  expect(isBomb(unpacked, archive)).toBe(bomb)
})
