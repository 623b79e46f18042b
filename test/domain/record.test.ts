import { describe, expect, test } from '@jest/globals'
import {
  EMPTY_RECORD,
  type GroupRecord,
  parseRecord,
  recordKey,
  released,
  withoutUndone,
  withRollback,
  withUndone,
  writeRecord
} from '../../src/domain/record.js'
import { sha, stored } from '../fakes/nouns.js'

const kim = { at: '2026-11-27T18:40:12.000Z', by: 'kim', run: '123', reason: '결제가 안 됨' }
const lee = { at: '2026-11-27T19:00:00.000Z', by: 'lee', run: '124' }

const undone = (digit: string, tree = '0123456789ab') => ({
  id: `d-${digit.toUpperCase()}`,
  revision: { ...stored(sha(digit)), key: `codedeploy/shop/${sha(digit)}-${tree}.zip` }
})

const full: GroupRecord = withUndone(
  undone('b'),
  kim
)(withRollback({ ...kim, to: sha('a'), undoes: 'd-B' }, true)(EMPTY_RECORD))

describe('what is stored', () => {
  test('comes back as it was written', () => {
    expect(parseRecord(writeRecord(full))).toEqual(full)
    expect(full).toEqual({
      rollback: { ...kim, to: sha('a'), undoes: 'd-B' },
      undone: [{ ...kim, deployment: 'd-B', tree: '0123456789ab', commit: sha('b') }],
      hold: kim
    })
  })

  test('an empty record', () => {
    expect(parseRecord(writeRecord(EMPTY_RECORD))).toEqual(EMPTY_RECORD)
  })

  test('keeps the hundred newest undone trees', () => {
    const many = Array.from({ length: 120 }, (_, at) => ({ id: `d-${at}`, revision: stored(sha('b')) }))
    const record = many.reduce((sum, one) => withUndone(one, kim)(sum), EMPTY_RECORD)
    const names = parseRecord(writeRecord(record)).undone.map(({ deployment }) => deployment)
    expect([names.length, names[0], names.at(-1)]).toEqual([100, 'd-119', 'd-20'])
  })

  test.each([
    ['no JSON', '{', /JSON/],
    ['another value', '[]', 'it is not an object'],
    ['no version', '{}', 'its version is undefined, expected 1'],
    ['a newer version', '{"version":2}', 'its version is 2, expected 1'],
    ['no list', '{"version":1}', '`undone` is not a list'],
    ['a list of numbers', '{"version":1,"undone":[7]}', '`undone[0]` is not an object'],
    [
      'an entry without a person',
      '{"version":1,"undone":[{"at":"2026-11-27"}]}',
      '`undone[0].by` is missing'
    ],
    [
      'an entry without a tree',
      '{"version":1,"undone":[{"at":"2026-11-27","by":"kim","deployment":"d-A"}]}',
      '`undone[0].tree` is missing'
    ],
    [
      'a hold whose time is none',
      '{"version":1,"undone":[],"hold":{"at":"soon","by":"kim"}}',
      '`hold.at` is not a time'
    ],
    [
      'a run that is no text',
      '{"version":1,"undone":[],"rollback":{"at":"2026-11-27","by":"kim","run":7}}',
      '`rollback.run` is not text'
    ]
  ])('damaged: %s', (_, text, message) => {
    expect(() => parseRecord(text)).toThrow(message)
  })

  test('text of any length is cut', () => {
    const text = writeRecord({ undone: [], hold: { ...kim, reason: '가'.repeat(10_000) } })
    expect(parseRecord(text).hold?.reason).toBe('가'.repeat(500))
  })
})

test('its key is met by no search for a commit', () => {
  const key = recordKey({ prefix: '/codedeploy/', application: 'shop', group: 'web' })
  expect(key).toBe('codedeploy/shop/groups/web.json')
  for (const digit of '0123456789abcdef') expect(key.startsWith(`codedeploy/shop/${digit}`)).toBe(false)
})

describe('changes', () => {
  test('a rollback without a hold keeps the hold that is there', () => {
    const again = withRollback({ ...lee, to: sha('c') }, false)(full)
    expect([again.hold, again.rollback?.by]).toEqual([kim, 'lee'])
  })

  test('of two rollbacks, the later one counts, in whatever order they are noted', () => {
    const [first, second] = [
      { ...kim, to: sha('a') },
      { ...lee, to: sha('c') }
    ]
    for (const [one, other] of [
      [first, second],
      [second, first]
    ] as const)
      expect(withRollback(other, false)(withRollback(one, false)(EMPTY_RECORD)).rollback).toEqual(second)
  })

  test('the same deployment is noted once', () => {
    expect(withUndone(undone('b'), lee)(full).undone).toEqual([
      { ...lee, deployment: 'd-B', tree: '0123456789ab', commit: sha('b') }
    ])
  })

  test('a revision of another tool names no tree', () => {
    const foreign = { id: 'd-F', revision: { kind: 'foreign', text: 'GitHub x/y@z' } as const }
    expect(withUndone(foreign, kim)(EMPTY_RECORD)).toEqual(EMPTY_RECORD)
  })

  test('a tree that is back is no longer undone, under whatever commit it was', () => {
    const two = withUndone(undone('c'), lee)(withUndone(undone('d', 'ffffffffffff'), lee)(full))
    expect(withoutUndone('0123456789ab')(two).undone.map(({ deployment }) => deployment)).toEqual(['d-D'])
  })

  test('a release ends the hold and nothing else', () => {
    expect(released(full)).toEqual({ rollback: full.rollback, undone: full.undone })
  })
})
