import type { Deployment } from '../domain/deployment.js'
import { type EventChange, hasFailed, isSettled, type LifecycleEvent } from '../domain/event.js'
import type { Phase } from '../domain/phase.js'
import { pad } from './columns.js'
import { forLog } from './escape.js'
import { fleetColor, type Paint, statusColor } from './style.js'
import { between, clock, duration } from './units.js'

/** How wide the columns of an event line are: the longest fleet, instance id, event and status of the service. */
const WIDTHS = {
  fleet: 'in-place'.length,
  instance: 19,
  event: 'BeforeAllowTraffic'.length,
  status: 'InProgress'.length
}

/** Said once, above the first clock of a log. */
export const CLOCK_NOTE = 'All times are UTC.'

/** Times of the service; an event without any (Skipped has none, reference §2.3) gets the moment it was seen. */
const momentOf = (event: LifecycleEvent, seenAt: Date): Date =>
  (isSettled(event.status) ? (event.endTime ?? event.startTime) : event.startTime) ?? seenAt

const lengthOf = (event: LifecycleEvent): string => {
  const length = isSettled(event.status) ? between(event.startTime, event.endTime) : undefined
  return length === undefined ? '' : duration(length)
}

/** What stands at the end of the line of a failed event: the error code, and the script if one ran. */
const reasonOf = (event: LifecycleEvent): string =>
  hasFailed(event) && event.diagnostics !== undefined
    ? [event.diagnostics.errorCode, event.diagnostics.scriptName].filter((part) => part !== '').join(' ')
    : ''

/** `12:03:41  green     i-0abc…  AfterInstall        Succeeded   3.2 s`, aligned from line to line. */
export const eventLine = (
  { target, event }: EventChange,
  { paint, seenAt }: { paint: Paint; seenAt: Date }
): string =>
  [
    paint(clock(momentOf(event, seenAt)), 'gray'),
    paint(pad(target.fleet, WIDTHS.fleet), fleetColor(target.fleet)),
    pad(forLog(target.id), WIDTHS.instance),
    pad(forLog(event.name), WIDTHS.event),
    paint(pad(forLog(event.status), WIDTHS.status), statusColor(event.status)),
    pad(lengthOf(event), 'mm min ss s'.length, 'start'),
    forLog(reasonOf(event))
  ]
    .join('  ')
    .trimEnd()

const INSTALL: Record<Deployment['style'], string> = {
  BLUE_GREEN: 'Install on the green fleet',
  IN_PLACE: 'Update the instances'
}

/** The title of the log group of a phase. A rollback deployment of a living blue fleet installs nothing (reference §1.5). */
export const phaseHeading = (phase: Phase, deployment: Deployment): string => {
  const { style, waits } = deployment
  const headings: Record<Phase, string> = {
    provision: style === 'BLUE_GREEN' ? 'Provision the green fleet' : 'Reach the instances',
    install: INSTALL[style],
    ready: 'Wait before the traffic moves',
    traffic: 'Shift the traffic',
    'termination-wait':
      waits?.blueAction === 'KEEP_ALIVE'
        ? 'The blue fleet is kept alive'
        : 'The blue fleet waits for its termination',
    over: 'End of the deployment'
  }
  return headings[phase]
}
