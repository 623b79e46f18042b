import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand
} from '@aws-sdk/client-cloudwatch'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor'
import { startCloud, type Cloud } from '../start.js'
import { administrator, refusalOf, roleCredentials } from '../wire/clients.js'

let cloud: Cloud
beforeEach(async () => {
  cloud = await startCloud({ scripted: true })
})
afterEach(() => cloud.stop())

type Options = Partial<ConstructorParameters<typeof CloudWatchClient>[0]>

const clientOf = (options: Options = {}): CloudWatchClient =>
  new CloudWatchClient({
    endpoint: cloud.url,
    region: 'ap-northeast-2',
    credentials: administrator(cloud),
    maxAttempts: 1,
    ...options
  })

const ALARM = {
  AlarmName: 'errors',
  ComparisonOperator: 'GreaterThanThreshold',
  EvaluationPeriods: 1
} as const

/** The JavaScript client speaks JSON, the `aws` command line CBOR. */
const PROTOCOLS: [string, Options][] = [
  ['JSON', {}],
  ['CBOR', { protocol: SmithyRpcV2CborProtocol }]
]

describe.each(PROTOCOLS)('over %s', (_, options) => {
  test('an alarm begins without data, takes a state, and goes', async () => {
    const client = clientOf(options)
    const before = Date.now() - 1000
    await client.send(new PutMetricAlarmCommand({ ...ALARM, Threshold: 2.5 }))
    const set = { AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'tried' } as const
    const first = await client.send(new DescribeAlarmsCommand({ AlarmNames: ['errors', 'another'] }))
    await client.send(new SetAlarmStateCommand(set))
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }))
    expect(first.MetricAlarms?.map(({ StateValue }) => StateValue)).toEqual(['INSUFFICIENT_DATA'])
    expect(MetricAlarms).toMatchObject([
      {
        AlarmName: 'errors',
        AlarmArn: 'arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:errors',
        StateValue: 'ALARM',
        StateReason: 'tried',
        Threshold: 2.5
      }
    ])
    expect(MetricAlarms[0]?.StateTransitionedTimestamp?.getTime()).toBeGreaterThan(before)
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ['errors'] }))
    expect((await client.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([])
  })

  test('an alarm that does not exist has no state to set', async () => {
    const command = new SetAlarmStateCommand({ AlarmName: 'x', StateValue: 'OK', StateReason: 'r' })
    expect(await refusalOf(clientOf(options).send(command))).toMatch(/^ResourceNotFound/)
  })

  test('a role needs the right for every alarm, and on all for composite alarms', async () => {
    const alarm = 'arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:errors'
    const client = clientOf({ ...options, credentials: await roleCredentials(cloud) })
    const one = new DescribeAlarmsCommand({ AlarmNames: ['errors'] })
    const all = new DescribeAlarmsCommand({ AlarmNames: ['errors'], AlarmTypes: ['CompositeAlarm'] })
    expect(await refusalOf(client.send(one))).toBe('AccessDeniedException')
    cloud.role.policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: alarm }]
    }
    expect(await refusalOf(client.send(one))).toBe('none')
    expect(await refusalOf(client.send(all))).toBe('AccessDeniedException')
  })
})
