import { assign, type Filling } from './install-plan.js'
import type { RubyHash, RubyPair, RubyValue } from './ruby-value.js'
import { isValue, readScalar, type Scalar, toFloat } from './scalar.js'
import { parseYaml } from './yaml/document.js'
import { type Mark, YamlError } from './yaml/source.js'
import type { Node } from './yaml/token.js'

/** A parsed file: the value of its first document, and where the part begins that the agent never reads. */
export interface Loaded {
  /** Undefined for a file without a document. */
  value: RubyValue | undefined
  unread: Mark | undefined
}

/**
 * Reads an AppSpec file as the agent does (`YAML.load` of Ruby 3.1; docs/service.md, reference 6.3): no aliases, no dates,
 * no classes. Throws YamlError with the agent's message.
 */
export const loadYaml = (bytes: Uint8Array): Loaded => {
  const { root, unread } = parseYaml(bytes)
  return { value: root === undefined ? undefined : revive(root, { left: MOST_MERGED }), unread }
}

/** How many more pairs `<<` may copy from one mapping into another: each level of nesting copies all of them again. */
interface Merging {
  left: number
}
const MOST_MERGED = 200_000

const revive = (node: Node, merging: Merging): RubyValue => {
  switch (node.kind) {
    case 'alias':
      throw new YamlError(`Unknown alias: ${node.name}`, node.start)
    case 'scalar':
      return reviveScalar(node)
    case 'sequence':
      return reviveSequence(node, merging)
    case 'mapping':
      return reviveMapping(node, merging)
  }
}

const refuse = (node: Node, klass: string): never => {
  throw new YamlError(`Tried to load unspecified class: ${klass}`, node.start)
}

const reviveScalar = (node: Extract<Node, { kind: 'scalar' }>): RubyValue => {
  const scalar = scalarOf(node)
  if (isValue(scalar)) return { ...scalar, start: node.start }
  throw new YamlError(scalar.message, node.start)
}

const STRING_TAG = /^!(?:str|ruby\/string)(?::(.*))?$/

const scalarOf = (node: Extract<Node, { kind: 'scalar' }>): Scalar => {
  const { tag, value } = node
  if (tag === undefined) return node.bare ? readScalar(value) : { kind: 'string', value }
  const named = STRING_TAG.exec(tag)
  if ((named?.[1] ?? '') !== '') return refuse(node, named?.[1] ?? '')
  if (named !== null || tag === `${CORE}str`) return { kind: 'string', value }
  if (tag === '!binary' || tag === `${CORE}binary`) return { kind: 'string', value: decodeBase64(value) }
  if (tag === '!float' || tag === `${CORE}float`) return toFloat(readScalar(value))
  if (/^!ruby\/sym(bol)?:?(.*)?$/.test(tag)) return { kind: 'symbol', value }
  const klass = SCALAR_CLASSES[tag]
  if (klass !== undefined) return refuse(node, klass)
  if (tag === '!ruby/class' || tag === '!ruby/module')
    return value === '' ? { kind: 'nil' } : refuse(node, value)
  return readScalar(value)
}

// Ruby skips every character outside the Base64 alphabet; Node decodes some of them.
const decodeBase64 = (text: string): string =>
  Buffer.from(text.replace(/[^A-Za-z0-9+/=]/g, ''), 'base64').toString('latin1')

const reviveSequence = (node: Extract<Node, { kind: 'sequence' }>, merging: Merging): RubyValue => {
  const { tag, items, start } = node
  if (tag === '!omap' || tag === `${CORE}omap`) return reviveOmap(node, merging)
  const klass = /^!(?:seq|ruby\/array):(.*)$/.exec(tag ?? '')
  if (klass !== null) return refuse(node, klass[1] ?? '')
  return { kind: 'array', items: items.map((item) => revive(item, merging)), start }
}

const reviveOmap = (node: Extract<Node, { kind: 'sequence' }>, merging: Merging): RubyValue => {
  const hash: RubyHash = { kind: 'hash', pairs: [], repeated: [], start: node.start }
  const index = new Map<string, RubyPair>()
  for (const item of node.items) {
    const children = item.kind === 'mapping' ? item.pairs.flat() : item.kind === 'sequence' ? item.items : []
    const [first, last] = [children[0], children.at(-1)]
    if (first === undefined || last === undefined)
      throw new YamlError("undefined method `accept' for an entry of !!omap", item.start)
    assign({ hash, index }, revive(first, merging), revive(last, merging))
  }
  return hash
}

const reviveMapping = (node: Extract<Node, { kind: 'mapping' }>, merging: Merging): RubyValue => {
  const { tag, start } = node
  const hash: RubyHash = { kind: 'hash', pairs: [], repeated: [], start }
  const filling = { hash, index: new Map<string, RubyPair>(), merging }
  const klass = tag === undefined ? undefined : classOfMapping(tag)
  if (klass !== undefined) return refuse(node, klass)
  for (const [keyNode, valueNode] of node.pairs) {
    const key = revive(keyNode, merging)
    const value = revive(valueNode, merging)
    const merges = key.kind === 'string' && key.value === '<<' && keyNode.tag !== `${CORE}str`
    if (!merges || !merge(filling, valueNode, value)) assign(filling, key, value)
  }
  return hash
}

// `<<` merges a mapping or a list of mappings; anything else stays under the key `<<`.
const merge = (filling: Filling & { merging: Merging }, node: Node, value: RubyValue): boolean => {
  const items =
    value.kind === 'array' ? [...value.items] : value.kind === 'hash' ? value.pairs.map(pairAsArray) : []
  const sources = node.kind === 'sequence' ? items.reverse() : node.kind === 'mapping' ? [value] : []
  const hashes = sources.filter((source) => source.kind === 'hash')
  if (node.kind === 'scalar' || hashes.length < sources.length) return false
  filling.merging.left -= hashes.reduce((sum, { pairs }) => sum + pairs.length, 0)
  if (filling.merging.left < 0)
    throw new YamlError(`too many pairs are merged by “<<”: more than ${MOST_MERGED}`, node.start)
  for (const source of hashes) for (const pair of source.pairs) assign(filling, pair.key, pair.value)
  return true
}

const pairAsArray = ({ key, value }: RubyPair): RubyValue => ({
  kind: 'array',
  items: [key, value],
  start: key.start
})

/** The prefix of the tags of YAML's own types. */
export const CORE = 'tag:yaml.org,2002:'

/** Tags that name a Ruby class, which the agent's YAML reader refuses. */
export const SCALAR_CLASSES: Record<string, string> = {
  '!ruby/object:BigDecimal': 'BigDecimal',
  '!ruby/object:DateTime': 'DateTime',
  '!ruby/object:Complex': 'Complex',
  '!ruby/object:Rational': 'Rational',
  '!ruby/regexp': 'Regexp',
  '!ruby/range': 'Range'
}

const MAPPING_CLASSES: [RegExp, string][] = [
  [/^!ruby\/struct:?(.*)?$/, 'Struct'],
  [/^!ruby\/object:?(.*)?$/, 'Object'],
  [/^!(?:str|ruby\/string)(?::(.*))?$/, 'String'],
  [/^tag:yaml\.org,2002:str$/, 'String'],
  [/^!ruby\/array:(.*)$/, 'Array'],
  [/^!ruby\/range$/, 'Range'],
  [/^!ruby\/exception:?(.*)?$/, 'Exception'],
  [/^(?:!|tag:yaml\.org,2002:)set$/, 'Psych::Set'],
  [/^!ruby\/hash-with-ivars:(.+)$/, 'Hash'],
  [/^!(?:map|ruby\/hash|ruby\/marshalable):(.*)$/, 'Hash'],
  [/^(?:!|tag:yaml\.org,2002:)omap$/, 'Psych::Omap']
]

/** The class that a mapping's tag names; undefined for none, and for `!ruby/object:Hash`, which is allowed. */
export const classOfMapping = (tag: string): string | undefined => {
  if (tag === '!ruby/object:Hash') return undefined
  const found = MAPPING_CLASSES.find(([pattern]) => pattern.test(tag))
  if (found === undefined) return undefined
  const named = found[0].exec(tag)?.[1] ?? ''
  return named === '' ? found[1] : named
}
