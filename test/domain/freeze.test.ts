import { describe, expect, test } from '@jest/globals'
import { frozenBy, parseFreeze } from '../../src/domain/freeze.js'

const shown = (line: string, zone = 'UTC') => {
  const { from, until, reason } = parseFreeze(line, zone)
  return [new Date(from).toISOString().slice(0, 16), new Date(until).toISOString().slice(0, 16), reason]
}

describe('a line', () => {
  test.each([
    ['2026-05-16 Spring festival', 'UTC', '2026-05-16T00:00', '2026-05-17T00:00', 'Spring festival'],
    ['2026-05-16', 'UTC', '2026-05-16T00:00', '2026-05-17T00:00', ''],
    ['2026-05-16 봄 축제', 'Asia/Seoul', '2026-05-15T15:00', '2026-05-16T15:00', '봄 축제'],
    ['2026-05-16 Asia/Seoul', 'UTC', '2026-05-15T15:00', '2026-05-16T15:00', ''],
    ['2026-05-16 UTC x', 'Asia/Seoul', '2026-05-16T00:00', '2026-05-17T00:00', 'x'],
    ['2026-05-16 to 2026-05-18 Days', 'UTC', '2026-05-16T00:00', '2026-05-19T00:00', 'Days'],
    [
      '2026-12-24 18:00 to 2026-12-27 06:00 Asia/Seoul Holidays',
      'UTC',
      '2026-12-24T09:00',
      '2026-12-26T21:00',
      'Holidays'
    ],
    ['2026-12-24 18:00 – 2026-12-27 Holidays', 'UTC', '2026-12-24T18:00', '2026-12-28T00:00', 'Holidays'],
    ['  2026-12-24   18:00  -  20:30  Show ', 'UTC', '2026-12-24T18:00', '2026-12-24T20:30', 'Show'],
    ['2026-12-31 New year', 'UTC', '2026-12-31T00:00', '2027-01-01T00:00', 'New year'],
    ['2028-02-29 Leap day', 'UTC', '2028-02-29T00:00', '2028-03-01T00:00', 'Leap day'],
    ['2026-05-16 A/B launch', 'UTC', '2026-05-16T00:00', '2026-05-17T00:00', 'A/B launch'],
    ['2026-05-16 America/St_Johns x', 'UTC', '2026-05-16T02:30', '2026-05-17T02:30', 'x'],
    ['2026-05-16 America/Argentina/Ushuaia x', 'UTC', '2026-05-16T03:00', '2026-05-17T03:00', 'x']
  ])('%s in %s', (line, zone, ...expected) => {
    expect(shown(line, zone)).toEqual(expected)
  })

  test.each([
    // Clocks go from 02:00 to 03:00; the day has 23 hours.
    ['2026-03-29', '2026-03-28T23:00', '2026-03-29T22:00'],
    ['2026-03-29 02:30 to 04:00', '2026-03-29T01:30', '2026-03-29T02:00'],
    // Clocks go back from 03:00 to 02:00, so that 02:30 comes twice.
    ['2026-10-25', '2026-10-24T22:00', '2026-10-25T23:00'],
    ['2026-10-25 02:30 to 04:00', '2026-10-25T00:30', '2026-10-25T03:00']
  ])('on a day on which the clocks of Berlin change: %s', (line, ...expected) => {
    expect(shown(line, 'Europe/Berlin').slice(0, 2)).toEqual(expected)
  })

  test.each([
    ['festival', 'expected a day or a window and its reason'],
    ['16.05.2026 Festival', 'expected a day or a window'],
    ['2026-02-30 Festival', 'there is no 2026-02-30 00:00'],
    ['2026-13-01 Festival', 'there is no 2026-13-01 00:00'],
    ['2026-05-16 25:00 to 26:00', 'there is no 2026-05-16 25:00'],
    ['2026-05-16 18:00 Festival', 'the end is missing'],
    ['2026-05-16 18:00 to 17:00 Festival', 'it ends before it begins'],
    ['2026-05-16 to 2026-05-15 Festival', 'it ends before it begins'],
    ['2026-05-16 Asia/Soul Festival', '`Asia/Soul` is not the IANA name of a time zone']
  ])('that is wrong: %s', (line, why) => {
    expect(() => parseFreeze(line, 'UTC')).toThrow(why)
  })
})

describe('now', () => {
  const windows = ['2026-05-16 Day', '2026-05-16 12:00 to 2026-05-17 12:00 Longer'].map((line) =>
    parseFreeze(line, 'UTC')
  )
  test.each([
    ['2026-05-15T23:59:59.999Z', undefined],
    ['2026-05-16T00:00:00.000Z', 'Day'],
    ['2026-05-16T12:00:00.000Z', 'Longer'],
    ['2026-05-17T11:59:59.999Z', 'Longer'],
    ['2026-05-17T12:00:00.000Z', undefined]
  ])('%s is frozen by %s', (now, reason) => {
    expect(frozenBy(windows, Date.parse(now))?.reason).toBe(reason)
  })
})
