import {
  closeFlow,
  fetchBlockEntry,
  fetchBlockScalar,
  fetchFlowEntry,
  fetchKey,
  fetchNodeStart,
  fetchValue,
  openFlow,
  single
} from './fetch.js'
import { scanPlain } from './plain.js'
import { scanAnchor, scanDirective, scanTag } from './properties.js'
import { scanQuoted } from './quoted.js'
import { forgetKey, put, rememberKey, rollOut, staleKeys } from './scanner-state.js'
import type { ScannerState } from './scanner-state.js'
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
  takeBreak,
  YamlError
} from './source.js'
import type { Token } from './token.js'

/** Cuts off the next token (or several, when block collections end) and puts it into the queue. */
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

// Tabs may stand between words, but not where a new key could start: there they would be indentation.
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

/** What starts with which character; `false` means that it may still be the start of a plain scalar. */
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
