import { describe, expect, test } from '@jest/globals'
import { type RevisionLocation, sameRevision, type StoredLocation } from '../../src/domain/revision.js'

/** In a bucket without versions, and registered by somebody who gave no ETag. */
const bare: StoredLocation = { kind: 's3', bucket: 'b', key: 'p/app/a.zip', bundleType: 'zip' }
const foreign: RevisionLocation = { kind: 'foreign', text: 'org/app@abc' }

describe('one stored bundle', () => {
  test.each<[string, RevisionLocation | undefined, RevisionLocation | undefined, boolean]>([
    ['without pins', bare, bare, true],
    ['another key', bare, { ...bare, key: 'p/app/b.zip' }, false],
    ['another bucket', bare, { ...bare, bucket: 'c' }, false],
    ['a pin that only one has', bare, { ...bare, version: 'v1', etag: 'e1' }, true],
    ['the same version', { ...bare, version: 'v1' }, { ...bare, version: 'v1' }, true],
    ['another version', { ...bare, version: 'v1' }, { ...bare, version: 'v2' }, false],
    ['the same ETag, in quotes and without', { ...bare, etag: '"e1"' }, { ...bare, etag: 'e1' }, true],
    ['another ETag', { ...bare, etag: 'e1' }, { ...bare, etag: 'e2' }, false],
    ['a revision that lies elsewhere', bare, foreign, false],
    ['one that lies elsewhere, twice', foreign, foreign, true],
    ['two that lie elsewhere', foreign, { ...foreign, text: 'org/app@def' }, false],
    ['none', bare, undefined, false],
    ['none at all', undefined, undefined, false]
  ])('%s', (_, one, other, same) => {
    expect([sameRevision(one, other), sameRevision(other, one)]).toEqual([same, same])
  })
})
