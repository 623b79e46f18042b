import { expect, test } from '@jest/globals'
import { dependent, ok, problem, warning } from '../../src/domain/check/finding.js'
import { checkSummary, checkVerdict } from '../../src/report/check.js'

const fine = ok('Bucket', 'it exists')
const unread = dependent('Alarms', 'cloudwatch:DescribeAlarms')
const bad = problem('Launch hooks', 'one is missing', 'No code.', 'Add it.')
const odd = warning('Waits', 'they are long', 'The job ends.', 'Shorten them.')

test.each([
  ['all is well', [fine, odd], '✅ The check found no problem'],
  ['a problem was found', [fine, bad, unread], '❌ Deployments need fixes first'],
  ['something was not read', [fine, unread], '❔ No problem found, but not everything was checked'],
  ['nothing was read', [unread, unread], '❔ Nothing could be checked']
])('when %s, the heading says so', (_, findings, heading) => {
  expect(checkSummary(findings, 'festival/web')).toContain(`## ${heading}: festival/web`)
})

test('the table begins with what needs work', () => {
  const summary = checkSummary([fine, unread, odd, bad], 'festival/web')
  const order = ['❌ |', '⚠️ |', '❔ |', '✅ |'].map((row) => summary.indexOf(row))
  expect(order).toEqual([...order].sort((a, b) => a - b))
})

test('the verdict counts every kind', () => {
  expect(checkVerdict([fine, unread, odd, bad])).toBe('1 problem, 1 warning, 1 not checked, 1 ok')
})
