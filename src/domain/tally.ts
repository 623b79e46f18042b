import {
  type EventChange,
  type EventStatus,
  type Fleet,
  FLEETS,
  hasFailed,
  isSettled,
  type Target
} from './event.js'
import { fleet } from './phase.js'

/** From this many instances in one fleet on, events are reported by how many instances they are on, not one by one. */
const LARGE_FLEET = 25
/** Causes of failures that are reported in full; the summary shows as many. */
const MOST_CAUSES = 5
/** A fleet is reported by quarters. */
const PARTS = 4

/** The instances of a fleet on which an event has one status, those that failed by their cause. */
export interface Tally {
  fleet: Fleet
  event: string
  status: EventStatus
  /** In the order of the service's clock. */
  changes: EventChange[]
  /** How many instances the fleet has; undefined until all of them have been read. */
  of: number | undefined
  /** The latest of their times by the service's clock; undefined for events without any (skipped ones). */
  at: Date | undefined
  /** Only of a failure: `new` the first time that its cause is reported, `other` for all causes after the first few. */
  cause?: 'new' | 'known' | 'other' | undefined
}

/** What was reported of a large fleet. */
export interface ToldTallies {
  /** Instances by fleet, event, status and cause. */
  counts: Map<string, number>
  /** The events that every instance of a fleet was through. */
  done: Set<string>
  /** The causes of failures that were reported in full. */
  causes: Set<string>
  /** How many instances a fleet had when all targets had been read; those that are listed later are of another fleet. */
  sizes: Map<Fleet, number>
}

/** What a look at a large fleet brings. */
export interface FleetLook {
  /** The targets that have been read. */
  targets: readonly Target[]
  /** Whether all targets have been read at least once. */
  isWhole: boolean
  /** Nothing comes after this look, so that what was held back is reported now. */
  isLast: boolean
}

export const nothingTold = (): ToldTallies => ({
  counts: new Map(),
  done: new Set(),
  causes: new Set(),
  sizes: new Map()
})

/** Whether one fleet of a deployment has so many instances that nobody would read a line for each event of each of them. */
export const isLargeFleet = (targets: readonly Target[]): boolean =>
  FLEETS.some((side) => fleet(targets, side).length >= LARGE_FLEET)

/** How far `count` is on its way to `all`: 0, and from the first one on 1 to `parts`. */
export const partOf = (count: number, all: number, parts: number): number =>
  all === 0 ? 0 : Math.ceil((parts * Math.min(count, all)) / all)

/**
 * What is worth a line of a look at a large fleet, in the order of the events: where an event begins, each further quarter, and
 * the whole fleet; a cause of failures when it is new. However slowly a fleet is worked through, that is a handful of lines for
 * an event at most. Records them as reported.
 */
export const tallies = (told: ToldTallies, look: FleetLook): Tally[] => {
  const rows = rowsOf(told, look).filter((row) => isNews(row, told, look))
  // An instance that is through an event is through those before it, so the last of them says enough.
  const isImplied = (row: Row, at: number): boolean =>
    isProgress(row, told, look) &&
    rows.slice(at + 1).some((later) => later.fleet === row.fleet && isProgress(later, told, look))
  const shown = rows.filter((row, at) => !isImplied(row, at)).map(inOrder)
  for (const { key, eventKey, isDone, changes } of rows) {
    told.counts.set(key, changes.length)
    if (isDone) told.done.add(eventKey)
  }
  return shown
}

/** Records all that is known already, so that it is not reported. */
export const noteTallies = (told: ToldTallies, targets: readonly Target[]): void => {
  for (const { key, changes } of rowsOf(told, { targets, isWhole: true, isLast: false }))
    told.counts.set(key, changes.length)
}

/** Only what is shown is sorted, since a look at a thousand instances has tens of thousands of events. */
const inOrder = (row: Row): Tally => {
  const changes = row.changes.sort((one, other) => timeOf(one) - timeOf(other))
  return { ...row, changes, at: changes.map(momentOf).findLast((moment) => moment !== undefined) }
}

interface Row extends Omit<Tally, 'at'> {
  key: string
  eventKey: string
  /** Whether every instance is through this event. */
  isDone: boolean
  /** Whether no instance is. */
  isBeginning: boolean
}

const rowsOf = (told: ToldTallies, { targets, isWhole }: FleetLook): Row[] =>
  FLEETS.flatMap((side) => {
    const its = fleet(targets, side)
    if (isWhole && its.length > 0) told.sizes.set(side, its.length)
    const of = told.sizes.has(side) ? its.length : undefined
    return [...byEvent(its)].flatMap(([event, changes]) => {
      const isDone = of !== undefined && changes.every((change) => isSettled(change.event.status))
      const isBeginning = !changes.some((change) => isSettled(change.event.status))
      const eventKey = `${side} ${event}`
      return byStatus(changes, told).map(([key, row]): Row => ({
        ...{ fleet: side, event, eventKey, isDone, isBeginning, of, ...row },
        key: `${eventKey} ${key}`
      }))
    })
  })

const byEvent = (targets: readonly Target[]): Map<string, EventChange[]> => {
  const events = new Map<string, EventChange[]>()
  for (const target of targets)
    for (const event of target.events) {
      const changes = events.get(event.name)
      if (changes === undefined) events.set(event.name, [{ target, event }])
      else changes.push({ target, event })
    }
  return events
}

type SameStatus = Pick<Tally, 'status' | 'cause' | 'changes'>

/** What is still at work comes after what is through. */
const ORDER: readonly EventStatus[] = ['Succeeded', 'Failed', 'Skipped', 'InProgress']

/** The changes of one event by their status, those that failed by their cause; what nothing has happened to yet is left out. */
const byStatus = (changes: readonly EventChange[], { causes }: ToldTallies): [string, SameStatus][] => {
  const rows = new Map<string, SameStatus>()
  for (const change of changes) {
    const { status } = change.event
    if (status === 'Pending') continue
    const [key, cause] = hasFailed(change.event) ? causeOf(change, causes) : [status, undefined]
    const row = rows.get(key)
    if (row === undefined) rows.set(key, { status, cause, changes: [change] })
    else row.changes.push(change)
  }
  return [...rows].sort(([, one], [, other]) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status))
}

/** A failure's cause, recorded if it is new and among the first few. Messages may name their own instance. */
const causeOf = ({ target, event }: EventChange, causes: Set<string>): [string, Tally['cause']] => {
  const { errorCode = '', scriptName = '', message = '' } = event.diagnostics ?? {}
  const words = [errorCode, scriptName, message.replaceAll(target.id, '')]
  const key = JSON.stringify([target.fleet, event.name, ...words])
  if (causes.has(key)) return [key, 'known']
  if (causes.size >= MOST_CAUSES) return ['other causes', 'other']
  causes.add(key)
  return [key, 'new']
}

const isNews = (row: Row, told: ToldTallies, { isLast }: FleetLook): boolean => {
  const before = told.counts.get(row.key) ?? 0
  if (row.changes.length <= before) return false
  const isThrough = row.isDone && !told.done.has(row.eventKey)
  if (row.status === 'InProgress') return row.isBeginning && before === 0
  // An instance that failed skips the rest, which is no news of its own.
  if (row.status === 'Skipped') return isThrough || isLast
  return before === 0 || isThrough || isLast || isFurther(row, before)
}

const isFurther = ({ changes, of }: Row, before: number): boolean =>
  of !== undefined && partOf(changes.length, of, PARTS) > partOf(before, of, PARTS)

/** Neither the beginning nor the end of an event. */
const isProgress = (row: Row, { counts }: ToldTallies, { isLast }: FleetLook): boolean =>
  row.status === 'Succeeded' && counts.has(row.key) && !row.isDone && !isLast

const momentOf = ({ event }: EventChange): Date | undefined =>
  isSettled(event.status) ? (event.endTime ?? event.startTime) : event.startTime

const timeOf = (change: EventChange): number => momentOf(change)?.getTime() ?? Number.MAX_SAFE_INTEGER
