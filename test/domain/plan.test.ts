import { describe, expect, test } from '@jest/globals'
import { byFolder, expectationOf } from '../../src/domain/plan.js'
import { row } from '../fakes/nouns.js'

const MINUTE = 60_000

describe('how long a deploy is expected to take', () => {
  const took = (toTraffic: number, whole: number | undefined, members = {}) =>
    row({
      creator: 'user',
      served: true,
      timeToTrafficMs: toTraffic * MINUTE,
      durationMs: whole === undefined ? undefined : whole * MINUTE,
      ...members
    })

  test.each([
    ['the middle of an odd number', [took(3, 60), took(9, 70), took(4, 65)], [4, 65, 3]],
    ['between the two in the middle of an even number', [took(3, 60), took(4, 70)], [3.5, 65, 2]],
    ['only the newest five', [1, 2, 3, 4, 5, 100].map((minutes) => took(minutes, minutes)), [3, 3, 5]],
    ['one that still waits to end has no end yet', [took(3, undefined)], [3, undefined, 1]],
    [
      'the service’s own rollbacks are quicker',
      [took(1, 1, { creator: 'codeDeployRollback' }), took(5, 6)],
      [5, 6, 1]
    ],
    ['one that never served says nothing', [took(1, 1, { served: false }), took(5, 6)], [5, 6, 1]],
    [
      'nor one whose traffic is not known',
      [took(1, 1, { timeToTrafficMs: undefined }), took(5, 6)],
      [5, 6, 1]
    ]
  ])('%s', (_, rows, [toTraffic, toEnd, count]) => {
    expect(expectationOf(rows)).toEqual({
      toTrafficMs: (toTraffic ?? 0) * MINUTE,
      toEndMs: toEnd === undefined ? undefined : toEnd * MINUTE,
      count
    })
  })

  test('without such a deployment, nothing', () => expect(expectationOf([])).toBeUndefined())
})

test('changes by folder: the two outermost folders, most changes first, then by name', () => {
  const change = (path: string, kind: 'added' | 'changed' | 'removed') => ({ path, change: kind })
  expect(
    byFolder([
      change('README.md', 'changed'),
      change('src/domain/a.ts', 'added'),
      change('src/domain/deep/b.ts', 'removed'),
      change('src/c.ts', 'changed'),
      change('assets/x/y/z.png', 'added')
    ])
  ).toEqual([
    { folder: 'src/domain', added: 1, changed: 0, removed: 1 },
    { folder: '', added: 0, changed: 1, removed: 0 },
    { folder: 'assets/x', added: 1, changed: 0, removed: 0 },
    { folder: 'src', added: 0, changed: 1, removed: 0 }
  ])
})
