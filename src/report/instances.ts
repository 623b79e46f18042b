import { grouped, instances } from '../domain/counted.js'
import { FLEETS, type LifecycleEvent, type Target } from '../domain/event.js'
import { isLargeFleet } from '../domain/tally.js'
import { type Column, markdownTable } from './columns.js'
import { code, forMarkdown } from './escape.js'
import { bytesOf } from './markdown.js'
import { lastSeen } from './orphans.js'
import type { Ending } from './story.js'
import { statusIcon } from './style.js'
import { serves } from './traffic.js'
import type { Times } from './times.js'
import { between, duration, durationOr } from './units.js'

/** More rows are collapsed. */
const UNFOLDED = 8
/** Half of what a summary may have, which is enough for about 3,000 instances. */
const MOST_BYTES = 512 * 1024

const COLUMNS: Column[] = [{ title: 'Instance' }, { title: 'How it went' }]

const lengthOf = (event: LifecycleEvent, now: Date): number =>
  between(event.startTime, event.endTime ?? (event.status === 'InProgress' ? now : event.startTime)) ?? 0

const firstStart = ({ events }: Target): Date | undefined =>
  events.find((event) => event.startTime !== undefined)?.startTime

const lastEnd = ({ events }: Target, now: Date): Date | undefined =>
  events.some((event) => event.status === 'InProgress')
    ? now
    : events.findLast((event) => event.endTime !== undefined)?.endTime

const longest = ({ events }: Target, now: Date): string[] => {
  const event = [...events].sort((one, other) => lengthOf(other, now) - lengthOf(one, now))[0]
  return event?.startTime === undefined
    ? []
    : [`longest: ${forMarkdown(event.name)}, ${duration(lengthOf(event, now))}`]
}

/** Two columns of stacked lines, which a phone shows without scrolling sideways. */
const row = (target: Target, inService: boolean, { now, zone }: Times): string[] => {
  const start = firstStart(target)
  return [
    `${target.fleet}<br>${code(target.id)}`,
    [
      `${statusIcon(target.status)} ${forMarkdown(target.status)}, ${inService ? 'in service' : 'not in service'}`,
      ...(start === undefined
        ? []
        : [`from ${zone.clock(start)} for ${durationOr(between(start, lastEnd(target, now)))}`]),
      ...longest(target, now)
    ].join('<br>')
  ]
}

const isOk = (target: Target): boolean => target.status === 'Succeeded'

/** As many rows as fit. */
const fitting = (rows: readonly string[][]): string[][] => {
  let room = MOST_BYTES
  const end = rows.findIndex((cells) => {
    room -= bytesOf(cells.join(' | ')) + '|  |\n'.length
    return room < 0
  })
  return rows.slice(0, end === -1 ? undefined : end)
}

/**
 * The instances as the deployment left them ("In service" as its rollback left them, if there was one). Of a large fleet, those
 * that did not succeed come first, and all that fit are listed, since the log does not show each of them.
 */
export const instanceTable = (ending: Ending, times: Times): string[] => {
  if (ending.name === 'started' || ending.targets.length === 0) return []
  const targets = [...ending.targets].sort(
    (one, other) => FLEETS.indexOf(one.fleet) - FLEETS.indexOf(other.fleet)
  )
  if (isLargeFleet(targets)) targets.sort((one, other) => Number(isOk(one)) - Number(isOk(other)))
  const serving = new Set(
    lastSeen(targets, ending.rollbackTargets)
      .filter(serves)
      .map(({ id }) => id)
  )
  const shown = fitting(targets.map((target) => row(target, serving.has(target.id), times)))
  const table = markdownTable(COLUMNS, shown).join('\n')
  const left = targets.length - shown.length
  return [
    '### Instances',
    targets.length > UNFOLDED
      ? `<details><summary>${instances(targets.length)}</summary>\n\n${table}\n\n</details>`
      : table,
    ...(left > 0
      ? [`${grouped(left)} more ${left === 1 ? 'instance is' : 'instances are'} not shown here.`]
      : [])
  ]
}
