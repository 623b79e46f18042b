import { scanBlockScalar } from './block-scalar.js'
import { closeKey, forgetKey, isValid, put, rememberKey, rollIn, topKey } from './scanner-state.js'
import type { ScannerState } from './scanner-state.js'
import { isBlankOrEnd, mark, peek, skip, YamlError } from './source.js'
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
