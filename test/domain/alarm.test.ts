import { expect, test } from '@jest/globals'
import { alarmCause } from '../../src/domain/alarm.js'
import { deployment } from '../fakes/nouns.js'

const STOPPED = 'and the affected deployments have been stopped.'

test.each<[string, string, string | undefined]>([
  ['ALARM_ACTIVE', `${STOPPED} Activated alarms: <5xx>`, 'the alarm 5xx'],
  ['ALARM_ACTIVE', `${STOPPED} Activated alarms: shop 5xx, latency.`, 'the alarm shop 5xx, latency'],
  ['ALARM_ACTIVE', `${STOPPED} Activated alarms: <5xx>, <p99 > 2 s>`, 'the alarm 5xx, p99 > 2 s'],
  ['ALARM_ACTIVE', `${STOPPED} Activated alarm:5xx`, 'the alarm 5xx'],
  ['ALARM_ACTIVE', 'An alarm went off', 'an alarm of the deployment group'],
  ['MANUAL_STOP', 'Activated alarms: <5xx>', undefined]
])('%s: %s', (code, message, cause) => {
  expect(alarmCause(deployment({ error: { code, message } }))).toBe(cause)
})

test('a deployment without an error was stopped by no alarm', () => {
  expect(alarmCause(deployment())).toBeUndefined()
})
