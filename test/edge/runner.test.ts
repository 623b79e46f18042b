import { expect, test } from '@jest/globals'
import { runner } from '../../src/edge/runner.js'

test('what was masked, and the tokens of the job, are hidden in a text that is cut later', () => {
  const write = process.stdout.write.bind(process.stdout)
  // The mask itself is a command on standard output, which a runner of this test would obey.
  process.stdout.write = () => true
  const same = (text: string): string => text
  const here = runner({ ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'for-oidc' }, { line: same, lines: same })
  here.mask('correct-horse')
  process.stdout.write = write
  expect(here.hide('a correct-horse b for-oidc correct-horse')).toBe('a *** b *** ***')
  expect(here.hide('nothing')).toBe('nothing')
})
