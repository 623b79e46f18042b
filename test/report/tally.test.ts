import { describe, expect, test } from '@jest/globals'
import type { LifecycleEvent } from '../../src/domain/event.js'
import { nothingTold, tallies } from '../../src/domain/tally.js'
import { painter } from '../../src/report/style.js'
import { namesOf } from '../../src/report/health.js'
import { tallyLine } from '../../src/report/tally.js'
import { at } from '../fakes/clock.js'
import { failedDiagnostics, instance, target } from '../fakes/nouns.js'
import { timesAt } from '../fakes/times.js'

/** The lines about a fleet of 1,000 on which this event is. */
const lines = (eventOf: (index: number) => LifecycleEvent, isWhole = true): string[] => {
  const targets = Array.from({ length: 1000 }, (_, index) =>
    target(instance(index), 'green', [eventOf(index)])
  )
  return tallies(nothingTold(), { targets, isWhole, isLast: false }).map((tally) =>
    tallyLine(tally, { paint: painter(false), ...timesAt(at(500)) })
  )
}

const ran = (seconds: number): LifecycleEvent => ({
  name: 'AfterInstall',
  status: 'Succeeded',
  startTime: at(200),
  endTime: at(200 + seconds)
})
const pending: LifecycleEvent = { name: 'AfterInstall', status: 'Pending' }

describe('one line for an event of a large fleet', () => {
  test('counts, with the median and the slowest', () => {
    expect(lines((index) => (index < 412 ? ran(index === 7 ? 14 : 3.2) : pending))).toEqual([
      '12:03:34  green     412 of 1,000         AfterInstall        Succeeded   median 3.2 s, slowest 14.0 s (i-0a1b2c3d4e5f60007)'
    ])
  })

  test('names the only one', () => {
    expect(lines((index) => (index === 7 ? ran(14) : pending))).toEqual([
      '12:03:34  green     1 of 1,000           AfterInstall        Succeeded   14.0 s (i-0a1b2c3d4e5f60007)'
    ])
  })

  test('says that not all have been read yet', () => {
    expect(lines(() => ran(1), false)).toEqual([
      '12:03:21  green     1,000 so far         AfterInstall        Succeeded   median 1.0 s, slowest 1.0 s (i-0a1b2c3d4e5f60999)'
    ])
  })

  test.each([
    [2, '(i-0a1b2c3d4e5f60000, i-0a1b2c3d4e5f60001)'],
    [4, '']
  ])('names up to three that are at work (%d)', (count, names) => {
    const running = { name: 'Install', status: 'InProgress', startTime: at(1) }
    expect(lines((index) => (index < count ? running : { ...running, status: 'Pending' }))).toEqual([
      `12:00:01  green     ${count} of 1,000           Install             InProgress  ${names}`.trimEnd()
    ])
  })

  test('says why it failed and on whom', () => {
    const failed = (index: number): LifecycleEvent => ({
      name: 'Install',
      status: 'Failed',
      startTime: at(1),
      endTime: at(2 + index),
      diagnostics: failedDiagnostics()
    })
    expect(lines((index) => (index < 200 ? failed(index) : pending))).toEqual([
      '12:03:21  green     200 of 1,000         Install             Failed      ScriptFailed scripts/validate.sh, exit code 3 (i-0a1b2c3d4e5f60000, i-0a1b2c3d4e5f60001, i-0a1b2c3d4e5f60002 and 197 more instances)'
    ])
  })

  test('has the present time for what the service gives no time', () => {
    expect(lines(() => ({ name: 'AllowTraffic', status: 'Skipped' }))).toEqual([
      '12:08:20  green     1,000 of 1,000       AllowTraffic        Skipped'
    ])
  })

  test('says of further causes that they are others', () => {
    const failed = (index: number): LifecycleEvent => ({
      name: 'Install',
      status: 'Failed',
      diagnostics: failedDiagnostics({ message: `Broken in way ${index}` })
    })
    expect(lines(failed).at(-1)).toMatch(
      / 995 of 1,000 +Install +Failed +other causes \(i-.* and 992 more instances\)$/
    )
  })
})

test('a failure without a reason has only names', () => {
  expect(lines(() => ({ name: 'Install', status: 'Failed' }))[0]).toMatch(
    /Failed {6}\(i-\S+, i-\S+, i-\S+ and 997/
  )
})

test('names three of many, and how many more there are', () => {
  expect(namesOf(['i-1', 'i-2', 'i-3'])).toBe('i-1, i-2, i-3')
  expect(namesOf(Array.from({ length: 1004 }, () => 'i-1'))).toBe('i-1, i-1, i-1 and 1,001 more instances')
})
