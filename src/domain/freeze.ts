import { offsetIn, parseTimeZone } from './time-zone.js'

/** A time in which nothing is deployed. */
export interface FreezeWindow {
  /** Epoch milliseconds. */
  from: number
  /** Epoch milliseconds; the first moment after it. */
  until: number
  /** Empty when the line gives none. */
  reason: string
}

const DAY_MS = 24 * 60 * 60 * 1000
const DAY = String.raw`\d{4}-\d{2}-\d{2}`
const TIME = String.raw`\d{2}:\d{2}`
const LINE = new RegExp(
  String.raw`^(?<day>${DAY})(?: (?<time>${TIME}))?` +
    String.raw`(?: (?:to|-|–) (?:(?<endDay>${DAY})(?: (?<endTime>${TIME}))?|(?<sameDay>${TIME})))?` +
    String.raw`(?: (?<zone>UTC|[A-Z][A-Za-z_]{2,}(?:/[A-Za-z_+-]{3,})+))?(?: (?<reason>.*))?$`
)

/**
 * Reads one line: `2026-05-16 Spring festival` is that whole day, `2026-12-24 18:00 to 2026-12-27 Asia/Seoul Holidays` lasts until
 * the end of the 27th. Without a zone of its own, a line is in `zone`. Throws an Error that says what is wrong with it.
 */
export const parseFreeze = (line: string, zone: string): FreezeWindow => {
  const found = LINE.exec(line.trim().replace(/\s+/g, ' '))?.groups
  if (found === undefined)
    throw new Error(
      'expected a day or a window and its reason, such as `2026-05-16 Spring festival` or `2026-12-24 18:00 to 2026-12-27 06:00 Asia/Seoul Holidays`'
    )
  const { day = '', time, endDay, endTime, sameDay, reason = '' } = found
  const place = found['zone'] === undefined ? zone : parseTimeZone(found['zone'])
  if (place === undefined) throw new Error(`\`${found['zone'] ?? ''}\` is not the IANA name of a time zone`)
  const from = momentOf(day, time ?? '00:00', place)
  const lastDay = endDay ?? day
  const end = endTime ?? sameDay
  if (time !== undefined && endDay === undefined && sameDay === undefined)
    throw new Error('the end is missing; a line without times is a whole day')
  const until =
    end === undefined ? momentOf(dayAfter(lastDay), '00:00', place) : momentOf(lastDay, end, place)
  if (until <= from) throw new Error('it ends before it begins')
  return { from, until, reason }
}

/** The window that `now` lies in; of several, the one that ends last. */
export const frozenBy = (windows: readonly FreezeWindow[], now: number): FreezeWindow | undefined =>
  windows
    .filter(({ from, until }) => from <= now && now < until)
    .sort((one, other) => other.until - one.until)[0]

const dayAfter = (day: string): string => new Date(utcOf(day, '00:00') + DAY_MS).toISOString().slice(0, 10)

/**
 * The moment at which a zone's clocks show this. The offset is taken twice, since it may change in between. A time that is skipped when
 * clocks go forward means the same time later, and one that is repeated its first occurrence.
 */
const momentOf = (day: string, time: string, zone: string): number => {
  const wall = utcOf(day, time)
  const offset = offsetIn(zone)
  const guesses = [wall - DAY_MS, wall + DAY_MS].map((near) => wall - offset(new Date(near)))
  const exact = guesses.filter((guess) => guess + offset(new Date(guess)) === wall)
  return exact.length > 0 ? Math.min(...exact) : Math.max(...guesses)
}

const utcOf = (day: string, time: string): number => {
  const wall = Date.parse(`${day}T${time}:00.000Z`)
  const isReal = !Number.isNaN(wall) && new Date(wall).toISOString().startsWith(`${day}T${time}`)
  if (!isReal) throw new Error(`there is no ${day} ${time}`)
  return wall
}
