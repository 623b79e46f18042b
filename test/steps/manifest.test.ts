import { describe, expect, test } from '@jest/globals'
import { contentHash, type HashedEntry } from '../../src/domain/content-hash.js'
import { type Manifest, manifestKey, writeManifest } from '../../src/domain/manifest.js'
import type { Known } from '../../src/domain/plan.js'
import type { RevisionLocation, StoredLocation } from '../../src/domain/revision.js'
import { ofOperation } from '../../src/domain/fault.js'
import { changesBetween, inTime, type ManifestReader, readManifest } from '../../src/steps/manifest.js'
import { noSignal, virtualClock } from '../fakes/clock.js'
import { type MemoryManifests, memoryManifests } from '../fakes/manifests.js'
import { broken, refusal, sha, stored } from '../fakes/nouns.js'

const file = (path: string, letter: string): HashedEntry => ({
  ...{ path, kind: 'file', mode: 0o644, size: 1 },
  sha256: letter.repeat(64)
})

/** A stored bundle, and its manifest in the store. */
const bundle = (
  digit: string,
  entries: readonly HashedEntry[],
  store: MemoryManifests
): { location: StoredLocation; manifest: Manifest } => {
  const hash = contentHash(entries)
  const key = `codedeploy/shop/${sha(digit)}-${hash.slice(0, 12)}.zip`
  const manifest = { contentHash: hash, size: 100, hooks: [], entries }
  store.texts.set(manifestKey(key) ?? '', writeManifest(manifest))
  return { location: { ...stored(sha(digit)), key }, manifest }
}

describe('reading the manifest of a bundle', () => {
  test('finds what is in it', async () => {
    const store = memoryManifests()
    const { location, manifest } = bundle('a', [file('x', 'a')], store)
    expect(await readManifest(location, store)).toEqual({ value: manifest })
  })

  const whyNot = async (location: RevisionLocation | undefined, store: MemoryManifests): Promise<string> => {
    const found = await readManifest(location, store)
    return 'unknown' in found ? found.unknown : 'found'
  }
  const ADDRESS = `s3://bundles/codedeploy/shop/manifests/${sha('a')}-0123456789ab.zip.json.gz`

  test.each<[string, RevisionLocation | undefined, string]>([
    ['from GitHub', { kind: 'foreign', text: 'org/app@1' }, 'org/app@1 was not stored by this action.'],
    [
      'of another tool',
      { ...stored(sha('a')), key: 'by-hand/app.zip' },
      's3://bundles/by-hand/app.zip was not stored by this action.'
    ],
    ['without a name', undefined, 'the revision was not stored by this action.'],
    [
      'of an older version',
      stored(sha('a')),
      `${ADDRESS} does not exist; bundles that an older version of this action stored have no manifest.`
    ]
  ])('a revision %s has none', async (_, location, words) => {
    expect(await whyNot(location, memoryManifests())).toBe(words)
  })

  test.each([
    ['empty', () => '', /cannot be read: it is cut off\.$/],
    ['cut off', (text: string) => text.slice(0, -2), /cannot be read: it is cut off\.$/],
    ['no JSON', () => 'hello\n', /cannot be read: .*JSON/],
    ['changed', (text: string) => text.replace('"x"', '"y"'), /do not have the hash that it names\.$/]
  ])('a damaged one says so: %s', async (_, damage, words) => {
    const store = memoryManifests()
    const { location, manifest } = bundle('a', [file('x', 'a')], store)
    store.texts.set(manifestKey(location.key) ?? '', damage(writeManifest(manifest)))
    expect(await whyNot(location, store)).toMatch(words)
  })

  test('that of another bundle is not believed', async () => {
    const store = memoryManifests()
    const { location } = bundle('a', [file('x', 'a')], store)
    const other = bundle('b', [file('x', 'b')], store)
    store.texts.set(manifestKey(location.key) ?? '', writeManifest(other.manifest))
    expect(await whyNot(location, store)).toMatch(/cannot be read: it belongs to another bundle\.$/)
  })

  test.each([
    [
      'refused',
      ofOperation(refusal('AccessDenied', 'refused', 403), 'GetObject'),
      `${ADDRESS} cannot be read: refused (AccessDenied); allow the role s3:GetObject`
    ],
    ['lost', broken(), `${ADDRESS} cannot be read: socket hang up (ECONNRESET).`],
    ['too large', new Error('it has 9 bytes, more than 8'), `${ADDRESS} cannot be read: it has 9 bytes`]
  ])('an error says why: %s', async (_, error, words) => {
    const store = memoryManifests()
    store.failing.read = error
    expect(await whyNot(stored(sha('a')), store)).toContain(words)
  })

  test('a cancel is not a reason', async () => {
    const store = memoryManifests()
    const canceled = Object.assign(new Error('canceled'), { name: 'AbortError' })
    store.failing.read = canceled
    await expect(readManifest(stored(sha('a')), store)).rejects.toBe(canceled)
  })
})

describe('what changes between two bundles', () => {
  const reading = (store: MemoryManifests): { read: ManifestReader; count: () => number } => {
    let reads = 0
    const read: ManifestReader = (location) => {
      reads += 1
      return readManifest(location, store)
    }
    return { read, count: () => reads }
  }

  test('are the files that differ', async () => {
    const store = memoryManifests()
    const from = bundle('a', [file('x', 'a'), file('y', 'a')], store)
    const to = bundle('b', [file('x', 'b'), file('z', 'a')], store)
    const found = await changesBetween(from.location, to.location, reading(store).read)
    expect(found).toEqual({
      value: { added: ['z'], changed: ['x'], removed: ['y'], modeChanged: [], hooks: [] }
    })
  })

  test('is nothing for the same tree, and nothing is read to know that', async () => {
    const { read, count } = reading(memoryManifests())
    const found = await changesBetween(stored(sha('a')), stored(sha('b')), read)
    expect(found).toMatchObject({ value: { added: [], changed: [], removed: [] } })
    expect(count()).toBe(0)
  })

  test.each(['from', 'to'] as const)('is not known without the manifest of `%s`', async (missing) => {
    const store = memoryManifests()
    const bundles = {
      from: bundle('a', [file('x', 'a')], store).location,
      to: bundle('b', [file('x', 'b')], store).location
    }
    store.texts.delete(manifestKey(bundles[missing].key) ?? '')
    const found = await changesBetween(bundles.from, bundles.to, reading(store).read)
    expect(found).toEqual({ unknown: expect.stringContaining(bundles[missing].key.split('/').at(-1) ?? '') })
  })
})

describe('a limit of time', () => {
  const never = (signal: AbortSignal): Promise<Known<string>> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error)
      })
    })

  test('an answer in time counts, and leaves nothing behind that waits', async () => {
    const clock = virtualClock()
    const found = await inTime(5_000, () => Promise.resolve({ value: 'x' }), { clock, signal: noSignal() })
    expect(found).toEqual({ value: 'x' })
    expect(clock.now()).toBeLessThan(virtualClock().now() + 5_000)
  })

  test('a read that takes longer is ended, and the value is not known', async () => {
    const clock = virtualClock()
    let ended = false
    const slow = (signal: AbortSignal): Promise<Known<string>> => {
      signal.addEventListener('abort', () => (ended = true))
      return never(signal)
    }
    const found = await inTime(5_000, slow, { clock, signal: noSignal() })
    expect(found).toEqual({ unknown: 'S3 did not answer within 5 s.' })
    expect([ended, clock.slept]).toEqual([true, [5_000]])
  })

  test('a cancel ends it with its own reason', async () => {
    const canceled = new AbortController()
    const clock = virtualClock()
    const reason = new Error('canceled')
    clock.at(clock.now() + 1_000, () => {
      canceled.abort(reason)
    })
    await expect(inTime(5_000, never, { clock, signal: canceled.signal })).rejects.toBe(reason)
  })
})
