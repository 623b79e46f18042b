import { openTokens, type Tokens } from './scanner.js'
import { emptyNode, is, parseNode, type Parser } from './parser.js'
import { type Mark, openSource, YamlError } from './source.js'
import { type Node, type Token, type TokenKind } from './token.js'

/** The first document of a text; `unread` is where anything after it begins, which the agent never reads. */
export interface FirstDocument {
  root?: Node
  unread?: Mark
}

/**
 * Reads the first document of a YAML text as libyaml 0.2.5 does, which is the agent's YAML 1.1 parser. A text without a
 * document has no root. Throws YamlError.
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

// The agent reads nothing after the end mark, so an error there only means that something is left unread.
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
