import { oneLine } from './escape.js'

/** Characters that fill two cells of a terminal (Unicode: East Asian Width W and F, and emoji). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Regional_Indicator}|\ufe0f/u
const INVISIBLE = /^[\p{M}\p{Cf}\p{Cc}]*$/u
/** The longest emoji sequences have about 20 code units; anything longer is a stack of marks on one letter. */
const LONGEST_GRAPHEME = 32

/** Printable ASCII needs no segmenter; creating the first one takes a twentieth of a short run. */
const PLAIN = /^[ -~]*$/
let segmenter: Intl.Segmenter | undefined

/** The text split into characters as a reader counts them; stacks of combining marks are cut short. */
export const graphemes = (text: string): string[] => {
  if (PLAIN.test(text)) return text.split('')
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), ({ segment }) =>
    segment.length <= LONGEST_GRAPHEME ? segment : segment.slice(0, LONGEST_GRAPHEME).replace(/\p{Cs}$/u, '')
  )
}

const graphemeWidth = (grapheme: string): number =>
  INVISIBLE.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1

/** The number of terminal cells a text fills: Hangul, Han, Kana and emoji fill two, combining marks none. */
export const displayWidth = (text: string): number =>
  graphemes(text).reduce((width, grapheme) => width + graphemeWidth(grapheme), 0)

/** The text if it fits into `width` cells, else as much as fits, with an ellipsis; never half a character. */
export const cut = (text: string, width: number): string => {
  const all = graphemes(text)
  let used = 0
  let fitting = 0
  for (const [index, grapheme] of all.entries()) {
    used += graphemeWidth(grapheme)
    if (used > width) return all.slice(0, fitting).join('').trimEnd() + '…'
    if (used < width) fitting = index + 1
  }
  return all.join('')
}

/** One line of at most `width` cells. */
export const cutLine = (text: string, width: number): string => cut(oneLine(text), width)

/** Pads to `width` cells, at the end or, for numbers, at the start. */
export const pad = (text: string, width: number, side: 'start' | 'end' = 'end'): string => {
  const blank = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return side === 'end' ? text + blank : blank + text
}

/** One column of a table in the log. */
export interface Column {
  title: string
  align?: 'left' | 'right'
  /** Decorates a cell after padding, e.g. with a color. */
  dress?: (cell: string, row: number) => string
}

/** A table as lines: header first, two spaces between columns. */
export const columnLines = (columns: readonly Column[], rows: readonly (readonly string[])[]): string[] => {
  const widths = columns.map((column, at) =>
    rows.reduce((width, row) => Math.max(width, displayWidth(row[at] ?? '')), displayWidth(column.title))
  )
  const line = (cells: readonly string[], row: number): string =>
    columns
      .map((column, at) => {
        const cell = pad(cells[at] ?? '', widths[at] ?? 0, column.align === 'right' ? 'start' : 'end')
        return column.dress === undefined || row < 0 ? cell : column.dress(cell, row)
      })
      .join('  ')
      .trimEnd()
  return [
    line(
      columns.map((column) => column.title),
      -1
    ),
    ...rows.map(line)
  ]
}

/** A Markdown table; the cells must already be safe for Markdown. */
export const markdownTable = (columns: readonly Column[], rows: readonly (readonly string[])[]): string[] => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(columns.map((column) => column.title)),
    line(columns.map((column) => (column.align === 'right' ? '---:' : '---'))),
    ...rows.map(line)
  ]
}
