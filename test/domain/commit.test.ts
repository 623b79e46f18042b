import { expect, test } from '@jest/globals'
import { isCommit, parseCommit, short, subjectOf } from '../../src/domain/commit.js'
import { sha } from '../fakes/nouns.js'

test.each([
  [sha('a'), true],
  [`x${sha('a')}`, false],
  [`${sha('a')}0`, false],
  [sha('a').slice(1), false],
  [sha('A'), false],
  ['', false]
])('%j is a full SHA: %j', (text, is) => {
  expect(isCommit(text)).toBe(is)
  expect(parseCommit(text)).toBe(is ? text : undefined)
})

test('people read eight digits', () => expect(short(sha('a'))).toBe('aaaaaaaa'))

test.each([
  ['Fix\n\nbody', 'Fix'],
  ['Fix\r\nbody', 'Fix'],
  ['', ''],
  ['x'.repeat(2_000), 'x'.repeat(1_000)]
])('the subject of a message is its first line (%#)', (message, subject) => {
  expect(subjectOf(message)).toBe(subject)
})
