import { isOver, type Deployment } from './deployment.js'
import { hasFailed, isSettled, type EventChange, type Target, type LifecycleEvent } from './event.js'

/** What a deployment is doing, in order (docs/service.md, reference 1.2). The service does not name it; the targets show it. */
export const PHASES = ['provision', 'install', 'ready', 'traffic', 'termination-wait', 'over'] as const
export type Phase = (typeof PHASES)[number]

const TRAFFIC_EVENTS = new Set([
  'BeforeAllowTraffic',
  'AllowTraffic',
  'AfterAllowTraffic',
  'BeforeBlockTraffic',
  'BlockTraffic',
  'AfterBlockTraffic'
])

/** Whether an event or a target in this status has been at work. */
export const hasBegun = (status: string): boolean => status !== 'Pending' && status !== 'Skipped'

/** One lifecycle event of a target. */
export const eventOf = (target: Target, name: string): LifecycleEvent | undefined =>
  target.events.find((event) => event.name === name)

/** Whether this deployment put this target into service. */
export const isAllowed = (target: Target): boolean => eventOf(target, 'AllowTraffic')?.status === 'Succeeded'

/** The targets of one fleet. */
export const fleet = (targets: readonly Target[], side: Target['fleet']): Target[] =>
  targets.filter((target) => target.fleet === side)

/** Whether any traffic event of a blue/green deployment has begun, so that both fleets may serve. */
export const trafficHasBegun = (targets: readonly Target[]): boolean =>
  targets.some(
    (target) =>
      target.fleet !== 'in-place' &&
      target.events.some((event) => TRAFFIC_EVENTS.has(event.name) && hasBegun(event.status))
  )

/** Whether a load balancer was touched, so that some traffic may have moved; the hooks before that move nothing. */
export const trafficHasShifted = (targets: readonly Target[]): boolean =>
  targets.some((target) =>
    target.events.some(
      (event) => (event.name === 'AllowTraffic' || event.name === 'BlockTraffic') && hasBegun(event.status)
    )
  )

/**
 * Whether traffic is on the new fleet and the deployment only waits to terminate the old one. The service's flag alone proves
 * neither (it stayed false in a wait: docs/service.md, reference 1.2), so the targets decide: at least one green target serves,
 * and no target of either fleet has anything left to do. Blue targets may show up late (captures 1), so without any the answer
 * is no. One blue target that fails to leave the load balancer fails the whole deployment (reference 1.7), so that is no end
 * until the service says so.
 */
export const trafficHasMoved = (deployment: Deployment, targets: readonly Target[]): boolean => {
  if (deployment.style !== 'BLUE_GREEN' || isOver(deployment.status)) return false
  return allHaveMoved(targets) || (deployment.terminationWaitStarted && greenServes(targets))
}

/** The same from the targets alone, for a deployment that has since ended. */
export const allHaveMoved = (targets: readonly Target[]): boolean => {
  const blue = fleet(targets, 'blue')
  return greenServes(targets) && blue.length > 0 && blue.every(isOut)
}

const greenServes = (targets: readonly Target[]): boolean =>
  fleet(targets, 'green').some(isAllowed) && targets.every(isDone)

/** Taken out of service. One of its hooks may have failed if the deployment ignores that; its own status counts. */
const isOut = (target: Target): boolean =>
  target.status !== 'Failed' && eventOf(target, 'BlockTraffic')?.status === 'Succeeded'

/** Done by its own status, or because none of its events can still change, including the traffic events. */
const isDone = (target: Target): boolean =>
  isSettled(target.status) ||
  (target.events.some((event) => TRAFFIC_EVENTS.has(event.name)) &&
    target.events.every((event) => isSettled(event.status)))

const latest = (moments: readonly (Date | undefined)[]): Date | undefined =>
  moments
    .filter((moment) => moment !== undefined)
    .reduce<Date | undefined>(
      (last, moment) => (last === undefined || moment > last ? moment : last),
      undefined
    )

/** When the last new instance took traffic; undefined while one of them (except failed ones) has not. */
export const trafficMovedAt = (targets: readonly Target[]): Date | undefined => {
  const newcomers = targets.filter((target) => target.fleet !== 'blue' && target.status !== 'Failed')
  const events = newcomers.map((target) => target.events.find((event) => event.name === 'AllowTraffic'))
  return events.length > 0 && events.every((event) => event?.status === 'Succeeded')
    ? latest(events.map((event) => event?.endTime))
    : undefined
}

/**
 * When the old fleet is terminated: the termination wait counts from the last event of all. Undefined when the wait has not
 * started, when blue is kept running, or when the group's waits are not known.
 */
export const blueLivesUntil = (deployment: Deployment, targets: readonly Target[]): Date | undefined => {
  const { waits } = deployment
  if (waits === undefined || waits.blueAction === 'KEEP_ALIVE' || !trafficHasMoved(deployment, targets))
    return undefined
  const begun = latest(targets.flatMap((target) => target.events.map((event) => event.endTime)))
  return begun === undefined ? undefined : new Date(begun.getTime() + waits.terminationMinutes * 60_000)
}

/** The phase that the last look shows. */
export const phaseOf = (deployment: Deployment, targets: readonly Target[]): Phase => {
  if (isOver(deployment.status)) return 'over'
  if (trafficHasMoved(deployment, targets)) return 'termination-wait'
  if (trafficHasBegun(targets)) return 'traffic'
  if (deployment.status === 'Ready') return 'ready'
  return targets.some((target) => hasBegun(target.status)) ? 'install' : 'provision'
}

/** The phase that an event belongs to; an in-place deployment does all of its work in one. */
export const phaseOfEvent = ({ target, event }: EventChange): Phase =>
  target.fleet !== 'in-place' && TRAFFIC_EVENTS.has(event.name) ? 'traffic' : 'install'

/** Every failed event, in the order of the service's clock. */
export const failuresOf = (targets: readonly Target[]): EventChange[] =>
  targets
    .flatMap((target) => target.events.filter(hasFailed).map((event) => ({ target, event })))
    .sort((one, other) => endOf(one) - endOf(other))

/** The failed event that came first: the cause behind HEALTH_CONSTRAINTS (docs/service.md, reference 9). */
export const firstFailure = (targets: readonly Target[]): EventChange | undefined => failuresOf(targets)[0]

const endOf = ({ event }: EventChange): number =>
  (event.endTime ?? event.startTime)?.getTime() ?? Number.MAX_SAFE_INTEGER

/** The service says of most failures that traffic had not begun to move (docs/service.md, captures 2: its apostrophe varies). */
export const saysTrafficStayed = ({ rollback }: Deployment): boolean =>
  /isn.t required/.test(rollback?.message ?? '')
