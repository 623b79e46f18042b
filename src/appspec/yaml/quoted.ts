import { joinLines, noSpace, takeSpace } from './folding.js'
import { atDocumentMark, END, isBlankOrEnd, isBreak, mark, peek, skip, take, takeBreak } from './source.js'
import { YamlError } from './source.js'
import type { Mark, Source } from './source.js'
import type { Token } from './token.js'

const CONTEXT = 'while scanning a quoted scalar'

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

/** Reads a scalar in single or double quotes, which may run over several lines with any indentation. */
export const scanQuoted = (source: Source, quote: "'" | '"'): Token => {
  const start = mark(source)
  let value = ''
  skip(source)
  for (;;) {
    if (atDocumentMark(source)) throw new YamlError('found unexpected document indicator', source, CONTEXT)
    if (peek(source) === END) throw new YamlError('found unexpected end of stream', source, CONTEXT)
    const word = takeWord(source, quote, start)
    value += word.text
    if (peek(source) === quote) break
    const space = takeSpace(source, { ...noSpace(), leading: word.brokenLine })
    value += joinLines(space)
  }
  skip(source)
  return { kind: 'scalar', style: quote === "'" ? 'single' : 'double', value, start }
}

const takeWord = (source: Source, quote: "'" | '"', start: Mark): { text: string; brokenLine: boolean } => {
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
  if (length === undefined) throw new YamlError('found unknown escape character', start, CONTEXT)
  let digits = ''
  while (digits.length < length) {
    if (!/^[0-9A-Fa-f]$/.test(peek(source)))
      throw new YamlError('did not find expected hexdecimal number', start, CONTEXT)
    digits += take(source)
  }
  const code = Number.parseInt(digits, 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
    throw new YamlError('found invalid Unicode character escape code', start, CONTEXT)
  return String.fromCodePoint(code)
}
