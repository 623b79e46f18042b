import { PathError } from './paths.js'
import { inspect } from './ruby-value.js'
import type { RubyValue } from './ruby-value.js'

const compiled = new WeakMap<RubyValue, RegExp>()

/**
 * Whether a name in the object's folder matches a pattern of permissions: `*` stands for any characters, everything else
 * for itself; what lies deeper never matches. Throws PathError for a pattern that is no text, as the agent fails then.
 */
export const globMatches = (name: string, pattern: RubyValue): boolean => {
  if (name.includes('/')) return false
  if (pattern.kind !== 'string') throw new PathError(`undefined method \`chars' for ${inspect(pattern)}`)
  let expression = compiled.get(pattern)
  if (expression === undefined) {
    const parts = pattern.value.split(/\*+/).map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    expression = new RegExp(`^${parts.join('.*?')}$`, 'su')
    compiled.set(pattern, expression)
  }
  return expression.test(name)
}
