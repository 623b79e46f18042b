import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import type { Identity } from '../domain/identity.js'
import type { AlarmStates } from '../ports.js'
import { type Connecting, open, patience } from './aws.js'
import type { Timeouts } from './client-config.js'
import { retrying, type RetryPolicy } from './retry.js'

/**
 * The states of alarms by name; one that does not exist is left out. Asks for composite alarms too, which DescribeAlarms
 * leaves out unless they are named (API: DescribeAlarms), and for 100 names at most in one call: a group has no more than 50.
 */
const alarmStates =
  (client: CloudWatchClient, policy: RetryPolicy): AlarmStates =>
  async (names) => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await retrying(
      'DescribeAlarms',
      (abortSignal) =>
        client.send(
          new DescribeAlarmsCommand({
            AlarmNames: [...names],
            AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
            MaxRecords: 100
          }),
          abortSignal === undefined ? {} : { abortSignal }
        ),
      policy
    )
    return [...MetricAlarms, ...CompositeAlarms].flatMap(({ AlarmName: name, StateValue: state }) =>
      name === undefined ? [] : [{ name, state: state ?? 'INSUFFICIENT_DATA' }]
    )
  }

/** The states only appear in a warning, so a run does not wait long for them: this, and the end of a call that began before it. */
const PATIENCE_MS = 5_000
const TIMEOUTS: Timeouts = { connectMs: 3_000, requestMs: 5_000, silenceMs: 5_000 }

export const connectAlarms = (
  region: string,
  identity: Identity,
  { timeouts = TIMEOUTS, ...connecting }: Connecting
): AlarmStates =>
  alarmStates(
    open(CloudWatchClient, region, identity, { ...connecting, timeouts }),
    patience(connecting, PATIENCE_MS, identity)
  )
