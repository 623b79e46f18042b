import type { Deployment } from './deployment.js'

/** Whether the group's alarms can stop the deployment of a rollback. */
export type AlarmsDuring =
  /** They are off for it. */
  | 'off'
  /** `alarms-during-rollback: keep` */
  | 'kept'
  /** The service refused to turn them off, and created the deployment without that. */
  | 'refused'
  /** The deployment was already running, started by somebody with the alarms on. */
  | 'followed'

/**
 * What stopped a deployment if it was an alarm: `the alarm 5xx`. There is no field for the name, so it is read from the end of the
 * service's message (docs/service.md, reference 1.5).
 */
export const alarmCause = ({ error }: Deployment): string | undefined => {
  if (error?.code !== 'ALARM_ACTIVE') return undefined
  const names = /Activated alarms?: *(.+?)\.?$/i.exec(error.message)?.[1]
  return names === undefined
    ? 'an alarm of the deployment group'
    : `the alarm ${names.replace(/^<|>$/g, '').replaceAll('>, <', ', ')}`
}
