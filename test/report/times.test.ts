import { describe, expect, test } from '@jest/globals'
import { gantt } from '../../src/report/gantt.js'
import { instanceTable } from '../../src/report/instances.js'
import { eventLine } from '../../src/report/lines.js'
import { closing } from '../../src/report/outcome.js'
import { painter } from '../../src/report/style.js'
import { deploySummary } from '../../src/report/summary.js'
import { ago, seenFrom, zoneNote, zoneOf } from '../../src/report/times.js'
import { holderLine, waitLine } from '../../src/report/waits.js'
import { timesAt } from '../fakes/times.js'
import { at } from '../fakes/clock.js'
import { outcome, story } from '../fakes/endings.js'
import { deployment, events, instance, target } from '../fakes/nouns.js'

const utc = (text: string): Date => new Date(`${text}Z`)

describe('a moment in a zone', () => {
  test.each([
    ['UTC', '2026-11-22T12:03:41', '2026-11-22 12:03', '12:03:41'],
    ['Asia/Seoul', '2026-11-22T12:03:41', '2026-11-22 21:03', '21:03:41'],
    ['Asia/Seoul', '2026-12-31T15:00:00', '2027-01-01 00:00', '00:00:00'],
    // The clocks go back at 02:00 on 1 November 2026 in Newfoundland, which is half an hour off.
    ['America/St_Johns', '2026-11-01T04:29:59', '2026-11-01 01:59', '01:59:59'],
    ['America/St_Johns', '2026-11-01T04:30:00', '2026-11-01 01:00', '01:00:00'],
    ['America/St_Johns', '2026-11-01T05:30:00', '2026-11-01 02:00', '02:00:00'],
    // They go forward at 02:00 on 8 March, so that 02:30 does not exist.
    ['America/St_Johns', '2026-03-08T05:29:59', '2026-03-08 01:59', '01:59:59'],
    ['America/St_Johns', '2026-03-08T05:30:00', '2026-03-08 03:00', '03:00:00'],
    // A quarter of an hour off, and in summer while the north has winter: back at 03:45 on 5 April, forward at 02:45 on 27 September.
    ['Pacific/Chatham', '2026-04-04T13:59:59', '2026-04-05 03:44', '03:44:59'],
    ['Pacific/Chatham', '2026-04-04T14:00:00', '2026-04-05 02:45', '02:45:00'],
    ['Pacific/Chatham', '2026-09-26T13:59:59', '2026-09-27 02:44', '02:44:59'],
    ['Pacific/Chatham', '2026-09-26T14:00:00', '2026-09-27 03:45', '03:45:00'],
    ['Pacific/Kiritimati', '2026-11-22T12:03:41', '2026-11-23 02:03', '02:03:41'],
    ['Europe/Dublin', '2026-07-01T12:00:00', '2026-07-01 13:00', '13:00:00'],
    ['Asia/Kolkata', '2026-07-01T23:59:59', '2026-07-02 05:29', '05:29:59']
  ])('%s: %sZ is %s', (name, moment, dayAndClock, clock) => {
    const zone = zoneOf(name)
    expect([zone.dayAndClock(utc(moment)), zone.clock(utc(moment))]).toEqual([dayAndClock, clock])
    expect(zone.day(utc(moment))).toBe(dayAndClock.slice(0, 10))
  })

  test.each(['UTC', 'Asia/Seoul'])('a broken date breaks nothing in %s', (name) => {
    const zone = zoneOf(name)
    const broken = new Date(NaN)
    expect([zone.clock(broken), zone.dayAndClock(broken), zone.day(broken)]).toEqual(['--:--:--', '–', '–'])
    expect(ago({ now: at(0) }, broken)).toBe('–')
  })

  test('its day is shown only when it is another one, by the clocks of the zone', () => {
    const seen = (zone: string) => [
      seenFrom(timesAt(at(0), zone), at(3 * 3600)),
      seenFrom(timesAt(at(0), zone), at(13 * 3600))
    ]
    expect(seen('UTC')).toEqual(['15:00', '2026-11-23 01:00'])
    expect(seen('Asia/Seoul')).toEqual(['2026-11-23 00:00', '2026-11-23 10:00'])
    expect(seen('America/St_Johns')).toEqual(['11:30', '21:30'])
  })
})

test.each([
  [59, 'just now'],
  [60, '1 min ago'],
  [59 * 60 + 59, '59 min ago'],
  [3600, '1 h ago'],
  [19 * 3600 + 3599, '19 h ago'],
  [48 * 3600 - 1, '47 h ago'],
  [48 * 3600, '2 days ago'],
  [200 * 86_400, '200 days ago'],
  [-5, 'just now']
])('%d seconds later, it was %s', (seconds, expected) => {
  expect(ago({ now: at(seconds) }, at(0))).toBe(expected)
})

test.each([
  ['UTC', '2026-11-22T12:00:00', 'All times are UTC.'],
  ['Asia/Seoul', '2026-11-22T12:00:00', 'All times are in Asia/Seoul (now UTC+9).'],
  ['America/St_Johns', '2026-11-22T12:00:00', 'All times are in America/St_Johns (now UTC-3:30).'],
  ['America/St_Johns', '2026-07-22T12:00:00', 'All times are in America/St_Johns (now UTC-2:30).'],
  ['Pacific/Chatham', '2026-11-22T12:00:00', 'All times are in Pacific/Chatham (now UTC+13:45).'],
  ['Europe/London', '2026-11-22T12:00:00', 'All times are in Europe/London (now UTC+0).']
])('a page names %s once', (zone, now, expected) => {
  expect(zoneNote(timesAt(utc(now), zone))).toBe(expected)
})

describe('everything that people read shows the time of the zone', () => {
  const times = timesAt(at(900), 'Asia/Seoul')
  const { targets } = outcome()

  test('events', () => {
    const [event] = events(['Install'], 218)
    const its = target(instance(1), 'green', event === undefined ? [] : [event])
    const told =
      event === undefined ? '' : eventLine({ target: its, event }, { paint: painter(false), ...times })
    expect(told).toMatch(/^21:03:41 {2}green/)
  })

  test('who holds the group, and the waits', () => {
    const holder = holderLine(deployment(), targets, times)
    expect(holder).toContain('since 21:00 (15 min)')
    expect(holder).toContain('until 2026-11-23 05:03, termination wait')
    expect(waitLine(deployment(), targets, times)).toContain('keeps running until 2026-11-23 05:03')
  })

  test('the end of a run, its instances, and the one name of the zone', () => {
    const told = story({ zone: times.zone })
    expect(closing(told).sentences[0]).toMatch(/keeps running until 2026-11-23 05:03\. Until then/)
    expect(instanceTable(outcome(), times).join('\n')).toContain(
      'not in service<br>from 21:02:45 for 31.8 s<br>'
    )
    const summary = deploySummary(told)
    expect(summary.match(/Asia\/Seoul/g)).toHaveLength(1)
    expect(summary).toContain('<sub>All times are in Asia/Seoul (now UTC+9).</sub>')
    expect(summary).not.toContain('12:0')
  })

  test('the timeline, which does not jump when the clocks change', () => {
    const back = utc('2026-11-01T04:20:00')
    const later = (minutes: number): Date => new Date(back.getTime() + minutes * 60_000)
    const its = target(instance(1), 'green', [
      { name: 'Install', status: 'Succeeded', startTime: back, endTime: later(20) },
      { name: 'ValidateService', status: 'Succeeded', startTime: later(20), endTime: later(40) }
    ])
    const drawn = (zone: string) =>
      gantt({ deployment: deployment({ createdAt: back }), targets: [its] }, timesAt(later(40), zone))
    expect(drawn('America/St_Johns').text).toMatch(
      /green Install\n.* :2026-11-01T01:50:00.000, 2026-11-01T02:10:00.000\n.*green ValidateService\n.* :2026-11-01T02:10:00.000, 2026-11-01T02:30:00.000$/
    )
    expect(drawn('America/St_Johns').remarks).toEqual([
      '1 green instance.',
      'The clocks changed during this deployment; the timeline keeps the time of its start.'
    ])
    expect(drawn('Asia/Seoul').text).toMatch(/Install\n.* :2026-11-01T13:20:00.000, 2026-11-01T13:40:00.000/)
    expect(drawn('Asia/Seoul').remarks).toEqual(['1 green instance.'])
  })
})
