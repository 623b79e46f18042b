import { mark, type Mark, type Source, YamlError } from './source.js'
import type { Token } from './token.js'

/** A place where a key may have started; only its `:` will tell. */
export interface PossibleKey {
  possible: boolean
  /** It must be a key, since it is in the column of the mapping's keys. */
  required: boolean
  /** Position of its token, counted from the start of the text. */
  number: number
  mark: Mark
}

export interface ScannerState {
  source: Source
  queue: Token[]
  /** Number of tokens already returned. */
  given: number
  flowLevel: number
  /** Column of the innermost block collection, -1 outside any. */
  indent: number
  indents: number[]
  keyAllowed: boolean
  /** One possible key for each level of brackets. */
  keys: PossibleKey[]
  /** Those that are still possible: only a few, however deep the brackets are. */
  open: Set<PossibleKey>
}

export const openScanner = (source: Source): ScannerState => ({
  source,
  queue: [],
  given: 0,
  flowLevel: 0,
  indent: -1,
  indents: [],
  keyAllowed: true,
  keys: [{ possible: false, required: false, number: 0, mark: mark(source) }],
  open: new Set()
})

/** Adds a token at the end of the queue, or before the token with this number. */
export const put = (state: ScannerState, token: Token, number?: number): void => {
  if (number === undefined) state.queue.push(token)
  else state.queue.splice(number - state.given, 0, token)
}

const NO_KEY: PossibleKey = {
  possible: false,
  required: false,
  number: 0,
  mark: { index: 0, line: 0, column: 0 }
}

export const topKey = (state: ScannerState): PossibleKey => state.keys.at(-1) ?? NO_KEY

/** Whether this can still become a key: it must be on this line and within 1,024 characters. */
export const isValid = (state: ScannerState, key: PossibleKey): boolean => {
  if (!key.possible) return false
  if (key.mark.line === state.source.line && key.mark.index + 1024 >= state.source.index) return true
  dropKey(state, key)
  return false
}

const dropKey = (state: ScannerState, key: PossibleKey): void => {
  if (key.possible && key.required)
    throw new YamlError("could not find expected ':'", state.source, 'while scanning a simple key')
  closeKey(state, key)
}

/** It has become a key, or can no longer become one. */
export const closeKey = (state: ScannerState, key: PossibleKey): void => {
  key.possible = false
  state.open.delete(key)
}

export const staleKeys = (state: ScannerState): void => {
  for (const key of state.open) isValid(state, key)
}

export const forgetKey = (state: ScannerState): void => dropKey(state, topKey(state))

/** Notes that what starts here may turn out to be a key. */
export const rememberKey = (state: ScannerState): void => {
  if (!state.keyAllowed) return
  forgetKey(state)
  const key = topKey(state)
  state.open.add(key)
  Object.assign(key, {
    possible: true,
    required: state.flowLevel === 0 && state.indent === state.source.column,
    number: state.given + state.queue.length,
    mark: mark(state.source)
  })
}

/** Starts a block collection if the column is deeper than the current one. */
export const rollIn = (
  state: ScannerState,
  at: Mark,
  start: { kind: 'block-sequence-start' | 'block-mapping-start'; number?: number }
): void => {
  if (state.flowLevel > 0 || state.indent >= at.column) return
  state.indents.push(state.indent)
  state.indent = at.column
  put(state, { kind: start.kind, start: at }, start.number)
}

/** Ends the block collections that are deeper than the column. */
export const rollOut = (state: ScannerState, column: number): void => {
  if (state.flowLevel > 0) return
  while (state.indent > column) {
    put(state, { kind: 'block-end', start: mark(state.source) })
    state.indent = state.indents.pop() ?? -1
  }
}
