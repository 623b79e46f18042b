import type { Fleet } from '../domain/event.js'
import type { Ending } from './story.js'

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

/** A picture for a status, where only Markdown is read; a word unknown today has a neutral one. */
export const statusIcon = (status: string): string => {
  const icons: Partial<Record<string, string>> = {
    Succeeded: '✅',
    Failed: '❌',
    Stopped: '🛑',
    Skipped: '⏭️',
    Pending: '⚪',
    Created: '⚪',
    Queued: '⚪'
  }
  return icons[status] ?? '🔵'
}

/** A picture for the end of a run. */
export const endingIcon = (name: Ending['name']): string => {
  const icons: Record<Ending['name'], string> = {
    succeeded: '✅',
    failed: '❌',
    'rolled-back': '↩️',
    stopped: '🛑',
    'timed-out': '⏳',
    started: '🚀'
  }
  return icons[name]
}
