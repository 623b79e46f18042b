import { expect, test } from '@jest/globals'
import { excludes } from '../../src/bundle/exclude.js'

const cases: [name: string, patterns: string[], path: string, isDirectory: boolean, out: boolean][] = [
  ['nothing is left out by default', [], 'a/b.log', false, false],
  ['.git is always left out', [], '.git', true, true],
  ['the .git file of a submodule too', [], 'vendor/lib/.git', false, true],
  ['.git stays out even when it is asked for', ['!.git'], '.git', true, true],
  ['.gitignore is no .git', [], '.gitignore', false, false],
  ['a name matches at any depth', ['*.log'], 'a/b/c.log', false, true],
  ['a leading slash means the root', ['/c.log'], 'a/c.log', false, false],
  ['a trailing slash means folders', ['tmp/'], 'tmp', false, false],
  ['… and takes them', ['tmp/'], 'a/tmp', true, true],
  ['a later pattern brings back', ['*.log', '!keep.log'], 'keep.log', false, false],
  ['case counts', ['*.LOG'], 'a.log', false, false],
  ['comments and empty lines say nothing', ['# a.log', '', '  '], 'a.log', false, false],
  ['two stars cross folders', ['a/**/z'], 'a/b/c/z', false, true]
]

test.each(cases)('%s', (_, patterns, path, isDirectory, out) => {
  expect(excludes(patterns)(path, isDirectory)).toBe(out)
})

test('a pattern still holds after very many paths', () => {
  const excluded = excludes(['*.log'])
  for (let index = 0; index < 25_000; index++) excluded(`folder/${index}.txt`, false)
  expect(excluded('x.log', false)).toBe(true)
})
