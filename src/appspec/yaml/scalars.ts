import {
  atDocumentMark,
  END,
  finishLine,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  mark,
  type Mark,
  peek,
  skip,
  type Source,
  take,
  takeBreak,
  YamlError
} from './source.js'
import type { Token } from './token.js'

/** Where a plain scalar is: inside brackets or not, and how far its continuation lines must be indented. */
export interface PlainContext {
  inFlow: boolean
  indent: number
}

/** Reads a scalar without quotes. `endsLine`: a new key may start after it. */
export const scanPlain = (source: Source, context: PlainContext): { token: Token; endsLine: boolean } => {
  const start = mark(source)
  let value = ''
  let space = noSpace()
  while (!atDocumentMark(source) && peek(source) !== '#') {
    const word = takeWord(source, context.inFlow)
    if (word !== '') {
      value += joinLines(space) + word
      space = noSpace()
    }
    if (!isBlank(peek(source)) && !isBreak(peek(source))) break
    space = takeSpace(source, space, context.indent)
    if (!context.inFlow && source.column < context.indent) break
  }
  return { token: { kind: 'scalar', style: 'plain', value, start }, endsLine: space.leading }
}

const takeWord = (source: Source, inFlow: boolean): string => {
  let word = ''
  while (!isBlankOrEnd(peek(source)) && !endsWord(source, inFlow)) word += take(source)
  return word
}

const endsWord = (source: Source, inFlow: boolean): boolean => {
  const char = peek(source)
  const next = peek(source, 1)
  if (inFlow && char === ':' && next !== '' && ',?[]{}'.includes(next))
    throw new YamlError("found unexpected ':'", source, 'while scanning a plain scalar')
  return (char === ':' && isBlankOrEnd(next)) || (inFlow && ',[]{}'.includes(char))
}

const IN_QUOTED = 'while scanning a quoted scalar'

const ESCAPES: Record<string, string> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029'
}
const HEX_LENGTH: Record<string, number> = { x: 2, u: 4, U: 8 }

/** Reads a scalar in single or double quotes, which may span several lines with any indentation. */
export const scanQuoted = (source: Source, quote: "'" | '"'): Token => {
  const start = mark(source)
  let value = ''
  skip(source)
  for (;;) {
    if (atDocumentMark(source)) throw new YamlError('found unexpected document indicator', source, IN_QUOTED)
    if (peek(source) === END) throw new YamlError('found unexpected end of stream', source, IN_QUOTED)
    const word = takeQuotedWord(source, quote, start)
    value += word.text
    if (peek(source) === quote) break
    const space = takeSpace(source, { ...noSpace(), leading: word.brokenLine })
    value += joinLines(space)
  }
  skip(source)
  return { kind: 'scalar', style: quote === "'" ? 'single' : 'double', value, start }
}

const takeQuotedWord = (
  source: Source,
  quote: "'" | '"',
  start: Mark
): { text: string; brokenLine: boolean } => {
  let text = ''
  while (!isBlankOrEnd(peek(source))) {
    const char = peek(source)
    if (char === quote) {
      if (quote === '"' || peek(source, 1) !== "'") break
      skip(source, 2)
      text += "'"
    } else if (quote === '"' && char === '\\') {
      skip(source)
      if (isBreak(peek(source))) {
        takeBreak(source)
        return { text, brokenLine: true }
      }
      text += takeEscape(source, start)
    } else text += take(source)
  }
  return { text, brokenLine: false }
}

const takeEscape = (source: Source, start: Mark): string => {
  const letter = take(source)
  const plain = ESCAPES[letter]
  if (plain !== undefined) return plain
  const length = HEX_LENGTH[letter]
  if (length === undefined) throw new YamlError('found unknown escape character', start, IN_QUOTED)
  let digits = ''
  while (digits.length < length) {
    if (!/^[0-9A-Fa-f]$/.test(peek(source)))
      throw new YamlError('did not find expected hexdecimal number', start, IN_QUOTED)
    digits += take(source)
  }
  const code = Number.parseInt(digits, 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
    throw new YamlError('found invalid Unicode character escape code', start, IN_QUOTED)
  return String.fromCodePoint(code)
}

const IN_BLOCK = 'while scanning a block scalar'

/** Reads `|` or `>` with its lines. `parentIndent` is the column of the collection around it, -1 for none. */
export const scanBlockScalar = (source: Source, parentIndent: number): Token => {
  const start = mark(source)
  const literal = take(source) === '|'
  const header = takeHeader(source)
  finishLine(source, IN_BLOCK)
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
      if (char === '0') throw new YamlError('found an indentation indicator equal to 0', source, IN_BLOCK)
      header.increment = Number(take(source))
    }
  }
  return header
}

// Indent 0 means that it is not known yet: it is that of the deepest blank line or of the first line of text.
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
      throw new YamlError('found a tab character where an indentation space is expected', source, IN_BLOCK)
    if (!isBreak(peek(source))) break
    text += takeBreak(source)
  }
  return { text, indent: indent === 0 ? Math.max(deepest, parentIndent + 1, 1) : indent }
}

/** The whitespace between two words of a scalar: on one line, or with line breaks that fold. */
export interface Space {
  blanks: string
  firstBreak: string
  moreBreaks: string
  /** It includes a line break, so blanks after that are indentation. */
  leading: boolean
}

export const noSpace = (): Space => ({ blanks: '', firstBreak: '', moreBreaks: '', leading: false })

/** Takes the whitespace here; with `indent`, throws YamlError for a tab left of that column (plain scalars). */
export const takeSpace = (source: Source, space: Space, indent = -1): Space => {
  while (isBlank(peek(source)) || isBreak(peek(source))) {
    if (isBreak(peek(source))) takeFold(source, space)
    else if (!space.leading) space.blanks += take(source)
    else if (peek(source) === '\t' && source.column < indent)
      throw new YamlError(
        'found a tab character that violates indentation',
        source,
        'while scanning a plain scalar'
      )
    else skip(source)
  }
  return space
}

const takeFold = (source: Source, space: Space): void => {
  const lineBreak = takeBreak(source)
  if (space.leading) space.moreBreaks += lineBreak
  else {
    space.blanks = ''
    space.firstBreak = lineBreak
    space.leading = true
  }
}

/** What the whitespace becomes in the value: one line break folds into a space; further ones stay. */
export const joinLines = (space: Space): string => {
  if (!space.leading) return space.blanks
  if (!space.firstBreak.startsWith('\n')) return space.firstBreak + space.moreBreaks
  return space.moreBreaks === '' ? ' ' : space.moreBreaks
}
