import { isOver, type Deployment } from './deployment.js'
import { isSettled, type EventChange, type Target } from './event.js'

/** What a deployment is doing, in the order of reference §1.2. The service has no word for it; it follows from the targets. */
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

const hasBegun = (status: string): boolean => status !== 'Pending' && status !== 'Skipped'

const eventOf = (target: Target, name: string) => target.events.find((event) => event.name === name)

/** Whether this target takes visitors' requests because of this deployment. */
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

/** Whether a load balancer was touched, so that the visitors may not all be where they were: hooks before it move nobody. */
export const trafficHasShifted = (targets: readonly Target[]): boolean =>
  targets.some((target) =>
    target.events.some(
      (event) => (event.name === 'AllowTraffic' || event.name === 'BlockTraffic') && hasBegun(event.status)
    )
  )

/**
 * Whether the visitors are on the new fleet and the deployment only waits for the end of the old one. The flag of the
 * service alone is not enough in either direction (reference §1.2: it stayed false in a wait), so the targets
 * decide: at least one green one serves, and none of either fleet has anything left to do. Blue
 * targets may show up late (captures §1), so without any the answer is no. One blue target that failed to leave the load
 * balancer fails the whole deployment (reference §1.7), so it must not be taken for the end before the service says so.
 */
export const trafficHasMoved = (deployment: Deployment, targets: readonly Target[]): boolean => {
  if (deployment.style !== 'BLUE_GREEN' || isOver(deployment.status)) return false
  return allHaveMoved(targets) || (deployment.terminationWaitStarted && greenServes(targets))
}

/** The same by the targets alone, for a deployment that has ended since. */
export const allHaveMoved = (targets: readonly Target[]): boolean => {
  const blue = fleet(targets, 'blue')
  return greenServes(targets) && blue.length > 0 && blue.every(isOut)
}

const greenServes = (targets: readonly Target[]): boolean =>
  fleet(targets, 'green').some(isAllowed) && targets.every(isDone)

/** Taken out of service. A hook of it may have failed where the deployment ignores that; its own status counts. */
const isOut = (target: Target): boolean =>
  target.status !== 'Failed' && eventOf(target, 'BlockTraffic')?.status === 'Succeeded'

/** Done by its own status, or because none of its events, the traffic ones among them, can change anymore. */
const isDone = (target: Target): boolean =>
  isSettled(target.status) ||
  (target.events.some((event) => TRAFFIC_EVENTS.has(event.name)) &&
    target.events.every((event) => isSettled(event.status)))

/** The phase as the last look shows it. */
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

/** The failed event that came first by the service's clock: the cause behind HEALTH_CONSTRAINTS (reference §9, 4). */
export const firstFailure = (targets: readonly Target[]): EventChange | undefined =>
  targets
    .flatMap((target) =>
      target.events.filter((event) => event.status === 'Failed').map((event) => ({ target, event }))
    )
    .sort((one, other) => endOf(one) - endOf(other))[0]

const endOf = ({ event }: EventChange): number =>
  (event.endTime ?? event.startTime)?.getTime() ?? Number.MAX_SAFE_INTEGER
