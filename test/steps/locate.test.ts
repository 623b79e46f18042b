import type { BundleStore } from '../../src/storage-port.js'
import { describe, expect, test } from '@jest/globals'
import type { HistoryRow } from '../../src/domain/history.js'
import { UserError } from '../../src/errors.js'
import { zoneOf } from '../../src/report/times.js'
import { isAvailable, locate } from '../../src/steps/locate.js'
import { START } from '../fakes/clock.js'
import { broken, refusal, row, sha, stored } from '../fakes/nouns.js'
import { UTC } from '../fakes/times.js'

const FOLDER = 'codedeploy/shop/'
const at = (hour: number): Date => new Date(START + hour * 3_600_000)

/** What lies in the bucket: key → its pin, with the time it was stored. */
const bucket = (
  objects: Record<string, { version?: string; etag: string; hour?: number }> = {}
): BundleStore => ({
  list: (prefix) =>
    Promise.resolve(
      Object.entries(objects)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { hour = 0 }]) => ({ key, lastModified: at(hour) }))
    ),
  pin: ({ key }) => {
    const found = objects[key]
    return Promise.resolve(
      found === undefined
        ? undefined
        : { etag: found.etag, ...(found.version === undefined ? {} : { version: found.version }) }
    )
  }
})

const find = (wanted: string, rows: readonly HistoryRow[], store = bucket(), zone = UTC) =>
  locate(wanted, rows, { store, bucket: 'bundles', folder: FOLDER, zone })

const refused = async (work: Promise<unknown>): Promise<UserError> => {
  const error: unknown = await work.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  return error as UserError
}

const rows: HistoryRow[] = [
  row({ deploymentId: 'd-4', commit: sha('d'), live: true }),
  row({ deploymentId: 'd-3', commit: sha('c'), status: 'Failed' }),
  row({ deploymentId: 'd-2', commit: sha('b'), subject: '장바구니 | `x`\n둘째 줄' }),
  row({ deploymentId: 'd-1', commit: sha('a') })
]

describe('what a rollback restores', () => {
  test.each([
    ['a full SHA', sha('b'), sha('b')],
    ['a short SHA', 'bbbbbbb', sha('b')],
    ['previous', 'previous', sha('b')],
    ['a deployment', 'd-1', sha('a')],
    ['what is live', sha('d'), sha('d')],
    ['one that only ever failed here: its bundle is there', sha('c'), sha('c')]
  ])('%s', async (_, wanted, commit) => {
    expect(await find(wanted, rows)).toMatchObject({ commit, location: stored(commit) })
  })

  test('of two deployments of one commit, the one that succeeded and is still stored', async () => {
    const two = [
      row({ deploymentId: 'd-3', status: 'Failed', revision: stored(sha('a'), { version: 'v3' }) }),
      row({ deploymentId: 'd-2', available: false, revision: stored(sha('a'), { version: 'v2' }) }),
      row({ deploymentId: 'd-1', revision: stored(sha('a'), { version: 'v1' }) })
    ]
    expect((await find('aaaaaaa', two)).location.version).toBe('v1')
  })

  test('beside a bundle that was overwritten, another one of that commit that was never deployed', async () => {
    const key = `${FOLDER}${sha('a')}-000000000002.zip`
    const overwritten = stored(sha('a')).key
    const store = bucket({ [key]: { etag: '"2"' }, [overwritten]: { etag: '"other"', hour: 1 } })
    expect((await find('aaaaaaa', [row({ available: false })], store)).location.key).toBe(key)
  })

  test('a bundle that was never deployed here is found in the bucket and pinned, the newest of its commit', async () => {
    const key = (hash: string): string => `${FOLDER}${sha('e')}-${hash}.zip`
    const store = bucket({
      [key('000000000001')]: { etag: '"1"', hour: 1 },
      [key('000000000002')]: { etag: '"2"', version: 'v2', hour: 2 },
      [`${FOLDER}${sha('e')}.txt`]: { etag: '"3"', hour: 3 }
    })
    expect(await find('eeeeeee', rows, store)).toEqual({
      commit: sha('e'),
      location: {
        kind: 's3',
        bucket: 'bundles',
        key: key('000000000002'),
        bundleType: 'zip',
        version: 'v2',
        etag: '"2"'
      }
    })
  })
})

describe('what a rollback cannot restore', () => {
  test('an unknown commit: the newest that are available', async () => {
    const { message, hint } = await refused(find('1234567', rows))
    expect(message).toBe('No bundle of a commit starting with 1234567 is stored under codedeploy/shop/.')
    expect(hint.split('\n')).toEqual([
      'Nothing was changed. Set `commit` to one of these. Available, newest first (times in UTC):',
      '  dddddddd  d-4  2026-11-22 12:00  live  [BE] DEV -> PROD merge',
      '  bbbbbbbb  d-2  2026-11-22 12:00  Succeeded  장바구니 | `x`',
      '  aaaaaaaa  d-1  2026-11-22 12:00  Succeeded  [BE] DEV -> PROD merge'
    ])
  })

  test('among what is available, one without commit and subject is named by its deployment', async () => {
    const nameless = row({ deploymentId: 'd-7', commit: undefined, subject: undefined })
    expect((await refused(find('1234567', [nameless]))).hint.split('\n')[1]).toBe(
      '  d-7  d-7  2026-11-22 12:00  Succeeded'
    )
  })

  test('their times, and how far was read, are those of the zone, which is named once', async () => {
    const { hint } = await refused(find('1234567', rows, bucket(), zoneOf('America/St_Johns')))
    expect(hint.split('\n')[0]).toBe(
      'Nothing was changed. Set `commit` to one of these. Available, newest first (times in America/St_Johns):'
    )
    expect(hint).toContain('  aaaaaaaa  d-1  2026-11-22 08:30  Succeeded')
    const { message } = await refused(
      find('previous', [row({ live: true })], bucket(), zoneOf('America/St_Johns'))
    )
    expect(message).toContain('(back to 2026-11-22)')
  })

  test('the list ends after ten', async () => {
    const many = Array.from({ length: 30 }, (_, index) => row({ deploymentId: `d-${index}` }))
    expect((await refused(find('1234567', many))).hint.split('\n')).toHaveLength(11)
  })

  test('nothing is available', async () => {
    const unusable = [row({ available: false }), row({ status: 'Failed' })]
    expect((await refused(find('1234567', unusable))).hint).toBe(
      'Nothing was changed. Deploy the commit again from its source (`command: deploy`): none of the 2 deployments read has a stored bundle.'
    )
  })

  test('an ambiguous prefix: every candidate with its subject', async () => {
    const twins = [
      row({ commit: `abcdef1${'0'.repeat(33)}`, subject: 'One' }),
      row({ commit: `abcdef1${'1'.repeat(33)}`, subject: 'Two' })
    ]
    const { message, hint } = await refused(find('abcdef1', twins))
    expect(message).toMatch(/^abcdef1 matches 2 commits:\n {2}abcdef10+ {2}One\n {2}abcdef11+ {2}Two$/)
    expect(hint).toContain('Use a longer prefix')
  })

  test.each([
    [10, 'aaaaaaa matches 10 commits:', undefined],
    [13, 'aaaaaaa matches at least 13 commits:', '  … and 3 more']
  ])('ambiguous among %d commits in the bucket: ten are listed', async (count, first, last) => {
    const shas = Array.from({ length: count }, (_, n) => `aaaaaaa${String(n).padStart(33, '0')}`)
    const store = bucket(
      Object.fromEntries(shas.map((one) => [`${FOLDER}${one}-000000000001.zip`, { etag: '"1"' }]))
    )
    const { message, hint } = await refused(find('aaaaaaa', [], store))
    const lines = shas.slice(0, 10).map((one) => `  ${one}`)
    expect(message.split('\n')).toEqual([first, ...lines, ...(last === undefined ? [] : [last])])
    expect(hint).toBe('Use a longer prefix, or the full SHA. Nothing was changed.')
  })

  test('ambiguous with one that is only in the bucket', async () => {
    const key = `${FOLDER}aaaaaaa${'1'.repeat(33)}-000000000001.zip`
    expect((await refused(find('aaaaaaa', rows, bucket({ [key]: { etag: '"1"' } })))).message).toContain(
      '2 commits'
    )
  })

  test('an expired bundle', async () => {
    const gone = [row({ available: false })]
    expect((await refused(find('aaaaaaa', gone))).message).toContain('no longer stored, or was overwritten')
    expect((await refused(find('d-AAAAAAAAA', gone))).message).toContain(
      'was deleted, or overwritten since it was deployed'
    )
  })

  test('an overwritten bundle is refused, since it is not what was deployed', async () => {
    const overwritten = bucket({ [stored(sha('a')).key]: { etag: '"other"' } })
    expect((await refused(find('aaaaaaa', [row({ available: false })], overwritten))).message).toContain(
      'overwritten'
    )
  })

  test('a bundle that is deleted during the lookup', async () => {
    const key = `${FOLDER}${sha('e')}-000000000001.zip`
    const store = { ...bucket({ [key]: { etag: '"1"' } }), pin: () => Promise.resolve(undefined) }
    expect((await refused(find('eeeeeee', rows, store))).message).toBe(`The bundle ${key} no longer exists.`)
  })

  test.each([['d-9'], ['d-NOTHERE00']])('a deployment of another group: %s', async (id) => {
    expect((await refused(find(id, rows))).message).toBe(`${id} is not a deployment of this group.`)
  })

  test('a deployment of another kind of revision', async () => {
    const foreign = row({
      deploymentId: 'd-5',
      revision: { kind: 'foreign', text: 'org/app@abc' },
      available: 'unknown'
    })
    expect((await refused(find('d-5', [foreign]))).message).toBe(
      'd-5 deployed org/app@abc, which is not a bundle in S3.'
    )
  })
})

describe('previous', () => {
  const one = (digit: string, members: Partial<HistoryRow> = {}): HistoryRow =>
    row({ deploymentId: `d-${digit}`, commit: sha(digit), ...members })
  test.each<[string, HistoryRow[], string | undefined]>([
    ['the newest other that succeeded', [one('c', { live: true }), one('b'), one('a')], 'b'],
    ['not one that failed', [one('c', { live: true }), one('b', { status: 'Failed' }), one('a')], 'a'],
    [
      'not one that was rolled back from',
      [one('a', { live: true, rollbackOf: 'd-c' }), one('c', { rolledBackBy: 'd-a' }), one('b')],
      'b'
    ],
    [
      'not an older deployment of the undone revision either',
      [
        one('a', { live: true }),
        one('c', { rolledBackBy: 'd-a' }),
        one('c', { deploymentId: 'd-c0' }),
        one('b')
      ],
      'b'
    ],
    [
      'one that was undone and then deployed again',
      [
        one('d', { live: true }),
        one('c', { deploymentId: 'd-c2' }),
        one('b', { rollbackOf: 'd-c' }),
        one('c', { rolledBackBy: 'd-b' })
      ],
      'c'
    ],
    [
      'not another deployment of what is live',
      [one('b', { live: true }), one('b', { deploymentId: 'd-b0' }), one('a')],
      'a'
    ],
    [
      'not one whose bundle is gone',
      [one('c', { live: true }), one('b', { available: false }), one('a')],
      'a'
    ],
    [
      'while a newer one runs and is live',
      [one('c', { live: true, status: 'InProgress' }), one('b'), one('a')],
      'b'
    ],
    [
      'while a newer one runs and is not live',
      [one('c', { status: 'InProgress' }), one('b', { live: true }), one('a')],
      'a'
    ],
    ['none', [one('a', { live: true })], undefined],
    ['none of nothing', [], undefined]
  ])('%s', async (_, given, digit) => {
    if (digit === undefined)
      expect((await refused(find('previous', given))).message).toContain('There is no previous revision')
    else expect((await find('previous', given)).commit).toBe(sha(digit))
  })

  const SERVED_NONE =
    'served a different revision before what is live that was never rolled back and whose bundle still exists'

  test.each<[string, HistoryRow[], string]>([
    ['nothing was deployed', [], 'this group has no deployments'],
    [
      'nothing else served',
      [one('b', { live: true, startedAt: at(48) }), one('a', { status: 'Failed', startedAt: at(24) })],
      `of 2 deployments read (back to 2026-11-23), none ${SERVED_NONE}`
    ],
    [
      'what is live is not known',
      [one('b')],
      `of 1 deployment read (back to 2026-11-22), none ${SERVED_NONE.replace('what is live', 'bbbbbbbb (d-b)')}`
    ],
    [
      'nothing ever served',
      [one('b', { status: 'Failed' })],
      `of 1 deployment read (back to 2026-11-22), none ${SERVED_NONE.replace(' before what is live', '')}`
    ]
  ])('says why there is none: %s', async (_, given, why) => {
    expect((await refused(find('previous', given))).message).toBe(`There is no previous revision: ${why}.`)
  })

  test('remarks what it counts from, if that is not what is live, and what it skips', async () => {
    const foreign = one('c', {
      commit: undefined,
      revision: { kind: 'foreign', text: 'org/app@abc' },
      revisionText: 'org/app@abc'
    })
    const { commit, remarks } = await find('previous', [
      one('d'),
      foreign,
      one('b', { available: false }),
      one('a')
    ])
    expect(commit).toBe(sha('a'))
    expect(remarks).toEqual([
      'What is live is not known, so `previous` counts from dddddddd (d-d), which served last.',
      '`previous` skips org/app@abc (d-c): it is not a bundle in S3.',
      '`previous` skips bbbbbbbb (d-b): its bundle was deleted, or overwritten since it was deployed.'
    ])
    expect((await find('previous', [one('b', { live: true }), one('a')])).remarks).toEqual([])
  })

  test('is not guessed while older deployments, which may change it, are not read', async () => {
    const given = [one('a', { live: true, rollbackOf: 'd-c' }), one('c', { rolledBackBy: 'd-a' }), one('b')]
    const place = { store: bucket(), bucket: 'bundles', folder: FOLDER, zone: UTC }
    const partly = locate('previous', given, { ...place, isWhole: false })
    expect((await refused(partly)).message).toContain('of 3 deployments read')
    expect((await locate('previous', given, { ...place, isWhole: true })).commit).toBe(sha('b'))
    const plain = [one('b', { live: true }), one('a')]
    expect((await locate('previous', plain, { ...place, isWhole: false })).commit).toBe(sha('a'))
  })
})

describe('whether a bundle is as it was deployed', () => {
  const { key } = stored(sha('a'))
  test.each<[string, Parameters<typeof isAvailable>[0], BundleStore, boolean | 'unknown']>([
    ['it is', stored(sha('a')), bucket({ [key]: { version: 'v-aaaa', etag: 'aaaaaaaa' } }), true],
    ['gone', stored(sha('a')), bucket(), false],
    ['overwritten', stored(sha('a')), bucket({ [key]: { version: 'v-aaaa', etag: '"other"' } }), false],
    ['of another kind', { kind: 'foreign', text: 'x' }, bucket(), 'unknown'],
    [
      'not readable',
      stored(sha('a')),
      { ...bucket(), pin: () => Promise.reject(refusal('AccessDenied', 'no', 403)) },
      'unknown'
    ]
  ])('%s', async (_, location, store, available) => {
    expect(await isAvailable(location, store)).toBe(available)
  })

  test('a lost connection says nothing about a bundle', async () => {
    await expect(
      isAvailable(stored(sha('a')), { ...bucket(), pin: () => Promise.reject(broken()) })
    ).rejects.toThrow('hang up')
  })
})
