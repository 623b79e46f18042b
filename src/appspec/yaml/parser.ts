import type { Tokens } from './scanner.js'
import { type Mark, YamlError } from './source.js'
import type { Node, Token, TokenKind } from './token.js'

type Where = 'block' | 'indentless' | 'flow'

/** Reads one node with everything in it, by libyaml's grammar. */
export const parseNode = (parser: Parser, where: Where): Node => {
  const first = parser.tokens.peek()
  if (first.kind === 'alias') {
    parser.tokens.take()
    return { kind: 'alias', name: first.name, start: first.start }
  }
  const { tag, found } = readProperties(parser)
  parser.depth += 1
  if (parser.depth > MAX_DEPTH) throw new YamlError('stack level too deep', first.start)
  const node = parseContent(parser, where, { tag, found, start: first.start })
  parser.depth -= 1
  return node
}

interface Properties {
  tag: string | undefined
  found: boolean
  start: Mark
}

const parseContent = (parser: Parser, where: Where, properties: Properties): Node => {
  const token = parser.tokens.peek()
  const { start, tag } = properties
  const own = tag === undefined ? { start } : { start, tag }
  if (where === 'indentless' && token.kind === 'block-entry')
    return { kind: 'sequence', items: parseIndentless(parser), ...own }
  if (token.kind === 'scalar') {
    parser.tokens.take()
    return scalar(token, own)
  }
  const parse = where === 'flow' ? FLOW[token.kind] : (FLOW[token.kind] ?? BLOCK[token.kind])
  if (parse !== undefined) {
    parser.tokens.take()
    return { ...parse(parser, token.start), ...own }
  }
  if (properties.found) return { kind: 'scalar', value: '', style: 'plain', bare: tag === undefined, ...own }
  throw new YamlError(
    'did not find expected node content',
    token.start,
    `while parsing a ${where === 'flow' ? 'flow' : 'block'} node`
  )
}

const scalar = (token: Extract<Token, { kind: 'scalar' }>, own: { start: Mark; tag?: string }): Node => {
  const { value, style } = token
  if (own.tag === '!') return { kind: 'scalar', value, style, bare: true, start: own.start }
  return { kind: 'scalar', value, style, bare: own.tag === undefined && style === 'plain', ...own }
}

const parseOrEmpty = (parser: Parser, where: Where, ends: TokenKind[]): Node =>
  is(parser, ...ends) ? emptyNode(parser.tokens.peek().start) : parseNode(parser, where)

const parseIndentless = (parser: Parser): Node[] => {
  const items: Node[] = []
  while (is(parser, 'block-entry')) {
    parser.tokens.take()
    items.push(parseOrEmpty(parser, 'block', ['block-entry', 'key', 'value', 'block-end']))
  }
  return items
}

const parseBlockSequence = (parser: Parser, start: Mark): Node => {
  const items: Node[] = []
  while (!is(parser, 'block-end')) {
    expect(parser, 'block-entry', "did not find expected '-' indicator")
    items.push(parseOrEmpty(parser, 'block', ['block-entry', 'block-end']))
  }
  parser.tokens.take()
  return { kind: 'sequence', items, start }
}

const KEY_ENDS: TokenKind[] = ['key', 'value', 'block-end']

const parseBlockMapping = (parser: Parser, start: Mark): Node => {
  const pairs: [Node, Node][] = []
  while (!is(parser, 'block-end')) {
    expect(parser, 'key', 'did not find expected key')
    const key = parseOrEmpty(parser, 'indentless', KEY_ENDS)
    pairs.push([key, parseValue(parser, 'indentless', KEY_ENDS)])
  }
  parser.tokens.take()
  return { kind: 'mapping', pairs, start }
}

const parseValue = (parser: Parser, where: Where, ends: TokenKind[]): Node => {
  const token = parser.tokens.peek()
  if (token.kind !== 'value') return emptyNode(token.start)
  parser.tokens.take()
  return parseOrEmpty(parser, where, ends)
}

const parseFlowSequence = (parser: Parser, start: Mark): Node => {
  const items: Node[] = []
  for (let first = true; !is(parser, 'flow-sequence-end'); first = false) {
    if (!first) expect(parser, 'flow-entry', "did not find expected ',' or ']'")
    if (is(parser, 'flow-sequence-end')) break
    items.push(is(parser, 'key') ? parseFlowPair(parser) : parseNode(parser, 'flow'))
  }
  parser.tokens.take()
  return { kind: 'sequence', items, start }
}

// Where the key is missing, libyaml also drops the next token, so `[? : b]` is an error.
const parseFlowPair = (parser: Parser): Node => {
  const { start } = parser.tokens.take()
  const empty = is(parser, 'value', 'flow-entry', 'flow-sequence-end')
  const key = empty ? emptyNode(parser.tokens.take().start) : parseNode(parser, 'flow')
  const value = parseValue(parser, 'flow', ['flow-entry', 'flow-sequence-end'])
  return { kind: 'mapping', pairs: [[key, value]], start }
}

const parseFlowMapping = (parser: Parser, start: Mark): Node => {
  const pairs: [Node, Node][] = []
  for (let first = true; !is(parser, 'flow-mapping-end'); first = false) {
    if (!first) expect(parser, 'flow-entry', "did not find expected ',' or '}'")
    if (is(parser, 'flow-mapping-end')) break
    pairs.push(is(parser, 'key') ? parseFlowEntry(parser) : [parseNode(parser, 'flow'), emptyNode(start)])
  }
  parser.tokens.take()
  return { kind: 'mapping', pairs, start }
}

const parseFlowEntry = (parser: Parser): [Node, Node] => {
  parser.tokens.take()
  const key = parseOrEmpty(parser, 'flow', ['value', 'flow-entry', 'flow-mapping-end'])
  return [key, parseValue(parser, 'flow', ['flow-entry', 'flow-mapping-end'])]
}

type Parse = (parser: Parser, start: Mark) => Node
const FLOW: Partial<Record<TokenKind, Parse>> = {
  'flow-sequence-start': parseFlowSequence,
  'flow-mapping-start': parseFlowMapping
}
const BLOCK: Partial<Record<TokenKind, Parse>> = {
  'block-sequence-start': parseBlockSequence,
  'block-mapping-start': parseBlockMapping
}

/** Reads the anchor and the tag before a node, in either order; anchors are dropped, since aliases are rejected. */
export const readProperties = (parser: Parser): { tag: string | undefined; found: boolean } => {
  let tag: string | undefined
  let anchored = false
  for (;;) {
    const token = parser.tokens.peek()
    if (token.kind === 'anchor' && !anchored) anchored = true
    else if (token.kind === 'tag' && tag === undefined) tag = resolveTag(parser, token)
    else return { tag, found: anchored || tag !== undefined }
    parser.tokens.take()
  }
}

const resolveTag = (parser: Parser, token: Extract<Token, { kind: 'tag' }>): string => {
  if (token.handle === '') return token.suffix
  const prefix = parser.handles.get(token.handle) ?? DEFAULT_HANDLES[token.handle]
  if (prefix === undefined)
    throw new YamlError('found undefined tag handle', token.start, 'while parsing a node')
  return prefix + token.suffix
}

const DEFAULT_HANDLES: Record<string, string> = { '!': '!', '!!': 'tag:yaml.org,2002:' }

/** Deeper nesting overflows the agent's own stack, so it fails there too. */
export const MAX_DEPTH = 1000

/** The state of parsing a text into nodes. */
export interface Parser {
  tokens: Tokens
  /** Tag handles that the document declares with %TAG. */
  handles: Map<string, string>
  depth: number
}

/** Whether the next token is one of these. */
export const is = (parser: Parser, ...kinds: TokenKind[]): boolean =>
  kinds.includes(parser.tokens.peek().kind)

/** Takes a token that must be of this kind. Throws YamlError. */
export const expect = (parser: Parser, kind: TokenKind, problem: string): void => {
  const token = parser.tokens.peek()
  if (token.kind !== kind) throw new YamlError(problem, token.start)
  parser.tokens.take()
}

/** The node for a value that is not written. */
export const emptyNode = (start: Mark): Node => ({
  kind: 'scalar',
  value: '',
  style: 'plain',
  bare: true,
  start
})
