import type { Node } from './node.js'
import { openSource, YamlError } from './source.js'
import type { Mark } from './source.js'
import { openTokens } from './tokens.js'
import type { Tokens } from './tokens.js'
import type { Token, TokenKind } from './token.js'

/** Deeper nesting overflows the agent's own stack, so it fails there as well. */
const MAX_DEPTH = 1000

interface Parser {
  tokens: Tokens
  /** Tag handles of the document, as %TAG declares them. */
  handles: Map<string, string>
  depth: number
}

/** The first document of a text; `unread` is where something further begins that a reader of one document never sees. */
export interface FirstDocument {
  root?: Node
  unread?: Mark
}

/**
 * Reads the first document of a YAML text as libyaml 0.2.5 does, whose reading of YAML 1.1 is the agent's. A text
 * without any document has no root. Throws YamlError.
 */
export const parseYaml = (bytes: Uint8Array): FirstDocument => {
  const tokens = openTokens(openSource(bytes))
  const parser: Parser = { tokens, handles: new Map(), depth: 0 }
  const first = tokens.peek()
  if (first.kind === 'stream-end') return {}
  const explicit = ['version-directive', 'tag-directive', 'document-start'].includes(first.kind)
  if (explicit) readDirectives(parser)
  const empty = explicit && is(parser, ...DOCUMENT_ENDS)
  const root = empty ? emptyNode(tokens.peek().start) : parseNode(parser, 'block')
  const next = tokens.peek()
  const unread = next.kind === 'document-end' ? afterDocument(tokens) : next
  return unread.kind === 'stream-end' ? { root } : { root, unread: unread.start }
}

// Behind the end mark nothing can be wrong for the agent anymore, so an error there is only something unread.
const afterDocument = (tokens: Tokens): Pick<Token, 'kind' | 'start'> => {
  const end = tokens.take()
  try {
    return tokens.peek()
  } catch (error) {
    if (error instanceof YamlError) return end
    throw error
  }
}

const DOCUMENT_ENDS: TokenKind[] = [
  'version-directive',
  'tag-directive',
  'document-start',
  'document-end',
  'stream-end'
]

const readDirectives = (parser: Parser): void => {
  let version = false
  for (;;) {
    const token = parser.tokens.peek()
    if (token.kind === 'version-directive') {
      if (version) throw new YamlError('found duplicate %YAML directive', token.start)
      if (token.major !== 1 || (token.minor !== 1 && token.minor !== 2))
        throw new YamlError('found incompatible YAML document', token.start)
      version = true
    } else if (token.kind === 'tag-directive') {
      if (parser.handles.has(token.handle)) throw new YamlError('found duplicate %TAG directive', token.start)
      parser.handles.set(token.handle, token.prefix)
    } else break
    parser.tokens.take()
  }
  if (!is(parser, 'document-start'))
    throw new YamlError('did not find expected <document start>', parser.tokens.peek().start)
  parser.tokens.take()
}

const is = (parser: Parser, ...kinds: TokenKind[]): boolean => kinds.includes(parser.tokens.peek().kind)

const emptyNode = (start: Mark): Node => ({
  kind: 'scalar',
  value: '',
  style: 'plain',
  bare: true,
  start
})

type Where = 'block' | 'indentless' | 'flow'

const parseNode = (parser: Parser, where: Where): Node => {
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

const readProperties = (parser: Parser): { tag: string | undefined; found: boolean } => {
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

const expect = (parser: Parser, kind: TokenKind, problem: string): void => {
  const token = parser.tokens.peek()
  if (token.kind !== kind) throw new YamlError(problem, token.start)
  parser.tokens.take()
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
