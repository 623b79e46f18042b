import { END, finishLine, isBlank, isBreak, isBreakOrEnd, mark, peek, skip } from './source.js'
import { take, takeBreak, YamlError } from './source.js'
import type { Source } from './source.js'
import type { Token } from './token.js'

const CONTEXT = 'while scanning a block scalar'

/** Reads `|` or `>` with its lines. `parentIndent` is the column of the collection around it, -1 for none. */
export const scanBlockScalar = (source: Source, parentIndent: number): Token => {
  const start = mark(source)
  const literal = take(source) === '|'
  const header = takeHeader(source)
  finishLine(source, CONTEXT)
  const fixed = header.increment === 0 ? 0 : Math.max(parentIndent, 0) + header.increment
  let breaks = takeBreaks(source, fixed, parentIndent)
  const indent = breaks.indent
  const lines = { value: '', lastBreak: '', leadingBlank: false }
  while (source.column === indent && peek(source) !== END) {
    const blank = isBlank(peek(source))
    const folds = !literal && lines.lastBreak === '\n' && !lines.leadingBlank && !blank
    if (!folds) lines.value += lines.lastBreak
    else if (breaks.text === '') lines.value += ' '
    lines.value += breaks.text
    lines.leadingBlank = blank
    while (!isBreakOrEnd(peek(source))) lines.value += take(source)
    lines.lastBreak = takeBreak(source)
    breaks = takeBreaks(source, indent, parentIndent)
  }
  const tail = header.chomping === '-' ? '' : lines.lastBreak + (header.chomping === '+' ? breaks.text : '')
  return { kind: 'scalar', style: literal ? 'literal' : 'folded', value: lines.value + tail, start }
}

const takeHeader = (source: Source): { chomping: string; increment: number } => {
  const header = { chomping: '', increment: 0 }
  for (let turn = 0; turn < 2; turn += 1) {
    const char = peek(source)
    if ((char === '+' || char === '-') && header.chomping === '') header.chomping = take(source)
    else if (/^[0-9]$/.test(char) && header.increment === 0) {
      if (char === '0') throw new YamlError('found an indentation indicator equal to 0', source, CONTEXT)
      header.increment = Number(take(source))
    }
  }
  return header
}

// With indent 0 the indentation is still to be found: it is that of the deepest blank line or of the first text line.
const takeBreaks = (
  source: Source,
  indent: number,
  parentIndent: number
): { text: string; indent: number } => {
  let text = ''
  let deepest = 0
  for (;;) {
    while ((indent === 0 || source.column < indent) && peek(source) === ' ') skip(source)
    deepest = Math.max(deepest, source.column)
    if ((indent === 0 || source.column < indent) && peek(source) === '\t')
      throw new YamlError('found a tab character where an indentation space is expected', source, CONTEXT)
    if (!isBreak(peek(source))) break
    text += takeBreak(source)
  }
  return { text, indent: indent === 0 ? Math.max(deepest, parentIndent + 1, 1) : indent }
}
