import type { Node } from './node.js'
import { YamlError } from './source.js'
import type { Mark } from './source.js'
import type { TokenKind } from './token.js'
import type { Tokens } from './tokens.js'

/** Deeper nesting overflows the agent's own stack, so it fails there as well. */
export const MAX_DEPTH = 1000

/** A text on its way to become nodes. */
export interface Parser {
  tokens: Tokens
  /** Tag handles of the document, as %TAG declares them. */
  handles: Map<string, string>
  depth: number
}

/** Whether the next token is one of these. */
export const is = (parser: Parser, ...kinds: TokenKind[]): boolean =>
  kinds.includes(parser.tokens.peek().kind)

/** Takes a token that must be of this kind. */
export const expect = (parser: Parser, kind: TokenKind, problem: string): void => {
  const token = parser.tokens.peek()
  if (token.kind !== kind) throw new YamlError(problem, token.start)
  parser.tokens.take()
}

/** What stands where nothing is written. */
export const emptyNode = (start: Mark): Node => ({
  kind: 'scalar',
  value: '',
  style: 'plain',
  bare: true,
  start
})
