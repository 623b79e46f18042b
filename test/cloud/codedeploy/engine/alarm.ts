import { isOver, type Deployment } from '../model.js'
import type { Engine, Run } from './engine.js'
import { roleCannotReadAlarms } from './failure.js'
import { wants } from './rollback-wish.js'

/** The alarms that stop a deployment: its own setting, else its group's. Whether a rollback has any is not known (a switch says it). */
const watched = ({ switches }: Engine, { creator, overrideAlarms, group }: Deployment): string[] => {
  const isWatched =
    creator === 'user' || (creator === 'codeDeployRollback' && switches.alarmStopsRollback === 'yes')
  const settings = overrideAlarms ?? group.alarms
  return isWatched && settings?.enabled === true ? settings.alarms.map(({ name }) => name) : []
}

/** A deployment cannot start while one of its alarms is active; without cloudwatch:DescribeAlarms it fails unless that is ignored. */
export const checkAlarms = (engine: Engine, { deployment, signal }: Run): void => {
  const names = watched(engine, deployment)
  const { serviceRoleArn, alarms } = deployment.group
  if (names.length > 0 && engine.state.rolesThatCannotReadAlarms.has(serviceRoleArn)) {
    if (alarms?.ignorePollAlarmFailure !== true) throw roleCannotReadAlarms(serviceRoleArn)
    return
  }
  const active = names.find((name) => engine.alarms.isActive(name))
  if (active !== undefined) stopByAlarm(engine, deployment, active)
  signal.throwIfAborted()
}

/** An alarm went off: stops every deployment that it is watched for (docs/service.md, reference 1.5). */
export const onAlarm = (engine: Engine, alarm: string): void => {
  for (const deployment of engine.state.deployments.values()) {
    const waits = deployment.phase === 'termination-wait' || deployment.phase === 'terminating'
    if (waits && engine.switches.alarmInTerminationWait === 'unwatched') continue
    if (engine.state.rolesThatCannotReadAlarms.has(deployment.group.serviceRoleArn)) continue
    if (watched(engine, deployment).includes(alarm)) stopByAlarm(engine, deployment, alarm)
  }
}

const stopByAlarm = (engine: Engine, deployment: Deployment, alarm: string): void => {
  if (isOver(deployment) || deployment.stop !== undefined) return
  deployment.stop = { rollback: wants(deployment, 'DEPLOYMENT_STOP_ON_ALARM'), alarm }
  engine.runs.get(deployment.id)?.abort()
}
