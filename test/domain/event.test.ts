import { expect, test } from '@jest/globals'
import { isSettled } from '../../src/domain/event.js'

test.each([
  ['Succeeded', true],
  ['Failed', true],
  ['Skipped', true],
  ['Pending', false],
  ['InProgress', false],
  ['Unknown', false],
  ['', false]
])('%j no longer changes: %s', (status, expected) => {
  expect(isSettled(status)).toBe(expected)
})
