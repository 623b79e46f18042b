import { describe, expect, test } from '@jest/globals'
import {
  EMPTY_RECORD,
  parseRecord,
  released,
  withRollback,
  withUndone,
  writeRecord
} from '../../src/domain/record.js'
import { ofOperation } from '../../src/domain/fault.js'
import { changeRecord, readRecord } from '../../src/steps/record.js'
import { memoryRecords } from '../fakes/records.js'
import { refusal, sha, stored } from '../fakes/nouns.js'

const kim = { at: '2026-11-27T18:40:12.000Z', by: 'kim', run: '123' }
const lee = { at: '2026-11-27T19:00:00.000Z', by: 'lee', run: '124' }
const rollBack = (by: typeof kim, hold = false) => withRollback({ ...by, to: sha('a') }, hold)

describe('reading', () => {
  test('no record: nobody rolled back', async () => {
    expect(await readRecord(memoryRecords())).toEqual({ record: EMPTY_RECORD, etag: undefined })
  })

  test.each([
    ['damaged', memoryRecords('{'), /^it is damaged: /],
    [
      'refused',
      withFailure(ofOperation(refusal('AccessDenied', 'refused', 403), 'GetObject')),
      /AccessDenied\); allow the role .*action-policy/
    ],
    ['not answered', withFailure(refusal('InternalError', 'refused', 500)), /InternalError/]
  ])('%s: says why', async (_, store, why) => {
    const reading = await readRecord(store)
    expect('unreadable' in reading ? reading.unreadable : reading).toMatch(why)
  })

  test('a cancel is not a reason', async () => {
    const canceled = Object.assign(new Error('canceled'), { name: 'AbortError' })
    await expect(readRecord(withFailure(canceled))).rejects.toBe(canceled)
  })
})

function withFailure(read: Error) {
  const store = memoryRecords()
  store.failing.read = read
  return store
}

describe('changing', () => {
  test('the first change creates it', async () => {
    const store = memoryRecords()
    await changeRecord(store, rollBack(kim, true))
    expect(parseRecord(store.text ?? '')).toMatchObject({ hold: kim, rollback: kim })
  })

  test('a change that changes nothing writes nothing', async () => {
    const store = memoryRecords()
    await changeRecord(store, (record) => record)
    await changeRecord(store, released)
    expect([store.writes, store.text]).toEqual([0, undefined])
  })

  test('another run that sets a hold in between is not lost', async () => {
    const store = memoryRecords()
    store.beforeWrite = (write) => {
      if (write === 1) store.put(writeRecord(rollBack(lee, true)(EMPTY_RECORD)))
    }
    await changeRecord(store, withUndone({ id: 'd-B', revision: stored(sha('b')) }, kim))
    expect(parseRecord(store.text ?? '')).toEqual({
      undone: [{ ...kim, deployment: 'd-B', tree: '0123456789ab', commit: sha('b') }],
      hold: lee,
      rollback: { ...lee, to: sha('a') }
    })
    expect(store.writes).toBe(2)
  })

  test('a release in between is not undone by a run that had read the hold', async () => {
    const held = rollBack(lee, true)(EMPTY_RECORD)
    const store = memoryRecords(writeRecord(held))
    store.beforeWrite = (write) => {
      if (write === 1) store.put(writeRecord(released(held)))
    }
    await changeRecord(store, rollBack({ ...kim, at: '2026-11-27T20:00:00.000Z' }))
    expect(parseRecord(store.text ?? '').hold).toBeUndefined()
  })

  test('a record that others change all the time is an error', async () => {
    const store = memoryRecords()
    store.beforeWrite = (write) =>
      store.put(writeRecord(rollBack({ ...lee, run: String(write) }, true)(EMPTY_RECORD)))
    const undone = withUndone({ id: 'd-B', revision: stored(sha('b')) }, kim)
    await expect(changeRecord(store, undone)).rejects.toThrow('20 attempts')
    expect(store.writes).toBe(20)
  })

  test('a damaged record is not overwritten', async () => {
    const store = memoryRecords('{"version":2}')
    await expect(changeRecord(store, rollBack(kim))).rejects.toThrow('its version is 2')
    expect(store.text).toBe('{"version":2}')
  })
})
