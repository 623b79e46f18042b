import { counted } from '../domain/counted.js'
import type { Deployment } from '../domain/deployment.js'
import { hasFailed, type LifecycleEvent, type Target } from '../domain/event.js'
import { forMermaid } from './escape.js'
import { type Times, wallTime } from './times.js'
import { duration } from './units.js'

/** A shorter event would be a hairline. */
const SHORTEST_SHARE = 1 / 250
/** The smallest time that a text can show. */
const LEAST_MS = 100
/** Mermaid rejects longer texts. */
const TEXT_LIMIT = 50_000

/** One event on one instance. */
interface Span {
  state: 'failed' | 'at work' | 'over'
  start: number
  end: number
}

/** One event on all instances of a fleet. */
interface Row {
  fleet: Target['fleet'] | ''
  name: string
  spans: Span[]
}

/** The chart's text, empty when there is nothing to draw, and remarks about what it shows and omits. */
export interface Gantt {
  text: string
  remarks: string[]
}

/**
 * Events over time as a Mermaid gantt, each in one row for all instances of a fleet, so that two and two hundred take the same
 * room. Times are written as the zone's clocks show them and without a zone, so that every browser shows them as the log does. If
 * those clocks change meanwhile, the axis keeps the time of its start.
 */
export const gantt = (
  drawn: { deployment: Deployment; targets: readonly Target[]; rollbackTargets?: readonly Target[] },
  { now, zone }: Times
): Gantt => {
  const rollbackTargets = drawn.rollbackTargets ?? []
  const events = [...rowsOf(drawn.targets, '', now), ...rowsOf(rollbackTargets, '↩ ', now)]
  if (events.length === 0) return { text: '', remarks: [] }
  const all = [...provisioning(drawn.deployment, events), ...events]
  const { start, ms } = extentOf(all)
  const shortest = ms * SHORTEST_SHARE
  const rows = all.filter((row) => isUnusual(row) || extentOf([row]).ms >= shortest)
  const offset = zone.offsetMs(new Date(start))
  const text = render(rows, { ms, offset })
  if (text.length > TEXT_LIMIT) return { text: '', remarks: [] }
  const hidden = all.length - rows.length
  return {
    text,
    remarks: [
      fleetsOf([...drawn.targets, ...rollbackTargets], rows),
      ...(hidden > 0
        ? [
            `${counted(hidden, 'event')} of less than ${duration(Math.max(LEAST_MS, shortest))} ${hidden > 1 ? 'are' : 'is'} not drawn.`
          ]
        : []),
      ...(rollbackTargets.length > 0 ? ['↩ marks the rollback.'] : []),
      ...(zone.offsetMs(new Date(start + ms)) === offset
        ? []
        : ['The clocks changed during this deployment; the timeline keeps the time of its start.'])
    ]
  }
}

/** The events in the order in which they first began, fleet by fleet. */
const rowsOf = (targets: readonly Target[], mark: string, now: Date): Row[] => {
  const rows = new Map<string, Row>()
  for (const { fleet, events } of targets)
    for (const event of events) {
      const span = spanOf(event, now)
      if (span === undefined) continue
      const name = `${mark}${fleet} ${event.name}`
      const row = rows.get(name) ?? { fleet, name, spans: [] }
      row.spans.push(span)
      rows.set(name, row)
    }
  const fleets = [...new Set(targets.map(({ fleet }) => fleet))]
  return fleets.flatMap((fleet) =>
    [...rows.values()]
      .filter((row) => row.fleet === fleet)
      .sort((one, other) => extentOf([one]).start - extentOf([other]).start)
  )
}

const spanOf = (event: LifecycleEvent, now: Date): Span | undefined => {
  const start = event.startTime?.getTime()
  if (start === undefined || Number.isNaN(start)) return undefined
  const isAtWork = event.status === 'InProgress'
  const end = (event.endTime ?? (isAtWork ? now : event.startTime))?.getTime() ?? start
  return {
    state: hasFailed(event) ? 'failed' : isAtWork ? 'at work' : 'over',
    start,
    end: Math.max(start, end)
  }
}

/** From the creation of the deployment until the first event: instances start and their agents connect. */
const provisioning = ({ style, rollback, createdAt }: Deployment, rows: readonly Row[]): Row[] => {
  const { start: end } = extentOf(rows)
  const start = createdAt.getTime()
  // The service's rollback only moves traffic between fleets that run.
  return style === 'IN_PLACE' || rollback?.of !== undefined || end <= start
    ? []
    : [{ fleet: '', name: 'Provision green', spans: [{ state: 'over', start, end }] }]
}

const extentOf = (rows: readonly Row[]): { start: number; ms: number } => {
  const spans = rows.flatMap((row) => row.spans)
  const start = spans.reduce((first, span) => Math.min(first, span.start), Number.MAX_SAFE_INTEGER)
  return { start, ms: spans.reduce((last, span) => Math.max(last, span.end), start) - start }
}

const countOf = ({ spans }: Row, state: Span['state']): number =>
  spans.filter((span) => span.state === state).length

const isUnusual = ({ spans }: Row): boolean => spans.some(({ state }) => state !== 'over')

/** How many instances the rows stand for, and how to read them. */
const fleetsOf = (targets: readonly Target[], rows: readonly Row[]): string => {
  const seen = new Map<string, Set<string>>()
  for (const { fleet, id } of targets) seen.set(fleet, (seen.get(fleet) ?? new Set()).add(id))
  const counts = [...seen].map(([fleet, ids]) => `${ids.size} ${fleet}`)
  const last = [...seen.values()].at(-1)?.size ?? 0
  const isMany = rows.some(({ spans }) => spans.length > 1)
  return `${counts.join(' and ')} ${last === 1 ? 'instance' : 'instances'}.${isMany ? ' A bar runs from the first start to the last end; its figures are the fastest, the median and the slowest time.' : ''}`
}

/** `14.0 s`, `12.0 / 14.0 / 40.0 s`, or who has failed or is not done. */
const label = (row: Row): string => {
  const { spans } = row
  const among = (count: number): string => (spans.length === 1 ? '' : ` on ${count} of ${spans.length}`)
  const failed = countOf(row, 'failed')
  if (failed > 0) return `failed${among(failed)}`
  const atWork = countOf(row, 'at work')
  if (atWork > 0) return `in progress${among(atWork)}`
  const times = spans.map(({ start, end }) => end - start).sort((one, other) => one - other)
  const [fastest = 0, median = 0, slowest = 0] = [
    0,
    Math.floor((times.length - 1) / 2),
    times.length - 1
  ].map((at) => times[at])
  if (duration(fastest) === duration(slowest)) return duration(slowest)
  // Whole minutes and seconds of three times would be wider than a phone.
  const [unit, size] = slowest < 60_000 ? (['s', 1_000] as const) : (['min', 60_000] as const)
  return `${[fastest, median, slowest].map((ms) => (ms / size).toFixed(1)).join(' / ')} ${unit}`
}

/** Room on the left for `green BeforeAllowTraffic`, no stripes, and the colors of the fleets, in which both themes can be read. */
const LAYOUT = `%%{init: ${JSON.stringify({
  gantt: { leftPadding: 132, rightPadding: 12, sectionFontSize: 10 },
  themeVariables: {
    taskBkgColor: '#7cc98b',
    taskBorderColor: '#3f9a55',
    doneTaskBkgColor: '#8ab4f8',
    doneTaskBorderColor: '#4a7fd6',
    taskTextColor: '#1f2328',
    taskTextDarkColor: '#1f2328',
    sectionBkgColor: 'transparent',
    sectionBkgColor2: 'transparent',
    altSectionBkgColor: 'transparent'
  }
})}}%%`

const tagOf = (row: Row): string =>
  countOf(row, 'failed') > 0
    ? 'crit, '
    : countOf(row, 'at work') > 0
      ? 'active, '
      : row.fleet === 'blue'
        ? 'done, '
        : ''

/** The steps of the axis: the smallest that leaves room between its texts on a phone. */
const STEPS = (['second', 'minute', 'hour'] as const).flatMap((unit, at) =>
  [1, 2, 5, 10, 15, 30].map((count) => ({ ms: count * 1_000 * 60 ** at, text: `${count}${unit}` }))
)
const MOST_TICKS = 3

const render = (rows: readonly Row[], { ms, offset }: { ms: number; offset: number }): string => {
  const step = STEPS.find((one) => ms / one.ms <= MOST_TICKS)
  return [
    LAYOUT,
    'gantt',
    'dateFormat YYYY-MM-DDTHH:mm:ss.SSS',
    `axisFormat ${step !== undefined && step.ms < 60_000 ? '%H:%M:%S' : '%H:%M'}`,
    ...(step === undefined ? [] : [`tickInterval ${step.text}`]),
    'todayMarker off',
    ...rows.flatMap((row) => {
      const { start, ms: length } = extentOf([row])
      const [from, to] = [start, start + length].map((time) => wallTime(new Date(time), offset))
      return [`section ${forMermaid(row.name)}`, `${forMermaid(label(row))} :${tagOf(row)}${from}, ${to}`]
    })
  ].join('\n')
}
