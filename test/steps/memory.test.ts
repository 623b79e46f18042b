import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'

interface Measured {
  before: number
  grown: number
  looks: number
  news: number
  hours: number
}

test('nine hours of polling a thousand instances need no more memory than the first minutes', () => {
  const printed = execFileSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', 'test/steps/nine-hours.ts'],
    { encoding: 'utf8' }
  )
  const measured = JSON.parse(printed) as Measured
  expect(measured.hours).toBe(9)
  expect(measured.looks).toBeGreaterThan(1_900)
  expect(measured.news).toBeGreaterThanOrEqual(4_000)
  expect(measured.before).toBeGreaterThan(0)
  expect(measured.grown).toBeLessThan(30)
})
