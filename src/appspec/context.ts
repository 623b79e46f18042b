import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import { inspect, isNil, lookUp, withoutEnd } from './ruby-value.js'
import type { RubyValue } from './ruby-value.js'
import type { Permission } from './spec.js'

const invalidType = (context: string): string =>
  `The deployment failed because the application specification file specifies an invalid context type (${context}). Update the permissions section of the AppSpec file, and then try again.`
const badRange = (range: string): string =>
  `The deployment failed because of a problem with the SELinux range specified (${range}) for the context parameter in the permissions section of the application specification file. Make corrections in the permissions section of the AppSpec file, and then try again.`

/** Checks the SELinux context of a permission (docs/service.md, reference 6.3, M19, and 6.5, cases 33 to 37). */
export const checkContext = (
  context: RubyValue | undefined,
  problems: Problems
): Pick<Permission, 'context'> => {
  if (isNil(context)) return {}
  const part = partsOf(context)
  if (part === undefined) {
    const agent = `undefined method \`[]' for ${inspect(context).slice(0, 60)}`
    problems.error(quoting('context must have a type, and may have a name and a range.', agent), context)
    return {}
  }
  if (isNil(part('type'))) {
    const what = 'The SELinux context has no type.'
    problems.error(quoting(what, invalidType(inspect(context))), context)
  }
  const range = part('range')
  if (!isNil(range)) checkRange(range, problems)
  return { context: { place: context, hasRange: !isNil(range) } }
}

// In Ruby, a string indexed with ['type'] gives 'type' if the string contains it.
const partsOf = (context: RubyValue): ((name: string) => RubyValue | undefined) | undefined => {
  if (context.kind === 'hash') return (name) => lookUp(context, name)
  if (context.kind !== 'string' && context.kind !== 'symbol') return undefined
  return (name) =>
    context.value.includes(name) ? { kind: 'string', value: name, start: context.start } : undefined
}

const checkRange = (range: RubyValue, problems: Problems): void => {
  if (range.kind !== 'string') {
    const agent = `undefined method \`split' for ${inspect(range).slice(0, 60)}`
    problems.error(quoting('The SELinux range must be a string such as "s0-s15:c0.c1023".', agent), range)
    return
  }
  const wrong = judgeRange(range.value)
  if (wrong !== undefined)
    problems.error(
      quoting(`The SELinux range “${range.value}” is not of the form s0[-s15][:c0[.c9][,c12]].`, wrong),
      range
    )
}

/** What the agent says about a range; undefined for a valid one. */
const judgeRange = (range: string): string | undefined => {
  const [levels, categories] = cut(range, ':')
  if (levels === '' || categories === '') return `invalid range part ${range}`
  const [low, high] = cut(levels, '-')
  if (low === '' || high === '') return `invalid range part ${levels}`
  for (const level of [low, high ?? low]) if (!/^s[0-9]+$/.test(level)) return `invalid sensitivity ${level}`
  if (high !== undefined && BigInt(high.slice(1)) < BigInt(low.slice(1))) return badRange(range)
  return categories === undefined ? undefined : judgeCategories(categories)
}

const judgeCategories = (list: string): string | undefined => {
  const seen = new Set<bigint>()
  for (const part of withoutEnd(list, ',').split(',')) {
    if (part === '' && /^,*$/.test(list)) return undefined
    const [first, last] = cut(part, '.')
    if (part.includes('.') && (first === '' || last === '')) return `invalid range part ${part}`
    for (const category of [first, last ?? first])
      if (!/^c[0-9]+$/.test(category) || BigInt(category.slice(1)) > 1023n)
        return `invalid category ${category}`
    const [from, to] = [BigInt(first.slice(1)), BigInt((last ?? first).slice(1))]
    if (to < from) return `invalid category range ${first}.${last ?? ''}`
    for (let category = from; category <= to; category += 1n) {
      if (seen.has(category)) return 'duplicate categories'
      seen.add(category)
    }
  }
  return undefined
}

// Cuts at the first separator only, as the agent does.
const cut = (text: string, separator: string): [string, string?] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
