import { describe, expect, test } from '@jest/globals'
import { nearTimeZones, offsetIn, parseTimeZone } from '../../src/domain/time-zone.js'

describe('the name of a time zone', () => {
  test.each([
    ['UTC', 'UTC'],
    ['Asia/Seoul', 'Asia/Seoul'],
    ['asia/seoul', 'Asia/Seoul'],
    ['America/St_Johns', 'America/St_Johns'],
    ['Pacific/Chatham', 'Pacific/Chatham'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['Etc/GMT+9', 'Etc/GMT+9']
  ])('%s is %s', (text, expected) => {
    expect(parseTimeZone(text)).toBe(expected)
  })

  test.each(['', 'Seoul', 'Asia/Soul', 'KST', '+09:00', 'UTC+9', '한국', 'Asia/Seoul\n', 'x'.repeat(10_000)])(
    '%j is none',
    (text) => {
      expect(parseTimeZone(text)).toBeUndefined()
    }
  )
})

describe('the nearest names', () => {
  test.each([
    ['Asia/Soul', 'Asia/Seoul'],
    ['seoul', 'Asia/Seoul'],
    ['Korea/Seoul', 'Asia/Seoul'],
    ['America/NewYork', 'America/New_York'],
    ['St Johns', 'America/St_Johns'],
    ['Pacific/Chattam', 'Pacific/Chatham'],
    ['UTCC', 'UTC'],
    ['utc/', 'UTC']
  ])('of %s begin with %s', (text, expected) => {
    const near = nearTimeZones(text)
    expect(near[0]).toBe(expected)
    expect(near.length).toBeLessThanOrEqual(3)
  })

  test('of several that are as near are the first three by name, after those that are nearer', () => {
    expect(nearTimeZones('Jakart')).toEqual(['Asia/Jakarta', 'Africa/Dakar'])
    expect(nearTimeZones('mangui')).toEqual(['Africa/Bangui', 'America/Managua', 'America/Manaus'])
    expect(nearTimeZones('banaul')).toEqual(['Africa/Banjul', 'Asia/Barnaul', 'Africa/Bangui'])
    expect(nearTimeZones('bankui')).toEqual(['Africa/Bangui', 'Africa/Banjul', 'Asia/Baku'])
  })

  test.each([
    ['a third of the letters wrong', 'xxBerlin', ['Europe/Berlin']],
    ['more than a third', 'xxxBerlin', ['Europe/Berlin']],
    ['more than a third of a short one', 'Oul', []],
    ['only its end', 'lin', []]
  ])('with %s: %s', (_, text, expected) => {
    expect(nearTimeZones(text)).toEqual(expected)
  })

  test.each(['', '한국 시간', '+09:00', 'qqqqqqqqqqqqqq'])('of %j are none', (text) => {
    expect(nearTimeZones(text)).toEqual([])
  })
})

test.each([
  ['UTC', '2026-07-01', 0],
  ['Etc/GMT', '2026-07-01', 0],
  ['Asia/Seoul', '2026-07-01', 540],
  ['America/St_Johns', '2026-07-01', -150],
  ['America/St_Johns', '2026-01-01', -210],
  ['Asia/Kathmandu', '2026-01-01', 345]
])('the clocks of %s on %s are %d minutes ahead of UTC', (name, day, minutes) => {
  expect(offsetIn(name)(new Date(day))).toBe(minutes * 60_000)
})

test('a moment that is none has no offset', () => {
  expect(offsetIn('Asia/Seoul')(new Date(Number.NaN))).toBe(0)
})
