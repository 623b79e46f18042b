import { flag, structure, type Input } from './input.js'
import type { AlarmSettings } from './group-model.js'
import { refuse } from './refusal.js'

/** Alarms of one group (API: AlarmConfiguration). */
const MOST = 10
const LONGEST_NAME = 255

/** Reads alarmConfiguration, or the override of a deployment (API: InvalidAlarmConfigException). Undefined where it is absent. */
export const readAlarms = (
  input: Input,
  member: 'alarmConfiguration' | 'overrideAlarmConfiguration'
): AlarmSettings | undefined => {
  const given = structure(input, member)
  if (given === undefined) return undefined
  const alarms = (given['alarms'] ?? []) as ({ name?: string } | null)[]
  const names = alarms.map((alarm) => alarm?.name ?? '')
  const enabled = flag(given, 'enabled')
  if (names.length > MOST) refuse('AlarmsLimitExceededException', `A group takes at most ${MOST} alarms.`)
  if (names.some((name) => name === '' || name.length > LONGEST_NAME) || new Set(names).size < names.length)
    refuse('InvalidAlarmConfigException', 'An alarm has no name, or a name that is too long or not unique.')
  if (enabled && names.length === 0)
    refuse('InvalidAlarmConfigException', 'The alarm configuration is enabled, but the alarm list is empty.')
  return {
    enabled,
    ignorePollAlarmFailure: flag(given, 'ignorePollAlarmFailure'),
    alarms: names.map((name) => ({ name }))
  }
}
