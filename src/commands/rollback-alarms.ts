import type { AlarmsDuring } from '../domain/alarm.js'
import { isOver, type Started } from '../domain/deployment.js'
import { isDenied, wordsOf } from '../domain/fault.js'
import { alarmsOffLine, type AlarmStatus, alarmWarning } from '../report/alarms.js'
import { alarmsOff, type AlarmsOff } from '../steps/alarms.js'
import type { StartService } from '../steps/create.js'
import type { RollbackContext } from './rollback-context.js'

/** Keeps the group's alarms from stopping the deployment of a rollback, as far as that is wanted and allowed. */
export interface RollbackAlarms {
  /** The service with which the deployment is created. */
  around: (service: StartService) => StartService
  /** Logs whether the alarms can stop the deployment that was started, and which of them are active if they can. */
  tell: (started: Started) => Promise<void>
  /** Whether the alarms count for that deployment; undefined if the group watches none. */
  during: () => AlarmsDuring | undefined
}

/** Nothing is sent, asked or said with `alarms-during-rollback: keep`, or for a group that watches no alarm. */
export const rollbackAlarms = (context: RollbackContext): RollbackAlarms => {
  const { inputs, group, world } = context
  if (group.alarms.length === 0) return leftAlone(undefined)
  if (inputs.alarms === 'keep') return leftAlone('kept')
  let off: AlarmsOff | undefined
  let during: 'off' | 'refused' | 'followed' = 'off'
  return {
    around: (service) => {
      off = alarmsOff(service, world.canceled)
      return { ...service, create: off.create }
    },
    tell: async (started) => {
      // A rerun finds what it created before, and nothing can stop that anymore.
      if (off?.sent() === undefined && isOver(started.deployment.status)) return
      during = duringOf(started, off)
      if (during === 'off') {
        world.runner.info(alarmsOffLine(group.alarms))
        return
      }
      const facts = { alarms: group.alarms, refusal: off?.refusal(), status: await statusOf(context) }
      world.runner.annotate('warning', alarmWarning(during, facts))
    },
    during: () => during
  }
}

const leftAlone = (during: AlarmsDuring | undefined): RollbackAlarms => ({
  around: (service) => service,
  tell: () => Promise.resolve(),
  during: () => during
})

/** A deployment that is only followed may be somebody else's, with alarms on; after a lost answer it is our own. */
const duringOf = (
  { deployment, attached }: Started,
  off: AlarmsOff | undefined
): 'off' | 'refused' | 'followed' => {
  const sent = off?.sent()
  if (sent === 'with-alarms-off' || deployment.ignoresAlarms === true) return 'off'
  return attached && sent === undefined ? 'followed' : 'refused'
}

/** Which alarms are active now. Whatever keeps CloudWatch from answering is part of the warning, not an error of the run. */
const statusOf = async ({ inputs, identity, group, world }: RollbackContext): Promise<AlarmStatus> => {
  try {
    const ask = await world.alarmStates(inputs.identity.region, identity, world.canceled)
    const states = await ask(group.alarms)
    return { kind: 'known', active: states.filter(({ state }) => state === 'ALARM').map(({ name }) => name) }
  } catch (error) {
    world.canceled.throwIfAborted()
    return isDenied(error) ? { kind: 'denied' } : { kind: 'unknown', why: wordsOf(error) }
  }
}
