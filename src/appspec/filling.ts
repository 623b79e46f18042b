import { inspect } from './ruby-value.js'
import type { RubyHash, RubyPair, RubyValue } from './ruby-value.js'

/** Pairs of a mapping by what Ruby tells keys apart by; a file may hold a hundred thousand. */
type Index = Map<string, RubyPair>

/** A mapping that is being filled. */
export interface Filling {
  hash: RubyHash
  index: Index
}

/** Puts a pair in; a key that is there already keeps its place and loses its value, as in Ruby. */
export const assign = ({ hash, index }: Filling, key: RubyValue, value: RubyValue): void => {
  const name = `${key.kind} ${inspect(key)}`
  const same = index.get(name)
  if (same !== undefined) {
    hash.repeated.push(key)
    Object.assign(same, { key, value })
    return
  }
  const pair = { key, value }
  index.set(name, pair)
  hash.pairs.push(pair)
}
