import { checkAcl } from './acl.js'
import { checkContext } from './context.js'
import { type Problems, quoting } from './problems.js'
import {
  inspect,
  isFalsy,
  isNil,
  lookUp,
  type RubyHash,
  type RubyValue,
  strip,
  toText
} from './ruby-value.js'
import type { Permission } from './spec.js'

const NO_OBJECT =
  'The deployment failed because a permission listed in the application specification file has no object value. Update the permissions section of the AppSpec file, and then try again.'

/** Reads `permissions` (docs/service.md, reference 6.3: those of M9 to M19 that the parser raises). */
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
    problems.error(quoting('Each permissions entry must be written as “- object: path”.', agent), item)
    return []
  }
  const object = lookUp(item, 'object')
  if (isNil(object) || strip(toText(object)) === '') {
    problems.error(quoting('This permissions entry has no object.', NO_OBJECT), object ?? item)
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
      problems.warning(`The agent ignores “${toText(key)}”; a permission has only ${KEYS.join(', ')}.`, key)
}

// `**`, a missing value and false all mean everything.
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
    problems.error(quoting(`A type must be file or directory, but it is ${inspect(type)}.`, agent), type)
  }
  return types.map(toText)
}

const accountOf = (item: RubyHash, name: 'owner' | 'group'): { owner?: RubyValue; group?: RubyValue } => {
  const account = lookUp(item, name)
  return isNil(account) ? {} : { [name]: account }
}

const badLength = (mode: string): string =>
  `The deployment failed because the length of a permissions mode (${mode}) in the application specification file is invalid. Permissions modes must be between one and four characters long. Update the permissions section of the AppSpec file, and then try again.`
const badCharacter = (mode: string, character: string): string =>
  `The deployment failed because the permissions mode (${mode}) in the application specification file contains an invalid character (${character}). Update the permissions section of the AppSpec file, and then try again.`

/** Checks a permission's mode: up to four octal digits (docs/service.md, reference 6.3, M9 and M10). */
export const checkMode = (value: RubyValue | undefined, problems: Problems): { mode?: string } => {
  if (isNil(value)) return {}
  const mode = toText(value).padStart(3, '0')
  const bad = Array.from(mode).find((char) => !/^[0-7]$/.test(char))
  if (Array.from(mode).length > 4)
    problems.error(quoting(`A mode has at most four octal digits. ${hint(value)}`, badLength(mode)), value)
  else if (bad !== undefined)
    problems.error(quoting(`A mode has octal digits only. ${hint(value)}`, badCharacter(mode, bad)), value)
  else {
    warnOfOctal(value, mode, problems)
    return { mode }
  }
  return {}
}

// YAML 1.1 reads a number with a leading zero as octal; the agent then uses its decimal digits as the mode.
const hint = (value: RubyValue): string =>
  value.kind === 'integer'
    ? `Unquoted, a number with a leading 0 is octal for the agent and becomes ${value.value}; write it without the 0, as in 755, or in quotes, as in "0755".`
    : 'Write it like 644 or "0644".'

const warnOfOctal = (value: RubyValue, mode: string, problems: Problems): void => {
  if (value.kind === 'integer' && value.octal === true)
    problems.warning(
      `The Ruby agent reads this unquoted mode with a leading 0 as octal and sets ${mode}; the 2.x agent sets the mode as written. ${hint(value)}`,
      value
    )
  else if (mode === '000') problems.warning('The mode is 000: nobody but root can use the files.', value)
}
