/** A part of a script: a word, an operator (a line break is one), or a redirection with what it leads to. */
export type Token =
  | ({ kind: 'word'; line: number } & Word)
  | { kind: 'operator'; text: string; line: number }
  | { kind: 'redirect'; text: string; fd: number | undefined; target: string; line: number }

export interface Word {
  /** Without its quotes; what the shell would expand stays as it is written. */
  text: string
  /** Nothing in it is quoted or expanded, so it may be a reserved word. */
  isPlain: boolean
  /** The commands of `$(…)` and backticks in it. */
  inner: string[]
}

/** The script is not one that this reader understands, so nothing can be said about it. */
export class ShellError extends Error {
  override readonly name = 'ShellError'
}

interface Cursor {
  text: string
  at: number
  /** Here-documents that begin after this line. */
  awaited: { delimiter: string; hasTabs: boolean }[]
  depth: number
  counted: { at: number; line: number }
}

const MOST_NESTED = 40

/** Splits a script as POSIX shells and bash do; its lines count from `line`. Throws ShellError. */
export const tokenize = (text: string, line: number): Token[] => {
  const cursor: Cursor = { text, at: 0, awaited: [], depth: 0, counted: { at: 0, line } }
  const tokens: Token[] = []
  for (let token = next(cursor); token !== undefined; token = next(cursor)) tokens.push(token)
  return tokens
}

const next = (cursor: Cursor): Token | undefined => {
  skipBlanks(cursor)
  if (cursor.at >= cursor.text.length) return undefined
  const line = lineOf(cursor)
  if (cursor.text[cursor.at] === '\n') {
    cursor.at += 1
    skipHereDocuments(cursor)
    return { kind: 'operator', text: '\n', line }
  }
  const redirect = take(cursor, /(?<both>&>>?)|(?<fd>\d*)(?<op><<[<-]?|<[&>]|>[>|&]|[<>](?!\())/y)
  if (redirect !== undefined) return readRedirect(cursor, redirect.groups ?? {}, line)
  if (cursor.text.startsWith('((', cursor.at)) {
    readNested(cursor, '(', ')')
    return { kind: 'word', text: '((', isPlain: false, inner: [], line }
  }
  const operator = take(cursor, /;;&|;[;&]?|&&?|\|[|&]?|[()]/y)?.[0]
  if (operator !== undefined) return { kind: 'operator', text: operator, line }
  const word = readWord(cursor)
  if (word.isPlain && word.text === '[[') readTest(cursor, word)
  return { kind: 'word', ...word, line }
}

const take = (cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined => {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text) ?? undefined
  if (found !== undefined) cursor.at = pattern.lastIndex
  return found
}

const skipBlanks = (cursor: Cursor): void => void take(cursor, /(?:[ \t\r]|\\\r?\n)*(?:#[^\n]*)?/y)

const lineOf = ({ text, at, counted }: Cursor): number => {
  for (; counted.at < at; counted.at += 1) if (text[counted.at] === '\n') counted.line += 1
  return counted.line
}

const skipHereDocuments = (cursor: Cursor): void => {
  for (const { delimiter, hasTabs } of cursor.awaited.splice(0))
    for (let isOver = false; !isOver && cursor.at < cursor.text.length;) {
      const line = take(cursor, /([^\r\n]*)\r?\n?/y)?.[1] ?? ''
      isOver = (hasTabs ? line.replace(/^\t+/, '') : line) === delimiter
    }
}

const readRedirect = (
  cursor: Cursor,
  { both, fd, op }: Partial<Record<string, string>>,
  line: number
): Token => {
  skipBlanks(cursor)
  const text = both ?? op ?? ''
  const { text: target } = readWord(cursor)
  if (text === '<<' || text === '<<-') cursor.awaited.push({ delimiter: target, hasTabs: text === '<<-' })
  return { kind: 'redirect', text, fd: fd === undefined || fd === '' ? undefined : Number(fd), target, line }
}

const ENDS_WORD = /[ \t\r\n;&|()<>]/

const readWord = (cursor: Cursor): Word => {
  const word: Word = { text: '', isPlain: true, inner: [] }
  for (;;) {
    const char = cursor.text[cursor.at]
    const part = char === undefined ? undefined : PARTS[char]
    if (part !== undefined) {
      word.isPlain = false
      part(cursor, word)
    } else if (startsNested(cursor, word)) {
      word.isPlain = false
      if (char !== '(') cursor.at += 1
      word.text += `${char === '(' ? '' : (char ?? '')}(${readNested(cursor, '(', ')')})`
    } else if (char === undefined || ENDS_WORD.test(char)) return word
    else {
      word.text += char
      cursor.at += 1
    }
  }
}

/** At the parentheses of an array, as in `a=(x y)`, or of a process substitution, as in `>(tee log)`. */
const startsNested = ({ text, at }: Cursor, word: Word): boolean =>
  (text[at] === '(' && /^\w+\+?=$/.test(word.text)) || /^[<>]\($/.test(text.slice(at, at + 2))

type Part = (cursor: Cursor, word: Word) => void

const readSingle: Part = (cursor, word) => {
  const end = cursor.text.indexOf("'", cursor.at + 1)
  if (end < 0) throw new ShellError('a quote is not closed')
  word.text += cursor.text.slice(cursor.at + 1, end)
  cursor.at = end + 1
}

const readDouble: Part = (cursor, word) => {
  cursor.at += 1
  for (;;) {
    const char = cursor.text[cursor.at]
    if (char === undefined) throw new ShellError('a quote is not closed')
    const follows = cursor.text[cursor.at + 1] ?? ''
    if (char === '$' && /["']/.test(follows)) {
      cursor.at += 1
      word.text += char
    } else if (char === '$' || char === '`') PARTS[char]?.(cursor, word)
    else if (char === '\\' && /[$`"\\\n]/.test(follows)) readEscape(cursor, word)
    else {
      cursor.at += 1
      if (char === '"') return
      word.text += char
    }
  }
}

const readEscape: Part = (cursor, word) => {
  const char = cursor.text[cursor.at + 1] ?? ''
  if (char !== '\n') word.text += char
  cursor.at += 2
}

const readDollar: Part = (cursor, word) => {
  cursor.at += 1
  switch (cursor.text[cursor.at]) {
    case "'": {
      const quoted = take(cursor, /'(?:[^'\\]|\\[^])*'/y)
      if (quoted === undefined) throw new ShellError('a quote is not closed')
      word.text += quoted[0].slice(1, -1)
      return
    }
    case '(': {
      const inner = readNested(cursor, '(', ')')
      if (!inner.startsWith('(')) word.inner.push(inner)
      word.text += `$(${inner})`
      return
    }
    case '{':
      word.text += `\${${readNested(cursor, '{', '}', word)}}`
      return
    default:
      word.text += '$'
  }
}

const readBackticks: Part = (cursor, word) => {
  const quoted = take(cursor, /`((?:[^`\\]|\\[^])*)`/y)?.[1]
  if (quoted === undefined) throw new ShellError('a backtick is not closed')
  word.inner.push(quoted.replace(/\\([`\\$])/g, '$1'))
  word.text += `\`${quoted}\``
}

const PARTS: Partial<Record<string, Part>> = {
  "'": readSingle,
  '"': readDouble,
  '\\': readEscape,
  $: readDollar,
  '`': readBackticks
}

/** What is between two brackets, the first of which is at the cursor. */
const readNested = (cursor: Cursor, opens: string, closes: string, word?: Word): string => {
  const start = cursor.at + 1
  const scrap: Word = { text: '', isPlain: false, inner: word?.inner ?? [] }
  if (++cursor.depth > MOST_NESTED) throw new ShellError('it is nested too deeply')
  cursor.at = start
  for (let open = 1; open > 0;) {
    const char = cursor.text[cursor.at]
    if (char === undefined) throw new ShellError(`${opens} is not closed`)
    const part = PARTS[char]
    if (part !== undefined) part(cursor, scrap)
    else if (opens === '(' && char === '#' && /[ \t\r\n;(]/.test(cursor.text[cursor.at - 1] ?? ''))
      skipBlanks(cursor)
    else {
      open += char === opens ? 1 : char === closes ? -1 : 0
      cursor.at += 1
    }
  }
  cursor.depth -= 1
  return cursor.text.slice(start, cursor.at - 1)
}

/** The rest of `[[ … ]]`, where operators are not the shell's. */
const readTest = (cursor: Cursor, word: Word): void => {
  while (take(cursor, /(?<=[ \t\r\n])\]\](?=[ \t\r\n;&|)]|$)/y) === undefined) {
    const char = cursor.text[cursor.at]
    if (char === undefined) throw new ShellError('[[ is not closed')
    const part = PARTS[char]
    if (part === undefined) cursor.at += 1
    else part(cursor, { ...word, text: '' })
  }
}
