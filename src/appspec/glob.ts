import { PathError } from './paths.js'
import { inspect } from './ruby-value.js'
import type { RubyValue } from './ruby-value.js'

/** The texts between the stars of a pattern. */
const compiled = new WeakMap<RubyValue, readonly string[]>()

/**
 * Whether a name in the object's folder matches a pattern of permissions: `*` stands for any characters, everything else
 * for itself; what lies deeper never matches. Throws PathError for a pattern that is no text, as the agent fails then.
 */
export const globMatches = (name: string, pattern: RubyValue): boolean => {
  if (name.includes('/')) return false
  if (pattern.kind !== 'string') throw new PathError(`undefined method \`chars' for ${inspect(pattern)}`)
  let parts = compiled.get(pattern)
  if (parts === undefined) {
    parts = pattern.value.split(/\*+/)
    compiled.set(pattern, parts)
  }
  return fits(name, parts)
}

/**
 * The first part begins the name, the last one ends it, and the others come in their order between. Each at the first place
 * where it fits: a regular expression would try them all, for years where a stranger wrote the pattern.
 */
const fits = (name: string, parts: readonly string[]): boolean => {
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return name === first
  if (!name.startsWith(first) || !name.endsWith(last)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at + last.length <= name.length
}
