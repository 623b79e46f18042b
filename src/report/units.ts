const SECOND = 1000
const MINUTE = 60 * SECOND

const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** `3.2 s`, `2 min 05 s`, `8 h 14 min`. A negative duration (two clocks that disagree) is shown as 0. */
export const duration = (ms: number): string => {
  const length = Number.isFinite(ms) ? Math.max(0, ms) : 0
  const tenths = Math.round(length / 100)
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`
  const seconds = Math.round(length / SECOND)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`
  const minutes = Math.round(length / MINUTE)
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
}

/** Rounded to whole minutes: `5 min`, `8 h`, `8 h 14 min`; anything under a minute is `less than 1 min`. */
export const roughly = (ms: number): string => {
  const minutes = Math.round(Math.max(0, ms) / MINUTE)
  if (minutes < 1) return 'less than 1 min'
  const rest = minutes % 60
  if (minutes < 60) return `${minutes} min`
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}

/** Time between two moments, or undefined if one of them is not known. */
export const between = (start: Date | undefined, end: Date | undefined): number | undefined =>
  start === undefined || end === undefined ? undefined : Math.max(0, end.getTime() - start.getTime())

/** A known duration as text, an unknown one as a dash. */
export const durationOr = (ms: number | undefined, other = '–'): string =>
  ms === undefined ? other : duration(ms)

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `812 bytes`, `1.2 MiB`. */
export const bytesText = (bytes: number): string => {
  const size = Math.max(0, bytes)
  const power = Math.min(UNITS.length - 1, size < 1 ? 0 : Math.floor(Math.log2(size) / 10))
  return `${power === 0 ? String(Math.round(size)) : (size / 1024 ** power).toFixed(1)} ${UNITS[power] ?? 'bytes'}`
}
