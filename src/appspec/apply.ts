import type { InstallPlan } from './install-plan.js'
import { hasFolder } from './instance.js'
import { expandPath, PathError } from './paths.js'
import { checkUse } from './permission-use.js'
import { type Problems, quoting } from './problems.js'
import { inspect, type RubyValue, toText } from './ruby-value.js'
import type { Permission } from './spec.js'

const DEFAULT_ON_FILE =
  'The deployment failed because the -d parameter has been specified to apply an acl setting to a file. This parameter is supported for directories only. Update the AppSpec file, and then try again.'

/** Most comparisons of a permissions entry with a file, and how many entries are checked in any case. */
const MOST_LOOKS = 50_000_000
const FEW = 20

/** Applies permissions to what Install copies, as the agent does (docs/service.md, reference 6.3, M11, M12, M14, M18). */
export const applyPermissions = (
  permissions: readonly Permission[],
  plan: InstallPlan,
  problems: Problems
): void => {
  const set = new Set<string>()
  const warned = new Set<string>()
  const each = plan.copies.size + plan.folders.size + 1
  const most = Math.max(FEW, Math.floor(MOST_LOOKS / each))
  if (permissions.length > most)
    problems.warning(
      `Only the first ${most} of ${permissions.length} permissions entries were compared with the ${each - 1} files and folders that Install copies. Combine entries with patterns.`,
      permissions[most]?.place
    )
  for (const permission of permissions.slice(0, most)) {
    const matches = matchesOf(permission, plan, problems)
    if (matches.length > 0) checkUse(permission, problems, warned)
    const twice = matches.find((path) => set.has(path))
    if (twice !== undefined) tellTwice(permission, twice, problems)
    for (const path of matches) set.add(path)
  }
}

const tellTwice = (permission: Permission, path: string, problems: Problems): void => {
  const agent = `The deployment failed because the permissions setting for (${path}) is specified more than once in the application specification file. Update the files section of the AppSpec file, and then try again.`
  const what = `An earlier permissions entry already covers ${path}. Narrow one of the two with pattern, except or type.`
  problems.error(quoting(what, agent), permission.place)
}

const matchesOf = (permission: Permission, plan: InstallPlan, problems: Problems): string[] => {
  try {
    const object = expandPath(permission.object)
    if (plan.copies.has(object)) return matchFile(permission, object, problems)
    const isFolder = plan.folders.has(object) || hasFolder(permission.object)
    const matches = isFolder ? matchFolder(permission, object, { plan, problems }) : []
    if (matches.length === 0 && permission.types.length > 0) warnOfNoMatch(permission, problems)
    return matches
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    problems.error(
      quoting(`The agent cannot use “${permission.object}” or its patterns.`, error.message),
      permission.place
    )
    return []
  }
}

const warnOfNoMatch = (permission: Permission, problems: Problems): void =>
  problems.warning(
    `Nothing that this deployment installs matches the object ${permission.object}, so the entry does nothing. (If the object is a folder, the entry applies to what is in it, never to the folder itself.)`,
    permission.place
  )

const matchFile = (permission: Permission, object: string, problems: Problems): string[] => {
  if (!permission.types.includes('file')) return []
  if (permission.pattern !== undefined) {
    const pattern = toText(permission.pattern)
    const agent = `The deployment failed because the application specification file includes an object (${permission.object}) with an invalid pattern (${pattern}), such as a pattern for a file applied to a directory. Correct the permissions section of the AppSpec file, and then try again.`
    problems.error(
      quoting(`The object ${permission.object} is a file, so it cannot have a pattern.`, agent),
      permission.pattern
    )
  }
  if (permission.except.length > 0) {
    const except = `[${permission.except.map(inspect).join(', ')}]`
    const agent = `The deployment failed because the except parameter for a pattern in the permissions section (${except}) for the object named ${permission.object} contains an invalid format. Update the AppSpec file, and then try again.`
    problems.error(
      quoting(`The object ${permission.object} is a file, so it cannot have an except.`, agent),
      permission.place
    )
  }
  checkDefaultAcl(permission, object, problems)
  return [object]
}

const checkDefaultAcl = (permission: Permission, path: string, problems: Problems): void => {
  if (permission.defaultAcl === undefined) return
  const what = `The default ACL ${permission.defaultAcl} would be set on the file ${path}; only folders can have one. Add “type: [directory]”.`
  problems.error(quoting(what, DEFAULT_ON_FILE), permission.place)
}

const matchFolder = (
  permission: Permission,
  object: string,
  { plan, problems }: { plan: InstallPlan; problems: Problems }
): string[] => {
  const base = object === '/' ? '/' : `${object}/`
  const chosen = (paths: Iterable<string>): string[] =>
    [...paths].filter((path) => path.startsWith(base) && isChosen(permission, path.slice(base.length)))
  const files = permission.types.includes('file') ? chosen(plan.copies.keys()) : []
  const first = files[0]
  if (first !== undefined) checkDefaultAcl(permission, first, problems)
  return [...files, ...(permission.types.includes('directory') ? chosen(plan.folders) : [])]
}

const isChosen = (permission: Permission, name: string): boolean => {
  const { pattern, except } = permission
  if (pattern !== undefined && !globMatches(name, pattern)) return false
  return !except.some((item) => globMatches(name, item))
}

/** The parts between the stars of each pattern. */
const compiled = new WeakMap<RubyValue, readonly string[]>()

/**
 * Whether a name in the object's folder matches a permissions pattern: `*` matches any characters, and everything else only
 * itself; a name in a subfolder never matches. Throws PathError for a pattern that is not a string: the agent fails on it.
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
 * The name starts with the first part, ends with the last, and has the others between them in order, each matched at the
 * first position possible. A regular expression would try every position, which on a malicious pattern takes years.
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
