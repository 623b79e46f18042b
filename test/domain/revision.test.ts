import { holders } from '../../src/domain/deployment.js'
import { describe, expect, test } from '@jest/globals'
import { parseCommit, short, subjectOf } from '../../src/domain/commit.js'
import {
  parseRevisionKey,
  revisionFolder,
  revisionKey,
  type RevisionLocation,
  sameRevision,
  type StoredLocation,
  trimPrefix
} from '../../src/domain/revision.js'
import { deployment, sha, stored } from '../fakes/nouns.js'

describe('keys', () => {
  test.each([
    ['a prefix', 'codedeploy', 'codedeploy/shop/'],
    ['slashes around it', '/a/b//', 'a/b/shop/'],
    ['none', '', 'shop/'],
    ['only a slash', '/', 'shop/']
  ])('folder with %s', (_, prefix, folder) => {
    expect(revisionFolder(prefix, 'shop')).toBe(folder)
    expect(trimPrefix(prefix)).not.toMatch(/^\/|\/$/)
  })

  test('the same revision always has the same key, and it is read back', () => {
    const key = revisionKey(
      { prefix: 'codedeploy', application: 'shop' },
      { commit: sha('c'), contentHash: '0123456789abcdef'.repeat(4), bundleType: 'tgz' }
    )
    expect(key).toBe(`codedeploy/shop/${sha('c')}-0123456789ab.tgz`)
    expect(parseRevisionKey(key)).toEqual({ commit: sha('c'), hash: '0123456789ab', bundleType: 'tgz' })
  })

  test.each([
    ['no hash', `x/${sha('c')}.zip`],
    ['a short commit', 'x/cccccccc-0123456789ab.zip'],
    ['upper case', `x/${sha('C')}-0123456789ab.zip`],
    ['another type', `x/${sha('c')}-0123456789ab.jar`],
    ['a folder', `x/${sha('c')}-0123456789ab.zip/`],
    ['nothing', '']
  ])('not ours: %s', (_, key) => {
    expect(parseRevisionKey(key)).toBeUndefined()
  })
})

describe('commits', () => {
  test.each([
    [sha('a'), true],
    ['a'.repeat(39), false],
    ['A'.repeat(40), false],
    ['한'.repeat(40), false],
    [`${sha('a')}\n`, false],
    ['', false]
  ])('%j', (text, is) => {
    expect(parseCommit(text) !== undefined).toBe(is)
  })
  test.each([
    ['Fix\n\nbecause', 'Fix'],
    ['Fix\r\nbecause', 'Fix'],
    ['', ''],
    ['x'.repeat(1_001), 'x'.repeat(1_000)]
  ])('the subject of %j is its first line', (message, subject) => {
    expect(subjectOf(message)).toBe(subject)
  })

  test('short is eight digits', () => {
    expect(short(sha('b'))).toBe('bbbbbbbb')
  })
})

describe('one stored bundle', () => {
  const pinned = stored(sha('a'))
  /** In a bucket without versions, and registered by somebody who gave no ETag. */
  const bare: StoredLocation = { kind: 's3', bucket: pinned.bucket, key: pinned.key, bundleType: 'zip' }
  const foreign: RevisionLocation = { kind: 'foreign', text: 'org/app@abc' }
  test.each<[string, RevisionLocation | undefined, RevisionLocation | undefined, boolean]>([
    ['the same pins', pinned, { ...pinned }, true],
    ['no pins at all', bare, bare, true],
    ['pins that only one has', pinned, bare, true],
    ['only the same version', { ...bare, version: 'v-1' }, { ...bare, version: 'v-1' }, true],
    ['only another version', { ...bare, version: 'v-1' }, { ...bare, version: 'v-2' }, false],
    ['the same ETag, in quotes and without', pinned, { ...pinned, etag: 'aaaaaaaa' }, true],
    ['the same ETag of another version', pinned, { ...pinned, version: 'v-2' }, false],
    ['another ETag of the same version', pinned, { ...pinned, etag: '"b"' }, false],
    ['another key', bare, { ...bare, key: 'p/app/b.zip' }, false],
    ['another commit', pinned, stored(sha('b')), false],
    ['another bucket', pinned, { ...pinned, bucket: 'other' }, false],
    ['one in S3 and one elsewhere', pinned, foreign, false],
    ['one elsewhere, twice', foreign, { ...foreign }, true],
    ['two elsewhere', foreign, { ...foreign, text: 'org/app@def' }, false],
    ['one and none', bare, undefined, false],
    ['none at all', undefined, undefined, false]
  ])('%s', (_, one, other, same) => {
    expect([sameRevision(one, other), sameRevision(other, one)]).toEqual([same, same])
  })
})

describe('who holds a group', () => {
  test('oldest first, whatever its status, but none that is over or only catches up', () => {
    const at = (second: number): Date => new Date(second * 1000)
    const all = [
      deployment({ id: 'd-3', status: 'Pondering', createdAt: at(3) }),
      deployment({ id: 'd-1', status: 'Ready', createdAt: at(1) }),
      deployment({ id: 'd-2', status: 'Baking', creator: 'CodeDeployAutoUpdate', createdAt: at(2) }),
      deployment({ id: 'd-4', status: 'InProgress', creator: 'codeDeployRollback', createdAt: at(4) }),
      deployment({ id: 'd-5', creator: 'autoscaling' }),
      deployment({ id: 'd-6', creator: 'autoscalingTermination' }),
      ...['Succeeded', 'Failed', 'Stopped'].map((status) => deployment({ id: 'd-9', status }))
    ]
    expect(holders(all).map(({ id }) => id)).toEqual(['d-1', 'd-2', 'd-3', 'd-4'])
  })
})
