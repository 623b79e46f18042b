import { describe, expect, test } from '@jest/globals'
import { type HistoryRow, waysBack, withRecord } from '../../src/domain/history.js'
import { onlyFailed } from '../../src/domain/only-failed.js'
import { EMPTY_RECORD } from '../../src/domain/record.js'
import { row, sha, stored } from '../fakes/nouns.js'

const one = (digit: string, members: Partial<HistoryRow> = {}): HistoryRow =>
  row({ deploymentId: `d-${digit}`, commit: sha(digit), ...members })
const another = { revision: stored(sha('a'), { version: 'v-2' }) }

describe('what to give a rollback to bring a row back', () => {
  test.each<[string, HistoryRow[], [id: string, commit: string][]]>([
    ['the commit of what served', [one('b', { live: true }), one('a')], [['d-a', sha('a')]]],
    [
      'nothing for what is live, in any of its rows',
      [one('a', { live: true }), one('a', { deploymentId: 'd-2' })],
      []
    ],
    ['nothing for what never served', [one('a', { status: 'Failed' })], []],
    ['nothing for a bundle that is gone', [one('a', { available: false })], []],
    [
      'the commit where nobody knows whether its bundle is there',
      [one('a', { available: 'unknown' })],
      [['d-a', sha('a')]]
    ],
    ['nothing for what is not in S3', [one('a', { revision: { kind: 'foreign', text: 'org/app@abc' } })], []],
    [
      'the deployment for an older bundle of a commit',
      [one('a'), one('a', { deploymentId: 'd-old', ...another })],
      [
        ['d-a', sha('a')],
        ['d-old', 'd-old']
      ]
    ],
    [
      'the commit for each deployment of its newest bundle',
      [one('a'), one('a', { deploymentId: 'd-2' })],
      [
        ['d-a', sha('a')],
        ['d-2', sha('a')]
      ]
    ],
    [
      'the deployment of a bundle without a commit',
      [row({ deploymentId: 'd-x', commit: undefined })],
      [['d-x', 'd-x']]
    ]
  ])('%s', (_, rows, ways) => {
    expect([...waysBack(rows)]).toEqual(ways)
  })
})

describe('what the record adds to the rows', () => {
  const undone = {
    at: '2026-11-22T12:00:00Z',
    by: 'kim',
    run: '7',
    deployment: 'd-b',
    tree: '0123456789ab',
    reason: 'Too slow'
  }
  const record = { ...EMPTY_RECORD, undone: [{ ...undone, deployment: 'd-x', by: 'lee' }, undone] }

  test("the person, the run and the reason of the service's own rollback", () => {
    const back = one('c', { who: undefined, rollbackOf: 'd-b' })
    const [shown, other] = withRecord([back, one('b')], record)
    expect(shown).toEqual({ ...back, who: 'kim', runId: '7', reason: 'Too slow' })
    expect(other).toEqual(one('b'))
  })

  test('what the row says of itself stays, but for the reason, which is longer in the record', () => {
    const back = one('c', { who: 'mina', runId: '9', reason: 'Too…', rollbackOf: 'd-b' })
    expect(withRecord([back], record)).toEqual([{ ...back, reason: 'Too slow' }])
    const silent = { ...EMPTY_RECORD, undone: [{ ...undone, reason: undefined }] }
    expect(withRecord([back], silent)).toEqual([back])
  })
})

describe('whether a revision is known to be bad before it is tried again', () => {
  const failed = one('a', { status: 'Failed' })
  const stopped = one('a', { deploymentId: 'd-2', status: 'Stopped' })

  test.each<[string, HistoryRow[], { last: HistoryRow; count: number } | undefined]>([
    ['it failed', [failed], { last: failed, count: 1 }],
    ['it was stopped and failed', [one('b'), stopped, failed], { last: failed, count: 2 }],
    [
      'of two failures, the newest',
      [failed, one('a', { deploymentId: 'd-3', status: 'Failed' })],
      { last: failed, count: 2 }
    ],
    ['it was only stopped', [stopped], undefined],
    ['it was never deployed', [one('b', { status: 'Failed' })], undefined],
    ['it served once', [failed, one('a')], undefined],
    ['it is being deployed', [one('a', { status: 'InProgress' }), failed], undefined]
  ])('%s', (_, rows, expected) => {
    expect(onlyFailed(stored(sha('a')), rows)).toEqual(expected)
  })
})
