import { quoting } from './problems.js'
import type { Problems } from './problems.js'
import { inspect, isNil } from './ruby-value.js'
import type { RubyValue } from './ruby-value.js'

const PROBLEM =
  'The deployment failed because of a problem with the acls permission settings in the application specification file.'

/** One ACL entry: whether it is a default entry, which only folders can have, or the agent's words about what is wrong. */
type Ace = { isDefault: boolean } | { wrong: string }

/** Checks a permission's ACL: entries such as `u:bob:rwx` or `d:g:staff:5` (docs/service.md, reference 6.3, M15 to M17). */
export const checkAcl = (
  acl: RubyValue | undefined,
  problems: Problems
): { hasAcl: boolean; defaultAcl?: string | undefined } => {
  if (isNil(acl)) return { hasAcl: false }
  if (acl.kind === 'hash' && acl.pairs.length === 0) return { hasAcl: true }
  if (acl.kind !== 'array') {
    const agent = `undefined method \`${acl.kind === 'hash' ? 'split' : 'each'}' for ${inspect(acl).slice(0, 60)}`
    problems.error(quoting('acls must be a list of entries such as “- u:bob:rwx”.', agent), acl)
    return { hasAcl: true }
  }
  const defaults = acl.items.filter((item) => isDefaultEntry(item, problems))
  const first = defaults[0]
  return { hasAcl: true, defaultAcl: first?.kind === 'string' ? first.value : undefined }
}

const isDefaultEntry = (item: RubyValue, problems: Problems): boolean => {
  if (item.kind !== 'string') {
    const agent = `undefined method \`split' for ${inspect(item).slice(0, 60)}`
    problems.error(
      quoting(
        `An ACL entry must be a string, but YAML reads it as ${inspect(item)}; put it in quotes.`,
        agent
      ),
      item
    )
    return false
  }
  const ace = readAce(item.value)
  if ('isDefault' in ace) return ace.isDefault
  problems.error(
    quoting(`The ACL entry “${item.value}” is not of the form [d:][u|g|m|o]:name:rwx.`, ace.wrong),
    item
  )
  return false
}

/** Reads one entry backward: permissions, name, type, `d`. */
const readAce = (ace: string): Ace => {
  const invalid = { wrong: `${PROBLEM} Invalid acl entry (${ace}).` }
  const parts = ace.split(':').reverse()
  if (ace === '' || parts.length < 2 || parts.length > 4) return invalid
  const [permissions = '', name = '', kind, first] = parts
  if (first !== undefined && !isDefaultWord(first)) return invalid
  if (first !== undefined && isDefaultWord(kind)) return invalid
  const isDefault = isDefaultWord(first) || isDefaultWord(kind)
  const type = kind === undefined || isDefaultWord(kind) ? undefined : TYPES[kind]
  if (kind !== undefined && !isDefaultWord(kind) && type === undefined) return invalid
  const owner = ownerOf(type, name)
  if ((owner.type === 'mask' || owner.type === 'other') && owner.name !== '') return invalid
  if (!isDefault && owner.type !== 'mask' && owner.name === '')
    return {
      wrong: `${PROBLEM} Use mode to set the base acl entry (${ace}). Update the permissions section of the AppSpec file, and then try again.`
    }
  const bad = /^[0-7]$/.test(permissions) ? undefined : /[^rwx-]/u.exec(permissions)?.[0]
  return bad === undefined ? { isDefault } : { wrong: badCharacter(ace, bad) }
}

const badCharacter = (ace: string, character: string): string =>
  `The deployment failed because the access control list (ACL) named ${ace} in the application specification file contains an invalid character (${character}). Correct the ACL in the hooks section of the AppSpec file, and then try again.`

const TYPES: Record<string, string> = {
  m: 'mask',
  mask: 'mask',
  o: 'other',
  other: 'other',
  g: 'group',
  group: 'group',
  u: 'user',
  user: 'user'
}

const isDefaultWord = (word: string | undefined): boolean => word === 'd' || word === 'default'

// Without a type, the words for mask and other are read as the type, not as a name.
const ownerOf = (type: string | undefined, name: string): { type: string; name: string } => {
  const word = ['m', 'mask', 'o', 'other'].includes(name) ? TYPES[name] : undefined
  if (word === undefined) return { type: type ?? 'user', name }
  return type === undefined ? { type: word, name: '' } : { type, name: word }
}
