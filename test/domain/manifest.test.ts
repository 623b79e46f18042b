import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { contentHash, type HashedEntry } from '../../src/domain/content-hash.js'
import {
  compareManifests,
  type Manifest,
  type ManifestHook,
  manifestKey,
  parseManifest,
  writeManifest
} from '../../src/domain/manifest.js'
import { sha } from '../fakes/nouns.js'

const file = (path: string, content = 'a', mode = 0o644): HashedEntry => ({
  path,
  kind: 'file',
  mode,
  size: content.length,
  sha256: content.repeat(64).slice(0, 64)
})
const folder = (path: string, mode = 0o755): HashedEntry => ({ path, kind: 'directory', mode, size: 0 })
const symlink = (path: string, target: string): HashedEntry => ({
  path,
  kind: 'symlink',
  mode: 0o777,
  size: 0,
  target
})
const manifest = (entries: HashedEntry[], hooks: ManifestHook[] = []): Manifest => ({
  contentHash: contentHash(entries),
  size: 100,
  hooks,
  entries
})
const keyOf = ({ contentHash: hash }: Manifest): string =>
  `codedeploy/shop/${sha('a')}-${hash.slice(0, 12)}.zip`

describe('where a manifest is stored', () => {
  test('beside the bundles, where no search for a short commit looks', () => {
    const key = `codedeploy/shop/${sha('a')}-0123456789ab.tgz`
    expect(manifestKey(key)).toBe(`codedeploy/shop/manifests/${sha('a')}-0123456789ab.tgz.json.gz`)
    expect(manifestKey(`${sha('a')}-0123456789ab.zip`)).toBe(`manifests/${sha('a')}-0123456789ab.zip.json.gz`)
  })

  test('nowhere for a bundle that this action did not store', () => {
    expect(manifestKey('releases/app.zip')).toBeUndefined()
  })
})

const anEntry = (path: string): fc.Arbitrary<HashedEntry> =>
  fc.oneof(
    fc
      .tuple(fc.nat(0o7777), fc.nat(), fc.stringMatching(/^[0-9a-f]{64}$/))
      .map(([mode, size, sha256]): HashedEntry => ({ path, kind: 'file', mode, size, sha256 })),
    fc.nat(0o7777).map((mode) => folder(path, mode)),
    fc.string({ unit: 'grapheme', minLength: 1 }).map((target) => symlink(path, target))
  )
const aTree = fc
  .uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), { maxLength: 20 })
  .chain((paths) => fc.tuple(...paths.map(anEntry)))

describe('a stored manifest', () => {
  test('reads back as it was written, whatever its paths and links are', () => {
    const hooks = [{ event: 'ValidateService', script: 'a "b"\n.sh', timeout: 60, runas: 'root' }]
    fc.assert(
      fc.property(aTree, (entries) => {
        const whole = manifest(entries, hooks)
        expect(parseManifest(writeManifest(whole), keyOf(whole))).toEqual(whole)
      }),
      { numRuns: 40 }
    )
  })

  const whole = manifest([file('a'), folder('d'), symlink('l', 'a')], [{ event: 'X', script: 'a' }])
  const text = writeManifest(whole)

  test.each<[string, string, string | RegExp]>([
    ['cut off', text.slice(0, -3), 'it is cut off'],
    ['without its last line', text.split('\n').slice(0, -2).join('\n') + '\n', /do not have the hash/],
    ['empty', '', 'it is cut off'],
    ['of nothing but line breaks', '\n'.repeat(300_000), 'it lists more than 100000 entries'],
    ['with an endless line', `[${'1,'.repeat(4_200_000)}1]\n`, /a line has \d+ characters/],
    ['not JSON', 'x\n', 'JSON'],
    ['no object', 'null\n', 'its first line is not an object'],
    ['of a newer version', text.replace('"version":1', '"version":2'), 'its version is 2, expected 1'],
    ['without hooks', text.replace('"hooks"', '"hook"'), 'its first line is not that of a manifest'],
    ['without a size', text.replace('"size":100', '"size":"x"'), 'its first line is not that of a manifest'],
    [
      'without a hash',
      text.replace('"contentHash":"', '"contentHash":["').replace('","size', '"],"size'),
      'its first line is not that'
    ],
    ['with another entry', text.replace('"a",1', '"b",1'), /do not have the hash/],
    ['with another mode', text.replace('["f",420', '["f",493'), /do not have the hash/],
    ['with an entry that is no list', text.replace('["d"', '{"d":1}\n["d"'), 'an entry is not a list'],
    [
      'with an entry without a path',
      text.replace('["d",493,"d"]', '["d",493]'),
      'an entry has no mode or no path'
    ],
    [
      'with an entry without a mode',
      text.replace('["d",493,"d"]', '["d","x","d"]'),
      'an entry has no mode or no path'
    ],
    ['with an unknown kind', text.replace('["d"', '["x"'), 'an entry has the kind "x"'],
    ['with a file without a hash', text.replace(/\["f".*\]/, '["f",420,"a",1]'), 'an entry has the kind "f"'],
    [
      'with a file without a size',
      text.replace(/\["f".*\]/, '["f",420,"a","1","a"]'),
      'an entry has the kind "f"'
    ],
    ['with a link without a target', text.replace(/\["l".*\]/, '["l",511,"l"]'), 'an entry has the kind "l"'],
    [
      'with a hook without a script',
      text.replace('"script":"a"', '"script":1'),
      'a hook has no event or no script'
    ],
    [
      'with a hook without an event',
      text.replace('"event":"X"', '"event":1'),
      'a hook has no event or no script'
    ],
    [
      'with a hook that is nothing',
      text.replace('{"event":"X","script":"a"}', 'null'),
      'a hook has no event or no script'
    ]
  ])('is refused %s', (_, damaged, why) => {
    expect(damaged).not.toBe(text)
    expect(() => parseManifest(damaged, keyOf(whole))).toThrow(why)
  })

  test('of another bundle is refused', () => {
    expect(() => parseManifest(text, `x/${sha('a')}-0123456789ab.zip`)).toThrow(
      'it belongs to another bundle'
    )
    expect(() => parseManifest(text, 'x/app.zip')).toThrow('it belongs to another bundle')
  })

  test('a timeout and a user that are none are left out', () => {
    const odd = text.replace('"script":"a"', '"script":"a","timeout":"5","runas":5')
    expect(parseManifest(odd, keyOf(whole)).hooks).toEqual([{ event: 'X', script: 'a' }])
  })
})

describe('what changes on a server', () => {
  const changes = (from: HashedEntry[], to: HashedEntry[]) => {
    const { added, changed, removed, modeChanged } = compareManifests(manifest(from), manifest(to))
    return { added, changed, removed, modeChanged }
  }
  const nothing = { added: [], changed: [], removed: [], modeChanged: [] }

  test.each<[string, HashedEntry[], HashedEntry[], object]>([
    ['nothing', [file('a'), folder('d')], [file('a'), folder('d')], {}],
    ['a new file', [], [file('a')], { added: ['a'] }],
    ['a file that is gone', [file('a')], [], { removed: ['a'] }],
    ['other content', [file('a')], [file('a', 'b')], { changed: ['a'] }],
    ['other content and another mode', [file('a')], [file('a', 'b', 0o755)], { changed: ['a'] }],
    ['another mode', [file('a')], [file('a', 'a', 0o755)], { modeChanged: ['a'] }],
    ['another mode of a folder', [folder('d')], [folder('d', 0o700)], { modeChanged: ['d'] }],
    ['folders come and go with their files', [folder('d')], [folder('e')], {}],
    ['a link to somewhere else', [symlink('l', 'a')], [symlink('l', 'b')], { changed: ['l'] }],
    ['a link’s mode means nothing', [symlink('l', 'a')], [{ ...symlink('l', 'a'), mode: 0o755 }], {}],
    ['a file that becomes a link', [file('a')], [symlink('a', 'b')], { changed: ['a'] }],
    ['a file that becomes a folder', [file('a')], [folder('a')], { removed: ['a'] }],
    ['a folder that becomes a file', [folder('a')], [file('a')], { added: ['a'] }]
  ])('%s', (_, from, to, expected) => expect(changes(from, to)).toEqual({ ...nothing, ...expected }))

  test('applied to what was there, the changes give what is there then', () => {
    fc.assert(
      fc.property(aTree, aTree, (from, to) => {
        const { added, changed, removed } = changes(from, to)
        const files = (entries: HashedEntry[]): string[] =>
          entries.filter(({ kind }) => kind !== 'directory').map(({ path }) => path)
        const left = files(from).filter((path) => !removed.includes(path))
        expect([...left, ...added].sort()).toEqual(files(to).sort())
        expect(changed.every((path) => left.includes(path))).toBe(true)
      }),
      { numRuns: 40 }
    )
  })
})

describe('what changes about hooks', () => {
  const hook = (members: Partial<ManifestHook> = {}): ManifestHook => ({
    event: 'X',
    script: 'a',
    ...members
  })
  test.each<[string, ManifestHook[], ManifestHook[], string, object[]]>([
    ['nothing', [hook()], [hook()], 'a', []],
    ['a new one', [], [hook()], 'a', [{ event: 'X', script: 'a', change: 'added' }]],
    ['one that is gone', [hook()], [], 'a', [{ event: 'X', script: 'a', change: 'removed' }]],
    [
      'another content of its script',
      [hook()],
      [hook()],
      'b',
      [{ event: 'X', script: 'a', change: 'changed' }]
    ],
    [
      'another timeout',
      [hook()],
      [hook({ timeout: 5 })],
      'a',
      [{ event: 'X', script: 'a', change: 'settings' }]
    ],
    [
      'another user',
      [hook({ runas: 'root' })],
      [hook()],
      'a',
      [{ event: 'X', script: 'a', change: 'settings' }]
    ],
    [
      'nothing, where an event runs a script twice',
      [hook({ timeout: 1 }), hook({ timeout: 2 })],
      [hook({ timeout: 1 }), hook({ timeout: 2 })],
      'a',
      []
    ],
    [
      'another timeout of one of two runs of a script',
      [hook({ timeout: 1 }), hook({ timeout: 2 })],
      [hook({ timeout: 1 }), hook({ timeout: 3 })],
      'a',
      [{ event: 'X', script: 'a', change: 'settings' }]
    ],
    [
      'another event for the same script',
      [hook()],
      [hook({ event: 'Y' })],
      'a',
      [
        { event: 'Y', script: 'a', change: 'added' },
        { event: 'X', script: 'a', change: 'removed' }
      ]
    ]
  ])('%s', (_, from, to, content, expected) => {
    const changes = compareManifests(manifest([file('a')], from), manifest([file('a', content)], to))
    expect(changes.hooks).toEqual(expected)
  })

  test.each<[string, HashedEntry[], HashedEntry[], boolean]>([
    [
      'the file behind a link',
      [symlink('a', 'bin/b'), file('bin/b')],
      [symlink('a', 'bin/b'), file('bin/b', 'b')],
      true
    ],
    [
      'a link to another file',
      [symlink('a', 'b'), file('b'), file('c', 'c')],
      [symlink('a', 'c'), file('b'), file('c', 'c')],
      true
    ],
    [
      'a link to the same content',
      [symlink('a', 'b'), file('b'), file('c')],
      [symlink('a', 'c'), file('b'), file('c')],
      false
    ],
    ['a link out of the bundle', [symlink('a', '/bin/b')], [symlink('a', '/bin/c')], true],
    [
      'links in a circle',
      [symlink('a', 'b'), symlink('b', 'a')],
      [symlink('a', 'b'), symlink('b', 'a')],
      false
    ]
  ])('%s', (_, from, to, isChanged) => {
    const { hooks } = compareManifests(manifest(from, [hook()]), manifest(to, [hook()]))
    expect(hooks).toEqual(isChanged ? [{ event: 'X', script: 'a', change: 'changed' }] : [])
  })
})
