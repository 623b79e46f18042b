import { offsetIn } from '../domain/time-zone.js'

/** The time zone in which a run writes times for people; outputs and JSON stay in UTC. */
export interface Zone {
  /** Its IANA name, for example `Asia/Seoul`. */
  name: string
  /** `2026-11-22` */
  day: (moment: Date) => string
  /** `12:03:41` */
  clock: (moment: Date) => string
  /** `2026-11-22 12:03` */
  dayAndClock: (moment: Date) => string
  /** How far its clocks are ahead of UTC at that moment, in milliseconds; negative where they are behind. */
  offsetMs: (moment: Date) => number
}

/** What it takes to write a time: the moment of writing, and the zone. */
export interface Times {
  now: Date
  zone: Zone
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const isKnown = (moment: Date): boolean => !Number.isNaN(moment.getTime())

/** The zone of an IANA name that Node knows. Made once in a run, since loading a zone takes much longer than writing a time. */
export const zoneOf = (name: string): Zone => {
  const offsetMs = offsetIn(name)
  const local = (moment: Date): string | undefined =>
    isKnown(moment) ? wallTime(moment, offsetMs(moment)) : undefined
  return {
    name,
    offsetMs,
    day: (moment) => local(moment)?.slice(0, 10) ?? '–',
    clock: (moment) => local(moment)?.slice(11, 19) ?? '--:--:--',
    dayAndClock: (moment) => local(moment)?.slice(0, 16).replace('T', ' ') ?? '–'
  }
}

/** What clocks show that are ahead of UTC by this much: `2026-11-22T12:03:41.000`, without a zone. */
export const wallTime = (moment: Date, offsetMs: number): string =>
  new Date(moment.getTime() + offsetMs).toISOString().slice(0, 23)

/** `12:03`, preceded by the day when that is not the day of `now`. */
export const seenFrom = ({ now, zone }: Times, moment: Date): string =>
  zone.day(now) === zone.day(moment) ? zone.clock(moment).slice(0, 5) : zone.dayAndClock(moment)

/** `19 h ago`: whole minutes, from an hour on whole hours, from two days on whole days; what is later than `now` is `just now`. */
export const ago = ({ now }: Pick<Times, 'now'>, moment: Date): string => {
  const passed = now.getTime() - moment.getTime()
  if (Number.isNaN(passed)) return '–'
  if (passed < MINUTE) return 'just now'
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`
  if (passed < 2 * DAY) return `${Math.floor(passed / HOUR)} h ago`
  return `${Math.floor(passed / DAY)} days ago`
}

/** `UTC+9`, `UTC-3:30` */
const offsetText = (offsetMs: number): string => {
  const minutes = Math.round(Math.abs(offsetMs) / MINUTE)
  const rest = minutes % 60
  return `UTC${offsetMs < 0 ? '-' : '+'}${Math.floor(minutes / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
}

/** Names the zone, once for each page. The offset is that of now, since it may change during a year. */
export const zoneNote = ({ now, zone }: Times): string =>
  zone.name === 'UTC'
    ? 'All times are UTC.'
    : `All times are in ${zone.name} (now ${offsetText(zone.offsetMs(now))}).`
