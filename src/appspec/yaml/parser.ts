import type { Node } from './node.js'
import { emptyNode, expect, is, MAX_DEPTH } from './parser-state.js'
import { readProperties } from './node-properties.js'
import type { Parser } from './parser-state.js'
import { YamlError } from './source.js'
import type { Mark } from './source.js'
import type { Token, TokenKind } from './token.js'

type Where = 'block' | 'indentless' | 'flow'

/** Reads one node with everything in it, as libyaml's grammar has it. */
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

// Where the key is left out, libyaml also drops the token behind it, so that `[? : b]` is an error there.
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
