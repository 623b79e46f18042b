import type { Fleet } from '../domain/event.js'
import type { Ending } from './story.js'

/** Colors that GitHub's log page shows. */
export type Color = 'red' | 'green' | 'yellow' | 'blue' | 'gray' | 'bold'

/** Their terminal codes (ECMA-48, SGR). */
export const COLOR_CODES: Record<Color, number> = {
  bold: 1,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  gray: 90
}

/** Colors a text, or leaves it plain. */
export type Paint = (text: string, color: Color | undefined) => string

/** Paints with ANSI codes, or not at all. */
export const painter = (colored: boolean): Paint =>
  colored
    ? (text, color) =>
        color === undefined || text === '' ? text : `\u001b[${COLOR_CODES[color]}m${text}\u001b[0m`
    : (text) => text

/** The color of a status of a deployment, a target or an event; an unknown status has none. */
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

/** An icon for a status in Markdown; an unknown status has a neutral one. */
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

/** An icon for the end of a run. */
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
