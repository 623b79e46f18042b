import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { zipTime } from '../../src/bundle/zip.js'

const fields = (time: number) => ({
  year: 1980 + (time >>> 25),
  month: (time >>> 21) & 15,
  day: (time >>> 16) & 31,
  hour: (time >>> 11) & 31,
  minute: (time >>> 5) & 63,
  second: 2 * (time & 31)
})

test('an entry without content has the earliest ZIP time', () => {
  expect(fields(zipTime(undefined))).toEqual({ year: 1980, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
})

test('every hash gives a valid time, before 2008', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const { year, month, day, hour, minute, second } = fields(zipTime(Buffer.from(bytes).toString('hex')))
      const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
      expect(date.toISOString()).toBe(
        `${year}-${[month, day].map((part) => String(part).padStart(2, '0')).join('-')}T${[hour, minute, second].map((part) => String(part).padStart(2, '0')).join(':')}.000Z`
      )
      expect(year).toBeLessThan(2008)
    })
  )
})

test('different contents of the same size have different times', () => {
  const times = ['body { color: red }', 'body { color: tan }'].map((text) =>
    zipTime(createHash('sha256').update(text).digest('hex'))
  )
  expect(times[0]).not.toBe(times[1])
})
