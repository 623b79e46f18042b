import type { Mark } from './source.js'

/** How a scalar is written; only `plain` ones can become numbers, booleans and so on. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

/** The tokens of YAML's grammar, as libyaml splits a text. */
export type Token = { start: Mark } & (
  | {
      kind:
        | 'stream-end'
        | 'document-start'
        | 'document-end'
        | 'block-sequence-start'
        | 'block-mapping-start'
        | 'block-end'
        | 'flow-sequence-start'
        | 'flow-sequence-end'
        | 'flow-mapping-start'
        | 'flow-mapping-end'
        | 'block-entry'
        | 'flow-entry'
        | 'key'
        | 'value'
    }
  | { kind: 'version-directive'; major: number; minor: number }
  | { kind: 'tag-directive'; handle: string; prefix: string }
  | { kind: 'alias' | 'anchor'; name: string }
  | { kind: 'tag'; handle: string; suffix: string }
  | { kind: 'scalar'; style: ScalarStyle; value: string }
)

export type TokenKind = Token['kind']

/** A node of a YAML document before its tags and values are interpreted. */
export type Node = { start: Mark; tag?: string } & (
  | { kind: 'alias'; name: string }
  /** `bare`: written without quotes, or with a lone `!` as its tag, so its text decides its type. */
  | { kind: 'scalar'; value: string; style: ScalarStyle; bare: boolean }
  | { kind: 'sequence'; items: Node[] }
  | { kind: 'mapping'; pairs: [Node, Node][] }
)
