import { rowsOf } from '../../src/steps/rows.js'
import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import { describeDeploy, describeRollback } from '../../src/domain/description.js'
import type { Target } from '../../src/domain/event.js'
import type { Attempt } from '../../src/domain/serving.js'
import { newestDeployments, readHistory } from '../../src/steps/history.js'
import { readLive } from '../../src/steps/live.js'
import { START } from '../fakes/clock.js'
import { historyOf } from '../fakes/history.js'
import { attempt, blocked, blue, green, group, NOT_REQUIRED, served, sha, stored } from '../fakes/nouns.js'

const DAY_MS = 86_400_000
const by = { id: '7', attempt: '1', actor: 'kim' }

const options = (limit = 20) => ({ application: 'shop', group: 'web', limit })

/** Deployed so many days ago. */
const past = (days: number, members: Partial<Deployment> = {}, targets: Target[] = []): Attempt =>
  attempt(days * 1_440, 'a', { id: `d-${String(days).padStart(9, '0')}`, ...members }, targets)

const rows = async (...all: Attempt[]) => {
  const { service } = historyOf(all)
  // The group has no load balancer that could be asked.
  const read = await readLive(group({ targetGroups: [], lastAttempted: { id: 'd-ANY000000' } }), {
    service,
    health: () => Promise.resolve([])
  })
  const attempts = await readHistory(service, options(), read.attempts)
  return rowsOf(attempts, read, () => Promise.resolve(true))
}

describe('the newest deployments', () => {
  test('are sorted here, and limited to the requested number', async () => {
    const { service } = historyOf([past(2), past(0.5), past(1)])
    expect((await newestDeployments(service, options(2))).map(({ id }) => id)).toEqual([
      'd-0000000.5',
      'd-000000001'
    ])
  })

  test('none', async () => {
    expect(await rows()).toEqual([])
  })
})

describe('a row', () => {
  test('shows what this action wrote', async () => {
    const description = describeDeploy(sha('a'), '고치다 | `x` <script>', {
      location: stored(sha('a')),
      run: by
    })
    const [row] = await rows(
      past(1, { description, completedAt: new Date(START - DAY_MS + 600_000) }, [served('i-1')])
    )
    expect(row).toMatchObject({
      commit: sha('a'),
      subject: '고치다 ¦ `x` <script>',
      who: 'kim',
      status: 'Succeeded',
      durationMs: 600_000,
      live: true,
      available: true,
      addressable: true
    })
    expect(row?.timeToTrafficMs).toBeGreaterThan(0)
  })

  test.each<[string, Partial<Deployment>, object]>([
    [
      'of a GitHub revision',
      { revision: { kind: 'foreign', text: 'org/app@abc' }, description: 'by hand' },
      { addressable: false, revisionText: 'org/app@abc', subject: 'by hand' }
    ],
    [
      'of a key of another tool',
      { revision: { kind: 's3', bucket: 'b', key: 'app.zip', bundleType: 'zip' } },
      { addressable: false, revisionText: 's3://b/app.zip' }
    ],
    [
      'of nothing',
      { revision: undefined },
      { addressable: false, revisionText: 'unknown', available: false }
    ],
    ['whose clocks ran backwards', { completedAt: new Date(0) }, { durationMs: 0 }],
    ['that an instance started', { creator: 'autoscaling' }, { creator: 'autoscaling' }]
  ])('%s', async (_, members, expected) => {
    expect((await rows(past(1, members)))[0]).toMatchObject(expected)
  })

  test('two deployments of one commit are two rows, one of them live', async () => {
    const two = await rows(past(1), past(2))
    expect(two.map(({ live }) => live)).toEqual([true, false])
  })
})

describe('marks of a rollback', () => {
  const undoesSecond = describeRollback(sha('a'), '', {
    location: stored(sha('a')),
    run: by,
    undoes: 'd-000000002'
  })

  test("by a rollback of ours, and by the service's own", async () => {
    const shown = await rows(
      past(1, { description: undoesSecond }),
      past(2, { revision: stored(sha('b')) }),
      past(3, { creator: 'codeDeployRollback', rollback: { of: 'd-000000004' } }),
      past(4, { status: 'Failed', rollback: { by: 'd-000000003' } })
    )
    expect(shown.map(({ rollbackOf, rolledBackBy }) => [rollbackOf, rolledBackBy])).toEqual([
      ['d-000000002', undefined],
      [undefined, 'd-000000001'],
      ['d-000000004', undefined],
      [undefined, 'd-000000003']
    ])
  })

  test('a rollback that failed undid nothing', async () => {
    const shown = await rows(past(1, { status: 'Failed', description: undoesSecond }), past(2))
    expect(shown[1]?.rolledBackBy).toBeUndefined()
  })
})

describe('what is live', () => {
  const moved = [served('i-1'), blocked('i-8')]
  test.each<[string, Partial<Deployment>, Target[], boolean, boolean?]>([
    ['one that succeeded', { status: 'Succeeded' }, [], true],
    ['one that still installs', { status: 'InProgress' }, [green('i-1', 3)], false],
    ['one whose traffic has moved', { status: 'InProgress' }, moved, true],
    ['one that failed to install', { status: 'Failed' }, [green('i-1', 3, 'Failed')], false],
    ['one that was stopped in its termination wait', { status: 'Stopped' }, moved, true],
    [
      'both, of one that failed in the middle of the shift',
      { status: 'Failed' },
      [served('i-1'), blue('i-8', 0, 'Failed')],
      true,
      true
    ]
  ])('%s', async (_, members, targets, live, former = !live) => {
    const shown = await rows(past(1, { revision: stored(sha('b')), ...members }, targets), past(2))
    expect(shown.map((row) => row.live)).toEqual([live, former])
  })

  test('the targets of one whose traffic stayed, as the service says, are not read', async () => {
    const { service, listed } = historyOf([
      past(1, { status: 'Failed', rollback: { message: NOT_REQUIRED } }),
      past(2)
    ])
    await readHistory(service, options(), [])
    expect(listed).toEqual(['d-000000002'])
  })

  test('every target of an unsuccessful deployment counts, beyond the first 25', async () => {
    const many = [...Array.from({ length: 30 }, (_, at) => served(`i-${at}`)), blue('i-late', 1, 'Failed')]
    const { service } = historyOf([past(1, { status: 'Failed' }, many)])
    const [seen] = await readHistory(service, options(), [])
    expect(seen?.targets).toHaveLength(31)
  })
})
