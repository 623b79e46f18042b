import type { CloudClock } from '../contract.js'

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

export interface Alarm {
  name: string
  /** What PutMetricAlarm was given. */
  settings: Record<string, unknown>
  state: AlarmState
  reason: string
  /** Epoch milliseconds. */
  configuredAt: number
  updatedAt: number
  transitionedAt: number
}

/** The alarms of the account. Nothing is measured here: a state lasts until somebody sets another one. */
export interface Alarms {
  all(): Alarm[]
  isActive(name: string): boolean
  /** Creates an alarm in INSUFFICIENT_DATA, or replaces the settings of one and leaves its state (API: PutMetricAlarm). */
  put(name: string, settings?: Record<string, unknown>): void
  /** False when there is no such alarm. */
  set(name: string, state: AlarmState, reason?: string): boolean
  remove(name: string): void
  /** Calls the listener with the name of each alarm that goes into ALARM. */
  onActivated(listener: (name: string) => void): void
}

export const createAlarms = (clock: Pick<CloudClock, 'now'>): Alarms => {
  const alarms = new Map<string, Alarm>()
  const listeners: ((name: string) => void)[] = []
  return {
    all: () => [...alarms.values()],
    isActive: (name) => alarms.get(name)?.state === 'ALARM',
    put: (name, settings = {}) => {
      const now = clock.now()
      const before = alarms.get(name) ?? {
        state: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        updatedAt: now,
        transitionedAt: now
      }
      alarms.set(name, { ...before, name, settings, configuredAt: now })
    },
    set: (name, state, reason = '') => {
      const alarm = alarms.get(name)
      if (alarm === undefined) return false
      const changes = alarm.state !== state
      const now = clock.now()
      Object.assign(alarm, { state, reason, updatedAt: now, ...(changes ? { transitionedAt: now } : {}) })
      if (changes && state === 'ALARM') for (const listener of listeners) listener(name)
      return true
    },
    remove: (name) => void alarms.delete(name),
    onActivated: (listener) => void listeners.push(listener)
  }
}
