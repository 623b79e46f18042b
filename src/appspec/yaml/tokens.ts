import { fetchToken } from './scanner.js'
import { openScanner, staleKeys } from './scanner-state.js'
import type { Source } from './source.js'
import type { Token } from './token.js'

/** The stream of tokens, one looked at and taken at a time. Errors of the text appear when the reader gets there. */
export interface Tokens {
  peek(): Token
  take(): Token
}

/** Opens the token stream of a text. A token is only given when no key can be pushed in before it anymore. */
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
