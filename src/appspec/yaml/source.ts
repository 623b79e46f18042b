/** A position in the text; line and column count from 0, in characters. */
export interface Mark {
  index: number
  line: number
  column: number
}

/** The text and the current position. `chars` are whole characters, so columns match what an editor shows. */
export interface Source extends Mark {
  readonly chars: readonly string[]
}

/** What the agent's YAML reader rejects, in its own words, with the position. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  readonly mark: Mark

  constructor(problem: string, mark: Mark, context = '') {
    super([problem, context].filter((part) => part !== '').join(' '))
    this.mark = { index: mark.index, line: mark.line, column: mark.column }
  }
}

/** What `peek` returns past the last character. */
export const END = ''

// libyaml accepts tabs, line breaks, NEL and everything printable; the byte order mark counts as printable.
const UNPRINTABLE = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** Decodes the bytes of a YAML file as the agent does: always as UTF-8, keeping a byte order mark as a character. */
export const openSource = (bytes: Uint8Array): Source => {
  const chars = Array.from(decode(bytes))
  const bad = chars.findIndex((char) => UNPRINTABLE.test(char))
  if (bad >= 0) throw new YamlError('control characters are not allowed', markOf(chars, bad))
  return { chars, index: 0, line: 0, column: 0 }
}

const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    const lossy = Array.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
    const mark = markOf(lossy, Math.max(lossy.indexOf('\ufffd'), 0))
    throw new YamlError('invalid UTF-8: the file contains bytes that are not UTF-8', mark, '')
  }
}

const markOf = (chars: readonly string[], index: number): Mark => {
  const before = chars.slice(0, index)
  const line = before.filter((char) => char === '\n').length
  return { index, line, column: index - (before.lastIndexOf('\n') + 1) }
}

/** A copy of the current position. */
export const mark = (source: Source): Mark => ({
  index: source.index,
  line: source.line,
  column: source.column
})

/** The character at the current position, or `ahead` of it; END after the last. */
export const peek = (source: Source, ahead = 0): string => source.chars[source.index + ahead] ?? END

export const isBreak = (char: string): boolean => char !== END && '\r\n\u0085\u2028\u2029'.includes(char)
export const isBlank = (char: string): boolean => char === ' ' || char === '\t'
export const isBreakOrEnd = (char: string): boolean => char === END || isBreak(char)
export const isBlankOrEnd = (char: string): boolean => isBlank(char) || isBreakOrEnd(char)
/** Word characters in anchors, tag handles and directives, as libyaml defines them. */
export const isWord = (char: string): boolean => /^[0-9A-Za-z_-]$/.test(char)

/** Skips `count` characters of one line. */
export const skip = (source: Source, count = 1): void => {
  source.index += count
  source.column += count
}

/** Takes and returns one character. */
export const take = (source: Source): string => {
  const char = peek(source)
  skip(source)
  return char
}

/** Takes a line break, CRLF as one, and returns it as YAML reads it; '' if there is none. */
export const takeBreak = (source: Source): string => {
  const char = peek(source)
  if (!isBreak(char)) return ''
  source.index += char === '\r' && peek(source, 1) === '\n' ? 2 : 1
  source.line += 1
  source.column = 0
  return char === '\u2028' || char === '\u2029' ? char : '\n'
}

/** Whether a line starts here with `---` or `...`, which separate documents. */
export const atDocumentMark = (source: Source): boolean => {
  if (source.column !== 0 || !isBlankOrEnd(peek(source, 3))) return false
  const three = peek(source) + peek(source, 1) + peek(source, 2)
  return three === '---' || three === '...'
}

/** Takes blanks and a comment up to the end of the line. Throws YamlError for anything else. */
export const finishLine = (source: Source, context: string): void => {
  while (isBlank(peek(source))) skip(source)
  if (peek(source) === '#') while (!isBreakOrEnd(peek(source))) skip(source)
  if (!isBreakOrEnd(peek(source)))
    throw new YamlError('did not find expected comment or line break', source, context)
  takeBreak(source)
}
