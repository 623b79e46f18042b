import { expect, test } from '@jest/globals'
import { excludes } from '../../src/bundle/exclude.js'

const cases: [name: string, patterns: string[], path: string, isDirectory: boolean, out: boolean][] = [
  ['nothing is excluded by default', [], 'a/b.log', false, false],
  ['.git is always excluded', [], '.git', true, true],
  ['so is the .git file of a submodule', [], 'vendor/lib/.git', false, true],
  ['.git stays excluded even when a pattern includes it', ['!.git'], '.git', true, true],
  ['.gitignore is not .git', [], '.gitignore', false, false],
  ['a name matches at any depth', ['*.log'], 'a/b/c.log', false, true],
  ['a leading slash means the root', ['/c.log'], 'a/c.log', false, false],
  ['a trailing slash does not match a file', ['tmp/'], 'tmp', false, false],
  ['a trailing slash matches a folder', ['tmp/'], 'a/tmp', true, true],
  ['a later pattern includes a file again', ['*.log', '!keep.log'], 'keep.log', false, false],
  ['matching is case-sensitive', ['*.LOG'], 'a.log', false, false],
  ['comments and empty lines have no effect', ['# a.log', '', '  '], 'a.log', false, false],
  ['two stars match several folders', ['a/**/z'], 'a/b/c/z', false, true]
]

test.each(cases)('%s', (_, patterns, path, isDirectory, out) => {
  expect(excludes(patterns)(path, isDirectory)).toBe(out)
})

test('a pattern still matches after very many paths', () => {
  const excluded = excludes(['*.log'])
  for (let index = 0; index < 25_000; index++) excluded(`folder/${index}.txt`, false)
  expect(excluded('x.log', false)).toBe(true)
})
