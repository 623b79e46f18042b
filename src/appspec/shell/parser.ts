import { ShellError, type Token, tokenize, type Word } from './lexer.js'

export type Redirect = Extract<Token, { kind: 'redirect' }>

export interface Simple {
  kind: 'simple'
  /** Assignments first, then the program and its arguments. */
  words: Word[]
  redirects: Redirect[]
  line: number
}

export interface Group {
  kind: 'group'
  how: 'subshell' | 'braces' | 'branch' | 'loop'
  body: Statement[]
  redirects: Redirect[]
  line: number
}

export type Command = Simple | Group | { kind: 'function'; name: string; body: Command; line: number }

/** Commands that are piped into one another; `errors` follow where the pipe is `|&`. */
export interface Stage {
  command: Command
  pipesErrors: boolean
}

/** Pipelines joined by `&&` and `||`, and whether the shell goes on without waiting for them. */
export interface Statement {
  pipelines: Stage[][]
  isBackground: boolean
}

interface Reader {
  tokens: readonly Token[]
  at: number
  depth: number
}

/** Each level takes several calls, and no script that a person wrote comes near. */
const MOST_NESTED = 40

/**
 * Reads a script, as far as its structure matters: what runs in the background, and where output goes. Its first line is `line`.
 * Throws ShellError.
 */
export const parseShell = (text: string, line = 1): Statement[] => {
  const reader: Reader = { tokens: tokenize(text, line), at: 0, depth: 0 }
  const statements = readList(reader, [])
  if (peek(reader) !== undefined) throw new ShellError('there is more than the script')
  return statements
}

const peek = ({ tokens, at }: Reader): Token | undefined => tokens[at]

const isOperator = (reader: Reader, ...texts: string[]): boolean => {
  const token = peek(reader)
  return token?.kind === 'operator' && texts.includes(token.text)
}

const isReserved = (reader: Reader, words: readonly string[]): boolean => {
  const token = peek(reader)
  return token?.kind === 'word' && token.isPlain && words.includes(token.text)
}

const skip = (reader: Reader, ...operators: string[]): void => {
  while (isOperator(reader, ...operators)) reader.at += 1
}

const expect = (reader: Reader, what: string): void => {
  if (!isOperator(reader, what) && !isReserved(reader, [what])) throw new ShellError(`${what} is missing`)
  reader.at += 1
}

/** Statements up to one of these words, or to an operator that ends a list. */
const readList = (reader: Reader, ends: readonly string[]): Statement[] => {
  const statements: Statement[] = []
  if (++reader.depth > MOST_NESTED) throw new ShellError('it is nested too deeply')
  for (;;) {
    skip(reader, '\n', ';')
    if (peek(reader) === undefined || isReserved(reader, ends) || isOperator(reader, ')', ';;', ';&', ';;&'))
      break
    const pipelines = [readPipeline(reader)]
    while (isOperator(reader, '&&', '||')) {
      reader.at += 1
      skip(reader, '\n')
      pipelines.push(readPipeline(reader))
    }
    const isBackground = isOperator(reader, '&')
    if (isBackground) reader.at += 1
    else if (peek(reader) !== undefined && !isOperator(reader, '\n', ';', ')', ';;', ';&', ';;&'))
      throw new ShellError('a command does not end')
    statements.push({ pipelines, isBackground })
  }
  reader.depth -= 1
  return statements
}

const readPipeline = (reader: Reader): Stage[] => {
  while (isReserved(reader, ['!', 'time'])) reader.at += 1
  const stages: Stage[] = [{ command: readCommand(reader), pipesErrors: false }]
  while (isOperator(reader, '|', '|&')) {
    const last = stages.at(-1)
    if (last !== undefined) last.pipesErrors = isOperator(reader, '|&')
    reader.at += 1
    skip(reader, '\n')
    stages.push({ command: readCommand(reader), pipesErrors: false })
  }
  return stages
}

const readCommand = (reader: Reader): Command => {
  const token = peek(reader)
  if (token === undefined) throw new ShellError('a command is missing')
  const compound = readCompound(reader, token)
  if (compound === undefined) return readSimple(reader, token.line)
  if (compound.kind === 'function') return compound
  return { ...compound, redirects: readRedirects(reader), line: token.line }
}

const readRedirects = (reader: Reader): Redirect[] => {
  const redirects: Redirect[] = []
  for (let token = peek(reader); token?.kind === 'redirect'; token = peek(reader)) {
    redirects.push(token)
    reader.at += 1
  }
  return redirects
}

type Compound = Pick<Group, 'kind' | 'how' | 'body'> | Extract<Command, { kind: 'function' }>
const group = (how: Group['how'], body: Statement[]): Compound => ({ kind: 'group', how, body })

const readCompound = (reader: Reader, token: Token): Compound | undefined => {
  const isWord = token.kind === 'word' && token.isPlain
  if (!isWord && !isOperator(reader, '(')) return undefined
  const following = reader.tokens[reader.at + 1]
  if (isWord && following?.kind === 'operator' && following.text === '(') return readFunction(reader)
  const read = COMPOUNDS.get(token.text)
  if (read !== undefined) reader.at += 1
  return read?.(reader)
}

const readUpTo = (reader: Reader, end: string): Statement[] => {
  const body = readList(reader, [end])
  expect(reader, end)
  return body
}

const readIf = (reader: Reader): Compound => {
  const body = readUpTo(reader, 'then')
  for (;;) {
    body.push(...readList(reader, ['elif', 'else', 'fi']))
    if (isReserved(reader, ['elif'])) {
      reader.at += 1
      body.push(...readUpTo(reader, 'then'))
    } else if (isReserved(reader, ['else'])) reader.at += 1
    else break
  }
  expect(reader, 'fi')
  return group('branch', body)
}

const readWhile = (reader: Reader): Compound =>
  group('loop', [...readUpTo(reader, 'do'), ...readUpTo(reader, 'done')])

const readFor = (reader: Reader): Compound => {
  while (peek(reader)?.kind === 'word' && !isReserved(reader, ['do'])) reader.at += 1
  skip(reader, '\n', ';')
  expect(reader, 'do')
  return group('loop', readUpTo(reader, 'done'))
}

const readCase = (reader: Reader): Compound => {
  reader.at += 1
  skip(reader, '\n')
  expect(reader, 'in')
  const body: Statement[] = []
  skip(reader, '\n')
  while (!isReserved(reader, ['esac'])) {
    if (isOperator(reader, '(')) reader.at += 1
    while (peek(reader)?.kind === 'word' || isOperator(reader, '|')) reader.at += 1
    expect(reader, ')')
    body.push(...readList(reader, ['esac']))
    skip(reader, '\n', ';;', ';&', ';;&')
  }
  expect(reader, 'esac')
  return group('branch', body)
}

const readFunction = (reader: Reader): Compound => {
  const name = peek(reader)
  if (name?.kind !== 'word') throw new ShellError('a function has no name')
  reader.at += 1
  if (isOperator(reader, '(')) {
    reader.at += 1
    expect(reader, ')')
  }
  skip(reader, '\n')
  if (++reader.depth > MOST_NESTED) throw new ShellError('it is nested too deeply')
  const body = readCommand(reader)
  reader.depth -= 1
  return { kind: 'function', name: name.text, body, line: name.line }
}

const refuse = (): never => {
  throw new ShellError('a word is out of place')
}

const COMPOUNDS = new Map<string, (reader: Reader) => Compound>([
  ['(', (reader) => group('subshell', readUpTo(reader, ')'))],
  ['{', (reader) => group('braces', readUpTo(reader, '}'))],
  ['if', readIf],
  ['while', readWhile],
  ['until', readWhile],
  ['for', readFor],
  ['select', readFor],
  ['case', readCase],
  ['function', readFunction]
])
for (const word of ['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}', 'coproc'])
  COMPOUNDS.set(word, refuse)

const readSimple = (reader: Reader, line: number): Simple => {
  const simple: Simple = { kind: 'simple', words: [], redirects: [], line }
  for (let token = peek(reader); token !== undefined && token.kind !== 'operator'; token = peek(reader)) {
    if (token.kind === 'word') simple.words.push(token)
    else simple.redirects.push(token)
    reader.at += 1
  }
  if (simple.words.length + simple.redirects.length === 0) throw new ShellError('a command is missing')
  return simple
}
