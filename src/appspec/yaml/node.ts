import type { Mark } from './source.js'
import type { ScalarStyle } from './token.js'

/** A node of a YAML document before any meaning is given to it. */
export type Node = { start: Mark; tag?: string } & (
  | { kind: 'alias'; name: string }
  /** `bare`: written without quotes (or marked by a lone `!`), so its text decides its type. */
  | { kind: 'scalar'; value: string; style: ScalarStyle; bare: boolean }
  | { kind: 'sequence'; items: Node[] }
  | { kind: 'mapping'; pairs: [Node, Node][] }
)
