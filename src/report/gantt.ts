import type { Deployment } from '../domain/deployment.js'
import { hasFailed, type LifecycleEvent, type Target } from '../domain/event.js'
import { forMermaid } from './escape.js'
import { type Times, wallTime } from './times.js'

/** Nobody reads a chart of more instances; the failed and the slowest ones matter. */
const MOST_INSTANCES = 10
/** A shorter event would be a hairline. */
const SHORTEST_SHARE = 1 / 250
/** Mermaid rejects longer texts. */
const TEXT_LIMIT = 50_000

interface Bar {
  name: string
  tag: 'crit' | 'active' | ''
  start: Date
  end: Date
}

interface Section {
  name: string
  bars: Bar[]
}

/** The chart's text, empty when there is nothing to draw, and remarks about what it omits. */
export interface Gantt {
  text: string
  remarks: string[]
}

/**
 * Instances × events over time as a Mermaid gantt. Times are written as the zone's clocks show them and without a zone, so that
 * every browser shows them as the log does. If those clocks change meanwhile, the axis keeps the time of its start.
 */
export const gantt = (
  drawn: { deployment: Deployment; targets: readonly Target[]; rollbackTargets?: readonly Target[] },
  { now, zone }: Times
): Gantt => {
  const all = [
    ...drawn.targets.map((target) => sectionOf(target, '', now)),
    ...(drawn.rollbackTargets ?? []).map((target) => sectionOf(target, 'rollback · ', now))
  ].filter((section) => section.bars.length > 0)
  if (all.length === 0) return { text: '', remarks: [] }
  const chosen = choose(all)
  const sections = [...provisioning(drawn.deployment, all), ...chosen]
  const span = spanOf(sections)
  const drawable = sections.map((section) => ({
    ...section,
    bars: section.bars.filter((bar) => isVisible(bar, span))
  }))
  const hidden = count(sections) - count(drawable)
  const offset = zone.offsetMs(span.start)
  const text = render(drawable, offset)
  if (text.length > TEXT_LIMIT) return { text: '', remarks: [] }
  return {
    text,
    remarks: [
      ...(all.length > chosen.length
        ? [`Showing ${chosen.length} of ${all.length} instances: those that failed or took longest.`]
        : []),
      ...(hidden > 0 ? [`${hidden} very short events are not shown.`] : []),
      ...(zone.offsetMs(new Date(span.start.getTime() + span.ms)) === offset
        ? []
        : ['The clocks changed during this deployment; the timeline keeps the time of its start.'])
    ]
  }
}

const count = (sections: readonly Section[]): number =>
  sections.reduce((sum, section) => sum + section.bars.length, 0)

const sectionOf = (target: Target, prefix: string, now: Date): Section => ({
  name: `${prefix}${target.fleet} ${target.id}`,
  bars: target.events.flatMap((event) => barOf(event, now))
})

const barOf = (event: LifecycleEvent, now: Date): Bar[] => {
  const start = event.startTime
  if (start === undefined || Number.isNaN(start.getTime())) return []
  const end = event.endTime ?? (event.status === 'InProgress' ? now : start)
  return [
    {
      name: event.name,
      tag: hasFailed(event) ? 'crit' : event.status === 'InProgress' ? 'active' : '',
      start,
      end: end < start ? start : end
    }
  ]
}

/** From the creation of the deployment until the first event: instances start and their agents connect. */
const provisioning = (deployment: Deployment, sections: readonly Section[]): Section[] => {
  const { start } = spanOf(sections)
  // The service's rollback only moves traffic between fleets that run.
  return deployment.style === 'IN_PLACE' ||
    deployment.rollback?.of !== undefined ||
    start <= deployment.createdAt
    ? []
    : [
        {
          name: 'deployment',
          bars: [{ name: 'Provision green', tag: '', start: deployment.createdAt, end: start }]
        }
      ]
}

const spanOf = (sections: readonly Section[]): { start: Date; ms: number } => {
  const bars = sections.flatMap((section) => section.bars)
  const start = bars.reduce((first, bar) => Math.min(first, bar.start.getTime()), Number.MAX_SAFE_INTEGER)
  const end = bars.reduce((last, bar) => Math.max(last, bar.end.getTime()), start)
  return { start: new Date(start), ms: end - start }
}

const isVisible = (bar: Bar, { ms }: { ms: number }): boolean =>
  bar.tag !== '' || bar.end.getTime() - bar.start.getTime() >= ms * SHORTEST_SHARE

const weight = (section: Section): number =>
  (section.bars.some((bar) => bar.tag === 'crit') ? 1e15 : 0) + spanOf([section]).ms

/** The failed and the slowest, in their original order. */
const choose = (sections: readonly Section[]): Section[] => {
  const heaviest = new Set(
    [...sections].sort((one, other) => weight(other) - weight(one)).slice(0, MOST_INSTANCES)
  )
  return sections.filter((section) => heaviest.has(section))
}

/** Room on the left for `rollback · green i-…`. */
const LAYOUT = '%%{init: {"gantt": {"leftPadding": 190}}}%%'

const render = (sections: readonly Section[], offset: number): string =>
  [
    LAYOUT,
    'gantt',
    'dateFormat YYYY-MM-DDTHH:mm:ss.SSS',
    'axisFormat %H:%M:%S',
    'todayMarker off',
    ...sections
      .filter((section) => section.bars.length > 0)
      .flatMap(({ name, bars }) => [
        `section ${forMermaid(name)}`,
        ...bars.map(
          ({ name: event, tag, start, end }) =>
            `${forMermaid(event)} :${tag === '' ? '' : `${tag}, `}${wallTime(start, offset)}, ${wallTime(end, offset)}`
        )
      ])
  ].join('\n')
