import { fault } from './appspec-fault.js'

const KINDS: Record<string, string> = {
  user: 'user',
  u: 'user',
  group: 'group',
  g: 'group',
  mask: 'mask',
  m: 'mask',
  other: 'other',
  o: 'other',
  '': 'user'
}

/**
 * Checks one entry of `acls`: `[default:][user|group|mask|other]:[name]:perm`, where the kind may be left out before a name
 * (`bob:rw`). Throws M15–M17 (docs/service.md, reference 6.4 and 6.5).
 */
export const parseAcl = (entry: string): { isDefault: boolean } => {
  const words = entry.split(':')
  const isDefault = words[0] === 'd' || words[0] === 'default'
  const parts = isDefault ? words.slice(1) : words
  const perm = parts.pop() ?? ''
  const [first = '', second] = parts
  if (parts.length < 1 || parts.length > 2) throw fault.acl(entry)
  const kind = Object.hasOwn(KINDS, first) ? KINDS[first] : undefined
  if (parts.length === 2 && kind === undefined) throw fault.acl(entry)
  const named = parts.length === 2 ? (second ?? '') : kind === undefined ? first : ''
  if ((kind === 'mask' || kind === 'other') && named !== '') throw fault.acl(entry)
  if (perm === '') throw fault.acl(entry)
  const bad = /^[0-7]$/.test(perm) ? undefined : Array.from(perm).find((letter) => !'rwx-'.includes(letter))
  if (bad !== undefined) throw fault.aclCharacter(entry, bad)
  if (!isDefault && named === '' && kind !== 'mask') throw fault.baseAcl(entry)
  return { isDefault }
}
