import { factsOf, isDenied, mayBeDone } from '../domain/fault.js'
import type { Order } from '../domain/order.js'
import type { CodeDeploy } from '../ports.js'

/** What an order that turns the group's alarms off came to. */
export interface AlarmsOff {
  /** Sends each order with alarms off, and without that once the service has refused it. */
  create: CodeDeploy['create']
  /** How the order was sent that may have been carried out; undefined when none was. */
  sent: () => 'with-alarms-off' | 'as-it-is' | undefined
  /** Why the service does not turn the alarms off; undefined when it did, or was not asked. */
  refusal: () => unknown
}

/**
 * CreateDeployment with alarms off. A refusal created nothing, so the order is sent again without it: a rollback that an alarm may
 * stop is better than none. The right to do it is that to change the group (API: CreateDeployment, overrideAlarmConfiguration); how
 * its lack reads is unknown, so every denial counts. If the order itself is denied, the second denial says so.
 */
export const alarmsOff = (service: Pick<CodeDeploy, 'create'>, signal: AbortSignal): AlarmsOff => {
  let sent: ReturnType<AlarmsOff['sent']>
  let refusal: unknown
  const send = async (order: Order, how: 'with-alarms-off' | 'as-it-is'): Promise<string> => {
    sent = how
    try {
      return await service.create(how === 'as-it-is' ? order : { ...order, ignoreAlarms: true })
    } catch (error) {
      if (!mayBeDone(error)) sent = undefined
      throw error
    }
  }
  return {
    create: async (order) => {
      if (refusal !== undefined) return send(order, 'as-it-is')
      try {
        return await send(order, 'with-alarms-off')
      } catch (error) {
        if (!isRefusal(error)) throw error
        refusal = error
      }
      signal.throwIfAborted()
      return send(order, 'as-it-is')
    },
    sent: () => sent,
    refusal: () => refusal
  }
}

const isRefusal = (error: unknown): boolean =>
  isDenied(error) || factsOf(error).name === 'InvalidAlarmConfigException'
