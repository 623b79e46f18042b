import { expect, test } from '@jest/globals'
import { rotated, sampled } from './sample.js'

test.each([
  [0, ['a', 'b', 'c']],
  [1, ['b', 'c', 'a']],
  [5, ['c', 'a', 'b']]
])('a list that begins with position %d', (position, expected) => {
  expect(rotated(['a', 'b', 'c'], position)).toEqual(expected)
})

test('three rows of a rotation cover each pair of row and column once, and each value in each', () => {
  const table = [0, 1, 2].map((row) => [0, 1, 2].map((column) => rotated(['a', 'b', 'c'], row + column)[0]))
  expect(table).toEqual([
    ['a', 'b', 'c'],
    ['b', 'c', 'a'],
    ['c', 'a', 'b']
  ])
})

test('a sample begins with the first', () => {
  expect(sampled([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1, 4, 7])
  expect(sampled([1], 3)).toEqual([1])
})
