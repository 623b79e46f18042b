import { describe, expect, test } from '@jest/globals'
import { refusalOf, treeOf, unrecorded, withoutReturned } from '../../src/domain/admission.js'
import { describeRollback } from '../../src/domain/description.js'
import { EMPTY_RECORD, type GroupRecord } from '../../src/domain/record.js'
import { START } from '../fakes/clock.js'
import { deployment, sha, stored } from '../fakes/nouns.js'

const at = new Date(START).toISOString()
const mark = (id: string, tree: string) => ({ at, by: 'kim', run: '200', deployment: id, tree })
const record = (...undone: GroupRecord['undone']): GroupRecord => ({ ...EMPTY_RECORD, undone })
const TREE = '0123456789ab'

describe('what the last deployment undid', () => {
  const byService = deployment({ creator: 'codeDeployRollback', rollback: { of: 'd-BAD' } })
  const location = stored(sha('a'))
  const run = { id: '205', attempt: '1', actor: 'lee' }
  const described = deployment({
    status: 'Succeeded',
    revision: location,
    description: describeRollback(sha('a'), 'Good', { location, run, undoes: 'd-BAD' })
  })

  test.each([
    ["the service's own rollback, while it runs", byService, record(), 'd-BAD'],
    ['one that the record knows', byService, record(mark('d-BAD', TREE)), undefined],
    [
      'one that the record knows among others',
      byService,
      record(mark('d-X', TREE), mark('d-BAD', TREE)),
      undefined
    ],
    ['beside others', byService, record(mark('d-X', TREE)), 'd-BAD'],
    ['a redeploy', described, record(), 'd-BAD'],
    ['a redeploy that failed', { ...described, status: 'Failed' }, record(), undefined],
    ['a deployment like any other', deployment(), record(mark('d-X', TREE)), undefined]
  ])('%s', (_, last, known, expected) => {
    expect(unrecorded(last, known)).toBe(expected)
  })
})

describe('a tree that is back', () => {
  const last = deployment({
    status: 'Succeeded',
    revision: stored(sha('c')),
    createdAt: new Date(START + 1)
  })

  test('is forgotten, and no other', () => {
    const both = record(mark('d-A', TREE), mark('d-B', 'ffffffffffff'))
    expect(withoutReturned(last, both)).toEqual(record(mark('d-B', 'ffffffffffff')))
  })

  test.each([
    ['at the moment of the rollback', { createdAt: new Date(START) }],
    ['in a deployment that runs', { status: 'InProgress' }],
    ['by the service', { creator: 'codeDeployRollback' }],
    ['of no bundle', { revision: undefined }]
  ])('not when it came %s', (_, members) => {
    const known = record(mark('d-A', TREE))
    expect(withoutReturned({ ...last, ...members }, known)).toBe(known)
  })
})

test('only a bundle of this action names its tree', () => {
  expect(treeOf(stored(sha('a')))).toBe(TREE)
  expect(treeOf({ ...stored(sha('a')), key: 'codedeploy/shop/app.zip' })).toBeUndefined()
  expect(treeOf({ kind: 'foreign', text: `x/${sha('a')}-${TREE}.zip` })).toBeUndefined()
  expect(treeOf(undefined)).toBeUndefined()
})

test.each([
  ['9', '10', true],
  ['10', '9', false],
  ['local-9', '10', false],
  ['9', 'local-10', false],
  ['9-local', '10', false],
  ['9', '10-local', false]
])('run %s is older than run %s: %s', (runId, run, older) => {
  const applicant = { runId, began: 0, checkOrder: true, redeployUndone: false, tree: undefined }
  const refusal = refusalOf(applicant, { ...EMPTY_RECORD, rollback: { at, by: 'kim', run } })
  expect(refusal?.kind).toBe(older ? 'order' : undefined)
})
