import type { Parser } from './parser-state.js'
import { YamlError } from './source.js'
import type { Token } from './token.js'

/** Reads the anchor and the tag before a node, in either order; anchors are of no use, since aliases are refused. */
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
