import { distance } from './distance.js'

/** Region and city, as IANA writes them; offsets such as `+09:00` are not names, and only newer Node versions know them. */
const NAME = /^[A-Za-z][A-Za-z0-9_+/-]{1,60}$/

/**
 * A time zone of the IANA database, in the database's capitals; undefined for any other text. An alias keeps its name
 * (`Asia/Kolkata`), which Node would replace by an older one.
 */
export const parseTimeZone = (text: string): string | undefined => {
  // No run with the default pays for loading the time zones.
  if (text === 'UTC') return text
  if (!NAME.test(text)) return undefined
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
    return timeZone.toLowerCase() === text.toLowerCase() ? timeZone : text
  } catch {
    return undefined
  }
}

const MINUTE = 60_000

/**
 * How far a zone's clocks are ahead of UTC at a moment, in milliseconds; negative where they are behind. Read from `GMT-03:30`, as
 * Intl writes an offset; `GMT` alone is none.
 */
export const offsetIn = (name: string): ((moment: Date) => number) => {
  // No run with the default pays for loading the time zones.
  if (name === 'UTC') return () => 0
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  return (moment) => {
    if (Number.isNaN(moment.getTime())) return 0
    const [, sign = '+', hours = 0, minutes = 0] = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(moment)) ?? []
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE
  }
}

const SUGGESTED = 3
/** Longer text is not a mistyped name. */
const LONGEST_NAME = 60

/** The known time zones with the most similar names, best first: a typo (`Asia/Soul`), or a city without its region (`seoul`). */
export const nearTimeZones = (text: string): string[] => {
  const wanted = letters(text.slice(0, LONGEST_NAME))
  const city = letters(cityOf(text.slice(0, LONGEST_NAME)))
  const enough = Math.floor(city.length / 3)
  return ['UTC', ...Intl.supportedValuesOf('timeZone')]
    .map((name) => ({
      name,
      off: Math.min(distance(wanted, letters(name)), distance(city, letters(cityOf(name))))
    }))
    .filter(({ off }) => off <= enough)
    .sort((one, other) => one.off - other.off || one.name.localeCompare(other.name))
    .slice(0, SUGGESTED)
    .map(({ name }) => name)
}

const letters = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '')
const cityOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
