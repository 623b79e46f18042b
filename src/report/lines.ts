import type { Deployment } from '../domain/deployment.js'
import { type EventChange, type Fleet, hasFailed, isSettled, type LifecycleEvent } from '../domain/event.js'
import type { Phase } from '../domain/phase.js'
import { pad } from './columns.js'
import { forLog } from './escape.js'
import { fleetColor, type Paint, statusColor } from './style.js'
import type { Times } from './times.js'
import { between, duration } from './units.js'

/** Column widths of an event line: the longest fleet, instance ID, event and status of the service. */
const WIDTHS = {
  fleet: 'in-place'.length,
  instance: 19,
  event: 'BeforeAllowTraffic'.length,
  status: 'InProgress'.length
}

/** The service's time; a skipped event has none (docs/service.md, reference 2.3). */
const momentOf = (event: LifecycleEvent): Date | undefined =>
  isSettled(event.status) ? (event.endTime ?? event.startTime) : event.startTime

const lengthOf = (event: LifecycleEvent): string => {
  const length = isSettled(event.status) ? between(event.startTime, event.endTime) : undefined
  return length === undefined ? '' : duration(length)
}

/** The end of a failed event's line: the error code, and the script if one ran. */
export const reasonOf = (event: LifecycleEvent): string =>
  hasFailed(event) && event.diagnostics !== undefined
    ? [event.diagnostics.errorCode, event.diagnostics.scriptName].filter((part) => part !== '').join(' ')
    : ''

/** What stands in the columns of an event's line. */
interface Columns {
  /** Undefined if the service gives none; then the time is that of writing. */
  at: Date | undefined
  fleet: Fleet
  who: string
  event: string
  status: string
}

/** The columns that all lines about events share, and what follows them. */
export const eventColumns = (
  { at, fleet, who, event, status }: Columns,
  rest: string,
  { paint, now, zone }: Times & { paint: Paint }
): string =>
  [
    paint(zone.clock(at ?? now), 'gray'),
    paint(pad(fleet, WIDTHS.fleet), fleetColor(fleet)),
    pad(forLog(who), WIDTHS.instance),
    pad(forLog(event), WIDTHS.event),
    paint(pad(forLog(status), WIDTHS.status), statusColor(status)),
    rest
  ]
    .join('  ')
    .trimEnd()

/** `12:03:41  green     i-0abc…  AfterInstall        Succeeded   3.2 s`, aligned from line to line. */
export const eventLine = ({ target, event }: EventChange, options: Times & { paint: Paint }): string =>
  eventColumns(
    { at: momentOf(event), fleet: target.fleet, who: target.id, event: event.name, status: event.status },
    `${pad(lengthOf(event), 'mm min ss s'.length, 'start')}  ${forLog(reasonOf(event))}`,
    options
  )

const INSTALL: Record<Deployment['style'], string> = {
  BLUE_GREEN: 'Install on the green fleet',
  IN_PLACE: 'Update the instances'
}

/** The title of a phase's log group. A rollback to a blue fleet that still runs installs nothing (docs/service.md, reference 1.5). */
export const phaseHeading = (phase: Phase, deployment: Deployment): string => {
  const { style, waits, fixedGreen } = deployment
  const provision = fixedGreen === undefined ? 'Provision the green fleet' : 'Contact the green fleet'
  const headings: Record<Phase, string> = {
    provision: style === 'BLUE_GREEN' ? provision : 'Contact the instances',
    install: INSTALL[style],
    ready: 'Wait before the traffic moves',
    traffic: 'Shift the traffic',
    'termination-wait':
      waits?.blueAction === 'KEEP_ALIVE'
        ? 'The blue fleet is kept running'
        : 'The blue fleet is waiting to be terminated',
    over: 'End of the deployment'
  }
  return headings[phase]
}
