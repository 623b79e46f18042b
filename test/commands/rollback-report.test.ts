import { beforeEach, describe, expect, test } from '@jest/globals'
import { conclude, type Conclusion } from '../../src/commands/rollback-report.js'
import type { RollbackContext } from '../../src/commands/rollback-context.js'
import { type GroupRecord, parseRecord, writeRecord } from '../../src/domain/record.js'
import { Canceled } from '../../src/errors.js'
import { painter } from '../../src/report/style.js'
import { zoneOf } from '../../src/report/times.js'
import { START } from '../fakes/clock.js'
import { broken, deployment, group, refusal, sha, stored } from '../fakes/nouns.js'
import { type MemoryRecords, memoryRecords } from '../fakes/records.js'

// A person who rolls back waits for the result; the record is for later runs, and comes after it.

const TREE = '0123456789ab'
const target = { location: stored(sha('a')), commit: sha('a') }
const key = `codedeploy/shop/${sha('b')}-bbbbbbbbbbbb.zip`
const undone = deployment({ id: 'd-BAD', status: 'Stopped', revision: { ...stored(sha('b')), key } })
const at = new Date(START).toISOString()
const listed = writeRecord({ undone: [{ at, by: 'kim', deployment: 'd-OLD', tree: TREE }] })

let told: string[]
let records: MemoryRecords
beforeEach(() => {
  told = []
  records = memoryRecords()
  const read = records.read.bind(records)
  records.read = () => {
    told.push('read the record')
    return read()
  }
  records.beforeWrite = () => told.push('wrote the record')
})

/** Ends a fast rollback, and returns its exit code. What it does is in `told`, in order. */
const end = (members: Partial<Conclusion> = {}, inputs: { hold?: boolean } = {}): Promise<number> => {
  const say = (line: string): void => void told.push(line)
  const context = {
    inputs: {
      identity: { region: 'us-east-1' },
      application: 'shop',
      group: 'web',
      hold: false,
      reason: undefined,
      ...inputs
    },
    group: group(),
    zone: zoneOf('UTC'),
    record: records,
    world: {
      runner: {
        info: say,
        annotate: (level: string, message: string) => say(`${level}: ${message}`),
        output: (name: string, value: string) => say(`${name}=${value}`),
        summary: () => {
          say('the summary')
          return Promise.resolve()
        }
      },
      paint: painter(false),
      clock: { now: () => START },
      startedAt: START,
      context: { actor: 'kim', runId: '7', attempt: '1', repository: '', serverUrl: '' }
    }
  } as unknown as RollbackContext
  return conclude('fast', deployment({ id: 'd-BACK' }), {
    ...{ target, context, undone, isHeld: false },
    ...members
  })
}

const warnings = (): string[] => told.filter((line) => line.startsWith('warning: '))
const record = (): GroupRecord => parseRecord(records.text ?? '')

test('the result, the outputs and the summary come before the record', async () => {
  expect(await end()).toBe(0)
  expect(told[0]).toMatch(/^✓ aaaaaaaa is live on shop\/web again/)
  expect(told.slice(told.indexOf(`live-commit=${sha('a')}`))).toEqual([
    `live-commit=${sha('a')}`,
    'the summary',
    'read the record',
    'wrote the record'
  ])
  expect(record().undone).toMatchObject([{ deployment: 'd-BAD', tree: 'bbbbbbbbbbbb', by: 'kim', run: '7' }])
})

describe('what cannot be stored', () => {
  const cancel = new Canceled('The job was canceled before anything was deployed.', 'Run it again.')
  const where = 's3://bundles/codedeploy/shop/groups/web.json'
  const hint = `A later run may deploy the same files again. To keep them out, roll back to ${sha('a')} once more with \`hold: true\`: it is live, so that only puts the group on hold, until \`command: release\`.`

  test.each<[string, 'read' | 'write', Error, string]>([
    ['a cancel while it is read', 'read', cancel, 'may not say so: the job was canceled before S3 answered.'],
    [
      'a cancel while it is written',
      'write',
      cancel,
      'may not say so: the job was canceled before S3 answered.'
    ],
    ['a lost answer', 'write', broken(), 'may not say so: socket hang up (ECONNRESET).'],
    ['a refusal', 'write', refusal('MalformedXML', 'refused'), 'does not say so: refused (MalformedXML).']
  ])('%s leaves the rollback green, with a warning', async (_, call, error, words) => {
    records.failing[call] = error
    expect(await end()).toBe(0)
    expect(told[0]).toMatch(/^✓ aaaaaaaa is live/)
    expect(warnings()).toEqual([`warning: bbbbbbbb (d-BAD) was rolled back, but ${where} ${words} ${hint}`])
    expect(told.at(-1)).toBe(warnings()[0])
  })

  test('of a group that is on hold cannot come back before its release', async () => {
    records.failing.write = cancel
    expect(await end({ isHeld: true }, { hold: true })).toBe(0)
    expect(warnings()).toEqual([
      expect.stringMatching(
        /The group is on hold, so its files cannot come back before somebody releases it\.$/
      )
    ])
  })

  test('leaves the advice to the error about a hold that was not set either', async () => {
    records.failing.write = cancel
    await end({}, { hold: true })
    expect(warnings()).toEqual([expect.stringMatching(/A later run may deploy the same files again\.$/)])
    expect(told.join('\n')).not.toContain('is on hold')
  })

  test('of the target itself: the record still lists it as rolled back', async () => {
    records.put(listed)
    records.failing.write = cancel
    expect(await end({ undone: undefined })).toBe(0)
    expect(warnings()).toEqual([
      `warning: ${sha('a')} is no longer rolled back, but ${where} may not say so: the job was canceled before S3 answered. To deploy it again, set \`redeploy-undone: true\`.`
    ])
  })

  test.each([
    ['nothing was undone', undefined],
    ['what was undone has no tree', deployment({ id: 'd-BAD', revision: { kind: 'foreign', text: 'a/b' } })]
  ])('is nothing to warn of when %s', async (_, none) => {
    records.failing.read = cancel
    expect(await end({ undone: none })).toBe(0)
    expect(warnings()).toEqual([])
  })
})

test('a target that had been rolled back is welcome again', async () => {
  records.put(listed)
  await end({ undone: undefined })
  expect(record().undone).toEqual([])
})

test('a rollback with a doubt notes nothing', async () => {
  const live = { kind: 'unknown', reason: 'nobody answers', evidence: { from: 'deployments' } } as const
  const code = await end({ doubt: { live, others: [], group: group(), region: 'us-east-1' } })
  expect([code, told.includes('read the record')]).toEqual([1, false])
})
