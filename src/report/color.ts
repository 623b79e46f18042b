import type { Fleet } from '../domain/event.js'

/** Colors that GitHub's log page shows. */
export type Color = 'red' | 'green' | 'yellow' | 'blue' | 'gray' | 'bold'

/** What a terminal calls them (ECMA-48, SGR). */
export const COLOR_CODES: Record<Color, number> = {
  bold: 1,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  gray: 90
}

/** Dresses a text in a color, or leaves it bare. */
export type Paint = (text: string, color: Color | undefined) => string

/** How to paint: by ANSI codes, or not at all. */
export const painter = (colored: boolean): Paint =>
  colored
    ? (text, color) =>
        color === undefined || text === '' ? text : `\u001b[${COLOR_CODES[color]}m${text}\u001b[0m`
    : (text) => text

/** The color of a status of a deployment, a target or an event; a word unknown today has none. */
export const statusColor = (status: string): Color | undefined => {
  const colors: Partial<Record<string, Color>> = {
    Succeeded: 'green',
    Failed: 'red',
    Stopped: 'yellow',
    InProgress: 'blue',
    Ready: 'blue',
    Unknown: 'yellow',
    Skipped: 'gray',
    Pending: 'gray'
  }
  return colors[status]
}

/** The color of a fleet's name. */
export const fleetColor = (fleet: Fleet): Color | undefined =>
  fleet === 'green' ? 'green' : fleet === 'blue' ? 'blue' : undefined
