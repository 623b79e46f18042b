import { describe, expect, test } from '@jest/globals'
import { nearTimeZones, parseTimeZone } from '../../src/domain/time-zone.js'

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
    ['UTCC', 'UTC']
  ])('of %s begin with %s', (text, expected) => {
    const near = nearTimeZones(text)
    expect(near[0]).toBe(expected)
    expect(near.length).toBeLessThanOrEqual(3)
  })

  test.each(['', '한국 시간', '+09:00', 'qqqqqqqqqqqqqq'])('of %j are none', (text) => {
    expect(nearTimeZones(text)).toEqual([])
  })
})
