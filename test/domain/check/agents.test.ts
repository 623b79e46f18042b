import { expect, test } from '@jest/globals'
import { agentFindings } from '../../../src/domain/check/agents.js'

test.each([
  ['of one version', ['1.8.1-3', '1.8.1-3'], 2, '1.8.1-3 on 2 instances'],
  ['of the second generation', ['2.1.0'], 1, '2.1.0 on 1 instance'],
  ['of no known form', ['nightly'], 1, 'nightly on 1 instance'],
  ['unknown on some', ['1.8.0', undefined], 2, '1.8.0 on 1 instance, not in the inventory on 1'],
  ['of a large fleet', ['1.8.0'], 9, '1.8.0 on 1 instance, the other 8 were not looked at']
])('agents %s are fine', (_, versions, all, found) => {
  expect(agentFindings(versions, all)).toEqual([{ area: 'Agent', verdict: 'ok', found }])
})

test.each(['1.7.1', '1.3.2-1902', '0.9'])('%s, which AWS does not support, is a warning', (version) => {
  expect(agentFindings([version, '1.8.1'], 2)).toMatchObject([
    {
      verdict: 'warning',
      found: `${version} on 1 instance, 1.8.1 on 1 instance`,
      why: expect.stringContaining('latest minor version'),
      remedy: expect.stringContaining('launch template')
    }
  ])
})

test('without an inventory, nothing is known', () => {
  expect(agentFindings([undefined], 1)).toMatchObject([
    { verdict: 'not-checked', found: expect.stringContaining('needs the inventory of SSM') }
  ])
})
