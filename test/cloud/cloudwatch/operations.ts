import { ServiceError, type JsonOperations } from '../contract.js'
import type { Alarm, Alarms, AlarmState } from './alarms.js'

/** Where the alarms are. */
export interface AlarmPlace {
  region: string
  accountId: string
}

type Input = Record<string, unknown>

const STATES: readonly AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA']
/** What DescribeAlarms answers in one page, and how many names it takes (API: DescribeAlarms). */
const MOST = 100

export const alarmArn = ({ region, accountId }: AlarmPlace, name: string): string =>
  `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`

const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message)

const required = (input: Input, member: string): string => {
  const value = input[member]
  if (typeof value === 'string' && value !== '') return value
  throw invalid(`The parameter ${member} is required.`)
}

const names = (input: Input, member: string): string[] =>
  Array.isArray(input[member]) ? (input[member] as string[]) : []

const stateOf = (input: Input): AlarmState => {
  const given = required(input, 'StateValue')
  const known = STATES.find((state) => state === given)
  if (known === undefined) throw invalid(`StateValue '${given}' is none of ${STATES.join(', ')}.`)
  return known
}

const answer = (place: AlarmPlace, alarm: Alarm): object => ({
  ActionsEnabled: true,
  ...alarm.settings,
  AlarmName: alarm.name,
  AlarmArn: alarmArn(place, alarm.name),
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
  StateValue: alarm.state,
  StateReason: alarm.reason,
  StateUpdatedTimestamp: new Date(alarm.updatedAt),
  StateTransitionedTimestamp: new Date(alarm.transitionedAt)
})

const describe = (alarms: Alarms, place: AlarmPlace, input: Input): object => {
  const wanted = names(input, 'AlarmNames')
  if (wanted.length > MOST) throw invalid(`AlarmNames takes at most ${MOST} names.`)
  const types = names(input, 'AlarmTypes')
  const state = input['StateValue']
  const prefix = typeof input['AlarmNamePrefix'] === 'string' ? input['AlarmNamePrefix'] : ''
  const found = alarms
    .all()
    .filter(({ name }) => wanted.length === 0 || wanted.includes(name))
    .filter((alarm) => alarm.name.startsWith(prefix) && (state === undefined || alarm.state === state))
    .filter(() => types.length === 0 || types.includes('MetricAlarm'))
  return {
    MetricAlarms: found.slice(0, MOST).map((alarm) => answer(place, alarm)),
    CompositeAlarms: []
  }
}

/** CloudWatch's API as far as alarms go: there are no metrics, and every alarm is a metric alarm. */
export const cloudwatchOperations = (alarms: Alarms, place: AlarmPlace): JsonOperations => ({
  PutMetricAlarm: (input) => {
    for (const member of ['ComparisonOperator', 'EvaluationPeriods'])
      if (input[member] === undefined) throw invalid(`The parameter ${member} is required.`)
    alarms.put(required(input, 'AlarmName'), input)
    return {}
  },
  SetAlarmState: (input) => {
    const [name, state] = [required(input, 'AlarmName'), stateOf(input)]
    if (!alarms.set(name, state, required(input, 'StateReason')))
      throw new ServiceError('ResourceNotFound', `Alarm ${name} does not exist.`, 404)
    return {}
  },
  DescribeAlarms: (input) => describe(alarms, place, input),
  DeleteAlarms: (input) => {
    for (const name of names(input, 'AlarmNames')) alarms.remove(name)
    return {}
  }
})

/** What a call needs in IAM's words. Composite alarms are only described with a permission on all (API: DescribeAlarms). */
export const cloudwatchNeeds = (
  operation: string,
  input: Input,
  place: AlarmPlace
): { action: string; resource: string }[] => {
  const action = `cloudwatch:${operation}`
  const named = [
    ...names(input, 'AlarmNames'),
    ...(typeof input['AlarmName'] === 'string' ? [input['AlarmName']] : [])
  ]
  const isOnAll = named.length === 0 || names(input, 'AlarmTypes').includes('CompositeAlarm')
  return isOnAll
    ? [{ action, resource: '*' }]
    : named.map((name) => ({ action, resource: alarmArn(place, name) }))
}
