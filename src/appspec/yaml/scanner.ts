import { scanAnchor, scanDirective, scanTag } from './properties.js'
import { scanBlockScalar, scanPlain, scanQuoted } from './scalars.js'
import {
  closeKey,
  forgetKey,
  isValid,
  openScanner,
  put,
  rememberKey,
  rollIn,
  rollOut,
  type ScannerState,
  staleKeys,
  topKey
} from './scanner-state.js'
import {
  atDocumentMark,
  END,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  mark,
  peek,
  skip,
  type Source,
  takeBreak,
  YamlError
} from './source.js'
import type { Token, TokenKind } from './token.js'

type Single = Exclude<
  TokenKind,
  'version-directive' | 'tag-directive' | 'alias' | 'anchor' | 'tag' | 'scalar'
>

export const single = (state: ScannerState, kind: Single): Token => ({ kind, start: mark(state.source) })

const fetchSingle = (state: ScannerState, kind: Single): true => {
  put(state, single(state, kind))
  skip(state.source)
  return true
}

export const openFlow = (state: ScannerState, kind: Single): true => {
  rememberKey(state)
  state.keys.push({ possible: false, required: false, number: 0, mark: mark(state.source) })
  state.flowLevel += 1
  state.keyAllowed = true
  return fetchSingle(state, kind)
}

export const closeFlow = (state: ScannerState, kind: Single): true => {
  forgetKey(state)
  if (state.flowLevel > 0) {
    state.flowLevel -= 1
    state.keys.pop()
  }
  state.keyAllowed = false
  return fetchSingle(state, kind)
}

export const fetchFlowEntry = (state: ScannerState): true => {
  forgetKey(state)
  state.keyAllowed = true
  return fetchSingle(state, 'flow-entry')
}

export const fetchBlockEntry = (state: ScannerState): boolean => {
  if (!isBlankOrEnd(peek(state.source, 1))) return false
  if (state.flowLevel === 0) demandKey(state, 'block sequence entries', 'block-sequence-start')
  forgetKey(state)
  state.keyAllowed = true
  return fetchSingle(state, 'block-entry')
}

export const fetchKey = (state: ScannerState): boolean => {
  if (state.flowLevel === 0 && !isBlankOrEnd(peek(state.source, 1))) return false
  if (state.flowLevel === 0) demandKey(state, 'mapping keys', 'block-mapping-start')
  forgetKey(state)
  state.keyAllowed = state.flowLevel === 0
  return fetchSingle(state, 'key')
}

export const fetchValue = (state: ScannerState): boolean => {
  if (state.flowLevel === 0 && !isBlankOrEnd(peek(state.source, 1))) return false
  const key = topKey(state)
  if (isValid(state, key)) {
    put(state, { kind: 'key', start: key.mark }, key.number)
    rollIn(state, key.mark, { kind: 'block-mapping-start', number: key.number })
    closeKey(state, key)
    state.keyAllowed = false
  } else {
    if (state.flowLevel === 0) demandKey(state, 'mapping values', 'block-mapping-start')
    state.keyAllowed = state.flowLevel === 0
  }
  return fetchSingle(state, 'value')
}

const demandKey = (
  state: ScannerState,
  what: string,
  kind: 'block-sequence-start' | 'block-mapping-start'
): void => {
  if (!state.keyAllowed) throw new YamlError(`${what} are not allowed in this context`, state.source)
  rollIn(state, mark(state.source), { kind })
}

export const fetchNodeStart = (state: ScannerState, scan: () => Token): true => {
  rememberKey(state)
  state.keyAllowed = false
  put(state, scan())
  return true
}

export const fetchBlockScalar = (state: ScannerState): boolean => {
  if (state.flowLevel > 0) return false
  forgetKey(state)
  state.keyAllowed = true
  put(state, scanBlockScalar(state.source, state.indent))
  return true
}

/** Scans the next token (or several, when block collections end) into the queue. */
export const fetchToken = (state: ScannerState): void => {
  const { source } = state
  skipToToken(state)
  staleKeys(state)
  rollOut(state, source.column)
  const char = peek(source)
  if (char === END) fetchEnd(state)
  else if (source.column === 0 && char === '%') fetchTop(state, () => scanDirective(source))
  else if (atDocumentMark(source)) fetchDocumentMark(state)
  else if (INDICATORS[char]?.(state) !== true) fetchPlain(state)
}

// Tabs are allowed between words, but not where a new key could start: there they would be indentation.
const skipToToken = (state: ScannerState): void => {
  const { source } = state
  for (;;) {
    if (source.column === 0 && peek(source) === '\ufeff') skip(source)
    const tabs = state.flowLevel > 0 || !state.keyAllowed
    while (peek(source) === ' ' || (tabs && peek(source) === '\t')) skip(source)
    if (peek(source) === '#') while (!isBreakOrEnd(peek(source))) skip(source)
    if (!isBreak(peek(source))) return
    takeBreak(source)
    if (state.flowLevel === 0) state.keyAllowed = true
  }
}

const fetchEnd = (state: ScannerState): void => {
  const { source } = state
  if (source.column !== 0) {
    source.column = 0
    source.line += 1
  }
  fetchTop(state, () => ({ kind: 'stream-end', start: mark(source) }))
}

const fetchTop = (state: ScannerState, scan: () => Token): void => {
  rollOut(state, -1)
  forgetKey(state)
  state.keyAllowed = false
  put(state, scan())
}

const fetchDocumentMark = (state: ScannerState): void =>
  fetchTop(state, () => {
    const token = single(state, peek(state.source) === '-' ? 'document-start' : 'document-end')
    skip(state.source, 3)
    return token
  })

const fetchPlain = (state: ScannerState): void => {
  if (!startsPlain(state))
    throw new YamlError(
      'found character that cannot start any token',
      state.source,
      'while scanning for the next token'
    )
  rememberKey(state)
  state.keyAllowed = false
  const context = { inFlow: state.flowLevel > 0, indent: state.indent + 1 }
  const { token, endsLine } = scanPlain(state.source, context)
  if (endsLine) state.keyAllowed = true
  put(state, token)
}

const startsPlain = ({ source, flowLevel }: ScannerState): boolean => {
  const char = peek(source)
  const next = peek(source, 1)
  if (char === '-') return !isBlank(next)
  if (char === '?' || char === ':') return flowLevel === 0 && !isBlankOrEnd(next)
  return !isBlankOrEnd(char) && !',[]{}#&*!|>\'"%@`'.includes(char)
}

/** What each character starts; on `false`, it may still be the start of a plain scalar. */
const INDICATORS: Record<string, (state: ScannerState) => boolean> = {
  '[': (state) => openFlow(state, 'flow-sequence-start'),
  '{': (state) => openFlow(state, 'flow-mapping-start'),
  ']': (state) => closeFlow(state, 'flow-sequence-end'),
  '}': (state) => closeFlow(state, 'flow-mapping-end'),
  ',': fetchFlowEntry,
  '-': fetchBlockEntry,
  '?': fetchKey,
  ':': fetchValue,
  '*': (state) => fetchNodeStart(state, () => scanAnchor(state.source, 'alias')),
  '&': (state) => fetchNodeStart(state, () => scanAnchor(state.source, 'anchor')),
  '!': (state) => fetchNodeStart(state, () => scanTag(state.source, state.flowLevel > 0)),
  '|': fetchBlockScalar,
  '>': fetchBlockScalar,
  "'": (state) => fetchNodeStart(state, () => scanQuoted(state.source, "'")),
  '"': (state) => fetchNodeStart(state, () => scanQuoted(state.source, '"'))
}

/** A stream of tokens, read one at a time. Throws YamlError for an error in the text when it gets there. */
export interface Tokens {
  peek(): Token
  take(): Token
}

/** Opens the token stream of a text. A token is returned only when no key can be inserted before it. */
export const openTokens = (source: Source): Tokens => {
  const state = openScanner(source)
  const head = (): Token => {
    for (;;) {
      const first = state.queue[0]
      if (first !== undefined) staleKeys(state)
      const pending = [...state.open].some((key) => key.number === state.given)
      if (first !== undefined && !pending) return first
      fetchToken(state)
    }
  }
  return {
    peek: head,
    take: () => {
      const token = head()
      if (token.kind !== 'stream-end') {
        state.queue.shift()
        state.given += 1
      }
      return token
    }
  }
}
