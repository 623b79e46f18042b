import { isSettled, type LifecycleEvent, type Target } from './event.js'
import { eventOf, fleet, hasBegun } from './phase.js'

/** An event whose agent owes an answer. */
export interface Owing {
  id: string
  /** The event that has begun; undefined if none has. */
  event?: LifecycleEvent | undefined
}

/**
 * The instances whose agent is to do something next. The service works on as many at a time as the configuration allows; while
 * one of them is at work, an instance that has not been started is only waiting for its turn.
 */
export const owing = (targets: readonly Target[]): Owing[] => {
  const own = [...fleet(targets, 'green'), ...fleet(targets, 'in-place')].filter(
    ({ status }) => !isSettled(status)
  )
  const running = own.flatMap((target) => {
    const event = target.events.find(({ name, status }) => status === 'InProgress' && !isOfService(name))
    return event === undefined ? [] : [{ id: target.id, event }]
  })
  const started = own.filter(({ status }) => status === 'InProgress')
  const isAtWork = own.some(({ events }) => events.some(({ status }) => status === 'InProgress'))
  const silent = (isAtWork || started.length > 0 ? started : own).filter(
    (target) => !target.events.some(({ status }) => hasBegun(status)) && target.events.length > 0
  )
  return [...running, ...silent.map(({ id }) => ({ id }))]
}

/** Events that the service does itself (docs/service.md, reference 2.1). */
const isOfService = (name: string): boolean => name === 'AllowTraffic' || name === 'BlockTraffic'

/** Blue instances that are leaving the load balancer, and since when. */
export const leaving = (targets: readonly Target[]): { id: string; since?: Date | undefined }[] =>
  fleet(targets, 'blue').flatMap((target) => {
    const event = eventOf(target, 'BlockTraffic')
    return event?.status === 'InProgress' ? [{ id: target.id, since: event.startTime }] : []
  })
