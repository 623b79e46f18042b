import { checkAcl } from './acl.js'
import { checkContext } from './context.js'
import { checkMode } from './mode.js'
import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import { inspect, isFalsy, isNil, lookUp, strip, toText } from './ruby-value.js'
import type { RubyHash, RubyValue } from './ruby-value.js'
import type { Permission } from './spec.js'

const NO_OBJECT =
  'The deployment failed because a permission listed in the application specification file has no object value. Update the permissions section of the AppSpec file, and then try again.'

/** Reads `permissions` (reference §6.3, M9 to M19 as far as the parser raises them). */
export const parsePermissions = (list: RubyValue | undefined, problems: Problems): Permission[] => {
  if (list === undefined || isFalsy(list)) return []
  if (list.kind === 'hash' && list.pairs.length === 0) return []
  if (list.kind === 'array') return list.items.flatMap((item) => parsePermission(item, problems))
  const agent = `undefined method \`${list.kind === 'hash' ? 'has_key?' : 'each'}' for ${inspect(list).slice(0, 60)}`
  problems.error(quoting('permissions must be a list, each entry starting with “- object: …”.', agent), list)
  return []
}

const parsePermission = (item: RubyValue, problems: Problems): Permission[] => {
  if (item.kind !== 'hash') {
    const agent = `undefined method \`has_key?' for ${inspect(item).slice(0, 60)}`
    problems.error(quoting('An entry of permissions must be written as “- object: path”.', agent), item)
    return []
  }
  const object = lookUp(item, 'object')
  if (isNil(object) || strip(toText(object)) === '') {
    problems.error(quoting('This entry of permissions has no object.', NO_OBJECT), object ?? item)
    return []
  }
  warnOfKeys(item, problems)
  return [
    {
      place: object,
      object: strip(toText(object)),
      pattern: patternOf(lookUp(item, 'pattern')),
      except: listOf(lookUp(item, 'except'), 'except', problems),
      types: typesOf(lookUp(item, 'type'), problems),
      ...checkMode(lookUp(item, 'mode'), problems),
      ...accountOf(item, 'owner'),
      ...accountOf(item, 'group'),
      ...checkAcl(lookUp(item, 'acls'), problems),
      ...checkContext(lookUp(item, 'context'), problems)
    }
  ]
}

const KEYS = ['object', 'pattern', 'except', 'type', 'owner', 'group', 'mode', 'acls', 'context']

const warnOfKeys = (item: RubyHash, problems: Problems): void => {
  for (const { key } of item.pairs)
    if (!KEYS.includes(toText(key)))
      problems.warning(`The agent ignores “${toText(key)}”; a permission knows ${KEYS.join(', ')}.`, key)
}

// Everything is meant by `**`, by nothing and by false.
const patternOf = (pattern: RubyValue | undefined): RubyValue | undefined =>
  isFalsy(pattern) || (pattern?.kind === 'string' && pattern.value === '**') ? undefined : pattern

const listOf = (list: RubyValue | undefined, name: string, problems: Problems): readonly RubyValue[] => {
  if (list === undefined || isFalsy(list)) return []
  if (list.kind === 'array') return list.items
  if (list.kind === 'hash')
    return list.pairs.map(({ key, value }) => ({ kind: 'array', items: [key, value], start: key.start }))
  const agent = `undefined method \`each' for ${inspect(list).slice(0, 60)}`
  problems.error(quoting(`${name} must be a list, as in “${name}: [${toText(list)}]”.`, agent), list)
  return []
}

const TYPES = ['file', 'directory']

const typesOf = (list: RubyValue | undefined, problems: Problems): readonly string[] => {
  if (list === undefined || isFalsy(list)) return TYPES
  const types = listOf(list, 'type', problems)
  for (const type of types) {
    if (type.kind === 'string' && TYPES.includes(type.value)) continue
    const agent = `The deployment failed because the application specification file specifies a permission for an object type not supported for permissions (${toText(type)}). Update the permissions section of the AppSpec file, and then try again.`
    problems.error(quoting(`A type is file or directory, but it is ${inspect(type)}.`, agent), type)
  }
  return types.map(toText)
}

const accountOf = (item: RubyHash, name: 'owner' | 'group'): { owner?: RubyValue; group?: RubyValue } => {
  const account = lookUp(item, name)
  return isNil(account) ? {} : { [name]: account }
}
