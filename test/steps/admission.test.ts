import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import { describeRollback } from '../../src/domain/description.js'
import type { Target } from '../../src/domain/event.js'
import {
  EMPTY_RECORD,
  type GroupRecord,
  parseRecord,
  withRollback,
  withUndone,
  writeRecord
} from '../../src/domain/record.js'
import { ofOperation } from '../../src/domain/fault.js'
import { frozenUntil, signature } from '../../src/report/signature.js'
import { zoneOf } from '../../src/report/times.js'
import { admission } from '../../src/steps/admission.js'
import { START } from '../fakes/clock.js'
import { blocked, blue, deployment, green, refusal, served, sha, stored } from '../fakes/nouns.js'
import { type MemoryRecords, memoryRecords } from '../fakes/records.js'

const TREE = '0123456789ab'
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString()
const kim = { at: at(0), by: 'kim', run: '200', reason: 'checkout is broken' }

const bad = deployment({ id: 'd-BAD', revision: stored(sha('b')), status: 'Stopped' })
const MOVED = [served('i-1'), blocked('i-2')]

const rolledBack = (members: Partial<typeof kim> = {}, hold = false): GroupRecord =>
  withUndone(bad, kim)(withRollback({ ...kim, to: sha('a'), ...members }, hold)(EMPTY_RECORD))

interface Gate {
  store?: MemoryRecords
  record?: GroupRecord
  runId?: string
  checkOrder?: boolean
  redeployUndone?: boolean
  frozen?: boolean
  overrideFreeze?: boolean
  /** Seconds after START at which the run was created. */
  began?: number
  known?: Deployment
  targets?: Target[]
}

const gate = ({
  record,
  store = memoryRecords(record === undefined ? undefined : writeRecord(record)),
  runId = '201',
  checkOrder = true,
  redeployUndone = false,
  frozen = false,
  overrideFreeze = false,
  began = 1,
  known = bad,
  targets = MOVED
}: Gate = {}) => {
  const warnings: string[] = []
  const asked: string[] = []
  const admit = admission(
    { runId, checkOrder, redeployUndone },
    {
      store,
      service: {
        deployment: (id) => (asked.push(id), Promise.resolve(known)),
        targetIds: () => Promise.resolve(targets.map(({ id }) => id)),
        targets: () => Promise.resolve(targets)
      }
    },
    {
      group: 'shop/web',
      sign: (one) => signature(one, zoneOf('UTC')),
      freeze: {
        windows: frozen ? [{ from: START, until: START + 60_000, reason: 'Festival' }] : [],
        isOverridden: overrideFreeze,
        until: (window) => frozenUntil(window, zoneOf('UTC'))
      },
      now: () => START,
      began: () => (asked.push('began'), Promise.resolve(START + began * 1000)),
      warn: (sentence) => warnings.push(sentence)
    }
  )
  const why = async (tree: string | undefined, last?: Deployment): Promise<string | undefined> => {
    try {
      await admit(tree, last)
      return undefined
    } catch (error) {
      const { message, hint } = error as { message: string; hint: string }
      return `${message}\n${hint}`
    }
  }
  return { why, warnings, asked, store }
}

describe('a group that nobody rolled back', () => {
  test('any run may deploy, and nothing else is asked', async () => {
    const { why, warnings, asked } = gate()
    expect(await why(TREE, deployment({ status: 'Succeeded' }))).toBeUndefined()
    expect([warnings, asked]).toEqual([[], []])
  })
})

describe('a freeze', () => {
  test('refuses every run and says until when', async () => {
    expect(await gate({ frozen: true }).why(undefined)).toBe(
      [
        'shop/web is frozen until 2026-11-22 12:01 (UTC): Festival.',
        'Nothing was deployed. Deploy after that. For an urgent fix, set `override-freeze: true`; a rollback is always possible.'
      ].join('\n')
    )
  })

  test('is overridden, which is said once', async () => {
    const { why, warnings } = gate({ frozen: true, overrideFreeze: true })
    expect([await why(undefined), await why(TREE)]).toEqual([undefined, undefined])
    expect(warnings).toEqual([
      'Deploying although shop/web is frozen until 2026-11-22 12:01 (UTC): Festival: `override-freeze: true` is set.'
    ])
  })

  test('overridden, it does not override a hold', async () => {
    const { why } = gate({ frozen: true, overrideFreeze: true, record: rolledBack({}, true) })
    expect(await why(undefined)).toMatch('is on hold')
  })
})

describe('a hold', () => {
  test('refuses every run and says who, when, why and what to do', async () => {
    const { why } = gate({ record: rolledBack({}, true), runId: '999', checkOrder: false })
    expect(await why(undefined)).toBe(
      [
        'shop/web is on hold: nothing is deployed until somebody releases it. Held by kim in run 200 at 2026-11-22 12:00 (UTC): "checkout is broken".',
        'Nothing was deployed. To release it, run the action with `command: release`, or dispatch this workflow with `release-hold: true`.'
      ].join('\n')
    )
  })

  test('refuses a deliberate deployment of what was undone, too', async () => {
    expect(await gate({ record: rolledBack({}, true), redeployUndone: true }).why(TREE)).toMatch('on hold')
  })
})

describe('the order of runs', () => {
  test.each([
    ['an older run', '199', true, true],
    ['an older run by number, not by text', '99', true, true],
    ["the rollback's own run", '200', true, false],
    ['a newer run', '201', true, false],
    ['an older run with skip-order-check', '199', false, false],
    ['outside of a workflow', '', true, false]
  ])('%s', async (_, runId, checkOrder, refused) => {
    const { why, asked } = gate({ record: rolledBack(), runId, checkOrder })
    const words = await why('another tree')
    expect(words !== undefined).toBe(refused)
    expect(asked).toEqual([])
    if (refused)
      expect(words).toBe(
        [
          `shop/web was rolled back to aaaaaaaa after this run, ${runId}, was created. Rolled back by kim in run 200 at 2026-11-22 12:00 (UTC): "checkout is broken".`,
          'Nothing was deployed. Push a fix: its run is newer. To deploy this older run on purpose, set `skip-order-check: true`.'
        ].join('\n')
      )
  })

  test('outside of a workflow, after a rollback outside of one to a revision without a commit', async () => {
    const record = rolledBack({ run: undefined as never, to: `s3://b/${sha('a')}.zip` } as never)
    expect(await gate({ record, runId: '', began: -1 }).why('another tree')).toMatch(
      `shop/web was rolled back to s3://b/${sha('a')}.zip after this run was created. Rolled back by kim at`
    )
  })

  test.each([
    [-1, true],
    [0, false],
    [1, false]
  ])('a rollback outside of a workflow, and a run created %s s after it', async (began, refused) => {
    const { why, asked } = gate({ record: rolledBack({ run: undefined as never }), began })
    expect((await why('another tree')) !== undefined).toBe(refused)
    expect(asked).toEqual(['began'])
  })
})

describe('what was undone', () => {
  test('does not come back under any commit or run, and the refusal names it', async () => {
    expect(await gate({ record: rolledBack(), runId: '999' }).why(TREE)).toBe(
      [
        'This bundle has the same files as bbbbbbbb (d-BAD), which was rolled back on shop/web by kim in run 200 at 2026-11-22 12:00 (UTC): "checkout is broken".',
        'Nothing was deployed. Deploy a fix. To deploy these files again on purpose, set `redeploy-undone: true`.'
      ].join('\n')
    )
  })

  test('is named by its deployment where its commit is not known', async () => {
    const record = rolledBack()
    const unnamed = { ...record, undone: record.undone.map((one) => ({ ...one, commit: undefined })) }
    expect(await gate({ record: unnamed }).why(TREE)).toMatch(
      'the same files as d-BAD, which was rolled back on shop/web'
    )
  })

  test.each([
    ['on purpose', { redeployUndone: true }, TREE],
    ['another tree', {}, 'another tree'],
    ['before the tree is known', {}, undefined]
  ])('may be deployed: %s', async (_, members, tree) => {
    expect(await gate({ record: rolledBack(), ...members }).why(tree)).toBeUndefined()
  })

  test('skip-order-check does not bring it back', async () => {
    expect(await gate({ record: rolledBack(), checkOrder: false }).why(TREE)).toMatch('the same files')
  })

  test.each([
    ['succeeded since', {}, undefined],
    ['failed since', { status: 'Failed' }, 'the same files'],
    ['succeeded before', { createdAt: new Date(START - 1000) }, 'the same files'],
    ["is the service's own rollback", { creator: 'codeDeployRollback' }, 'the same files'],
    ['has another tree', { revision: { ...stored(sha('b')), key: 'x' } }, 'the same files']
  ])('and a last deployment of it that %s', async (_, members, refused) => {
    const last = deployment({
      revision: stored(sha('b')),
      status: 'Succeeded',
      createdAt: new Date(START + 1000),
      ...members
    })
    const { why, store } = gate({ record: rolledBack() })
    const words = await why(TREE, last)
    if (refused === undefined) {
      expect(words).toBeUndefined()
      expect(parseRecord(store.text ?? '').undone).toEqual([])
    } else expect(words).toMatch(refused)
  })
})

describe('a rollback that the record does not know of', () => {
  const byService = deployment({
    id: 'd-BACK',
    creator: 'codeDeployRollback',
    status: 'Succeeded',
    createdAt: new Date(START + 60_000),
    rollback: { of: 'd-BAD' }
  })

  test('in the console: older runs and the same files are refused, and it is noted', async () => {
    const { why, asked, store } = gate({ began: 59 })
    expect(await why('another tree', byService)).toMatch(
      /^shop\/web was rolled back after this run, 201, was created. Rolled back by somebody outside of GitHub at 2026-11-22 12:01 \(UTC\)\.\n/
    )
    expect(asked).toEqual(['d-BAD', 'began'])
    expect(parseRecord(store.text ?? '')).toEqual({
      rollback: { at: at(60), by: 'somebody outside of GitHub', undoes: 'd-BAD' },
      undone: [
        { at: at(60), by: 'somebody outside of GitHub', deployment: 'd-BAD', tree: TREE, commit: sha('b') }
      ]
    })
    expect(await gate({ store, began: 61 }).why('another tree')).toBeUndefined()
    expect(await gate({ store, began: 61 }).why(TREE)).toMatch('the same files')
  })

  test.each<[string, Gate]>([
    ['failed and was rolled back automatically', { known: { ...bad, status: 'Failed' } }],
    ['was stopped while traffic moved', { targets: [green('i-1', 9, 'InProgress'), blue('i-2')] }]
  ])('what it undid %s: it may be tried again', async (_, members) => {
    const { why, store } = gate({ began: 0, ...members })
    expect(await why(TREE, byService)).toBeUndefined()
    expect(store.text).toBeUndefined()
  })

  test('by a run that was killed before it noted what it undid: its person and its reason are kept', async () => {
    const record = withRollback({ ...kim, to: sha('a'), undoes: 'd-BAD' }, false)(EMPTY_RECORD)
    const { why, store } = gate({ record, runId: '199' })
    expect(await why(TREE, byService)).toMatch('Rolled back by kim in run 200')
    expect(parseRecord(store.text ?? '').undone).toEqual([
      { ...kim, deployment: 'd-BAD', tree: TREE, commit: sha('b') }
    ])
  })

  test('by a redeploy, whose description names what it undid', async () => {
    const location = stored(sha('a'))
    const run = { id: '205', attempt: '1', actor: 'lee' }
    const last = deployment({
      id: 'd-REDEPLOY',
      status: 'Succeeded',
      revision: location,
      createdAt: new Date(START + 60_000),
      description: describeRollback(sha('a'), 'Good', { location, run, undoes: 'd-BAD' })
    })
    const { why } = gate({ known: { ...bad, status: 'Succeeded' } })
    expect(await why('another tree', last)).toMatch('Rolled back by lee in run 205 at 2026-11-22 12:01 (UTC)')
    expect(await gate({ runId: '206', known: { ...bad, status: 'Succeeded' } }).why(TREE, last)).toMatch(
      'the same files as bbbbbbbb (d-BAD)'
    )
    expect(await gate({ runId: '206' }).why('another tree', { ...last, status: 'Failed' })).toBeUndefined()
  })
})

describe('a record that cannot be read', () => {
  const unreadable = (): MemoryRecords => {
    const store = memoryRecords()
    store.failing.read = ofOperation(refusal('AccessDenied', 'refused', 403), 'GetObject')
    return store
  }

  test('warns once, and takes from the last deployment what it says', async () => {
    const { why, warnings, store } = gate({ store: unreadable() })
    expect(await why(undefined)).toBeUndefined()
    expect(await why(TREE, deployment({ status: 'Succeeded' }))).toBeUndefined()
    expect(warnings).toEqual([
      "The record of rollbacks and holds, s3://bundles/codedeploy/shop/groups/web.json, cannot be read: refused (AccessDenied); allow the role s3:GetObject, s3:ListBucket, as docs/iam/action-policy.json does. This run cannot see a hold, and knows of a rollback only if it was the group's last deployment."
    ])
    const back = deployment({ creator: 'codeDeployRollback', status: 'Succeeded', rollback: { of: 'd-BAD' } })
    expect(await why(TREE, back)).toMatch('the same files as bbbbbbbb (d-BAD)')
    expect(store.writes).toBe(0)
  })

  test('one that cannot be written is no reason to deploy what was undone', async () => {
    const store = memoryRecords()
    store.failing.write = refusal('AccessDenied', 'refused', 403)
    const back = deployment({ creator: 'codeDeployRollback', status: 'Succeeded', rollback: { of: 'd-BAD' } })
    const { why, warnings } = gate({ store })
    expect(await why(TREE, back)).toMatch('the same files')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch('A rollback outside of this action was noticed, but cannot be noted')
  })

  test('a cancel while it is written ends the run', async () => {
    const canceled = Object.assign(new Error('canceled'), { name: 'AbortError' })
    const store = memoryRecords()
    store.failing.write = canceled
    const back = deployment({ creator: 'codeDeployRollback', status: 'Succeeded', rollback: { of: 'd-BAD' } })
    const { why, warnings } = gate({ store })
    expect(await why(TREE, back)).toMatch(/^canceled\n/)
    expect(warnings).toEqual([])
  })
})
