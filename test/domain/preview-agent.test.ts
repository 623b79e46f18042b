import { expect, test } from '@jest/globals'
import { isAgentSilent, mayComeUp } from '../../src/domain/preview/agent.js'
import type { EventStatus, Target } from '../../src/domain/event.js'

const SILENT =
  'CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host'

const target = (...events: [status: EventStatus, message?: string][]): Target => ({
  ...{ id: 'i-1', fleet: 'in-place', status: 'Failed' },
  events: events.map(([status, message = '']) => ({
    ...{ name: 'ApplicationStop', status },
    diagnostics: { errorCode: 'UnknownError', scriptName: '', message, logTail: '' }
  }))
})

test.each<[string, Target[], boolean]>([
  ['the service says so', [target(['Failed', SILENT], ['Skipped'])], true],
  ['everything was skipped', [target(['Skipped'], ['Skipped'])], true],
  ['nothing has begun', [target(['Pending'], ['Unknown'])], true],
  ['a script failed', [target(['Failed', 'Script at specified location failed'], ['Skipped'])], false],
  ['an event succeeded before', [target(['Succeeded'], ['Failed', SILENT])], false],
  ['one of two instances has worked', [target(['Skipped']), target(['Succeeded'])], false],
  ['no instance was found', [], false]
])('agents are silent: %s', (_, targets, isSilent) => {
  expect(isAgentSilent(targets)).toBe(isSilent)
})

test('agents may come up for 20 minutes', () => {
  expect([mayComeUp(0, 1_199_999), mayComeUp(0, 1_200_000)]).toEqual([true, false])
})
