type Node = Map<string, Node | string>

const insert = (node: Node, path: readonly string[], value: string): void => {
  const [first = '', ...rest] = path
  if (rest.length === 0) return void node.set(first, value)
  const next = node.get(first)
  const child = next instanceof Map ? next : new Map<string, Node | string>()
  node.set(first, child)
  insert(child, rest, value)
}

const isNumbered = (node: Node): boolean =>
  node.size > 0 && [...node.keys()].every((key) => /^\d+$/.test(key))

const inOrder = (node: Node): unknown[] =>
  [...node.entries()].sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => plain(value))

const plain = (node: Node | string): unknown => {
  if (typeof node === 'string') return node
  const member = node.get('member')
  if (node.size === 1 && member instanceof Map && isNumbered(member)) return inOrder(member)
  if (isNumbered(node)) return inOrder(node)
  return Object.fromEntries([...node].map(([key, value]) => [key, plain(value)]))
}

/**
 * A form of the query protocol as nested objects: `a.member.1.b=x` is `{ a: [{ b: 'x' }] }`, and so is EC2's `a.1.b=x`.
 * `Action` and `Version` are left out. Values stay strings.
 */
export const parseForm = (pairs: URLSearchParams): Record<string, unknown> => {
  const root: Node = new Map()
  for (const [name, value] of pairs) {
    if (name !== 'Action' && name !== 'Version') insert(root, name.split('.'), value)
  }
  return Object.fromEntries([...root].map(([key, value]) => [key, plain(value)]))
}
