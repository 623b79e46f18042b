import { counted } from '../domain/counted.js'
import { logLine, logLines } from './escape.js'
import { COLOR_CODES, type Paint } from './style.js'

/** Everything printed passes through here, so that no caller has to worry about untrusted text. */
export interface WayOut {
  /** Colors a text. Only these colors are printed; colors in foreign text are removed. */
  paint: Paint
  /** One line: line breaks become `↵`. */
  line: (text: string) => string
  /** Several lines, joined by `\n`. */
  lines: (text: string) => string
}

/** Our own lines are far shorter; a script, a commit or an AppSpec may contain a line of megabytes. */
const MOST_CHARACTERS = 4_096
/** Lines of one message: an annotation, a stack. */
const MOST_LINES = 100

/**
 * `key` must be new in every run. `paint` marks colors with it, and only such a mark becomes an escape sequence: whoever
 * wrote a text earlier cannot know the key.
 */
export const wayOut = (colored: boolean, key: string): WayOut => {
  const marks = new RegExp(`${key}(\\d+);`, 'g')
  const line = (text: string): string => {
    const bare = text.replace(marks, '')
    if (bare.length > MOST_CHARACTERS) return cutLine(bare)
    return logLine(text).replace(marks, '\u001b[$1m')
  }
  return {
    line,
    lines: (text) => {
      // Text beyond what may be shown is not even read.
      const looked = text.slice(0, MOST_LINES * MOST_CHARACTERS)
      const all = logLines(looked)
      const shown = all.slice(0, MOST_LINES).map(line)
      const isWhole = looked.length === text.length && shown.length === all.length
      return [...shown, ...(isWhole ? [] : ['… the remaining lines are omitted'])].join('\n')
    },
    paint: colored
      ? (text, color) =>
          color === undefined || text === '' ? text : `${key}${COLOR_CODES[color]};${text}${key}0;`
      : (text) => text
  }
}

const cutLine = (text: string): string =>
  `${logLine(text.slice(0, MOST_CHARACTERS))}… (${counted(text.length - MOST_CHARACTERS, 'more character')})`
