import { parseAcl } from './acl.js'
import { fault } from './appspec-fault.js'
import { inWords, inspect, isRecord } from './psych.js'

/** One entry of `permissions` (docs/service.md, reference 6.3). Owner, group, ACLs and context are only noted, not applied. */
export interface Permission {
  object: string
  pattern: string
  except: string[]
  type: string[]
  /** Three or four octal digits. */
  mode: string | undefined
  owner: string | undefined
  group: string | undefined
  acls: string[]
  hasDefaultAcl: boolean
}

/** Reads the `permissions` section. Throws the agent's M9–M19. */
export const readPermissions = (section: unknown): Permission[] => {
  if (section === null || section === undefined || section === false) return []
  if (!Array.isArray(section)) throw new Error(`undefined method 'each' for ${inspect(section)}`)
  return section.map((entry: unknown) => readPermission(isRecord(entry) ? entry : {}))
}

const readPermission = (entry: Record<string, unknown>): Permission => {
  const object = inWords(entry['object']).trim()
  if (object === '') throw fault.object()
  const acls = list(entry['acls'])
  const parsed = acls.map(parseAcl)
  checkContext(entry['context'])
  return {
    object,
    pattern: inWords(entry['pattern']) || '**',
    except: list(entry['except']),
    type: readTypes(entry['type']),
    mode: readMode(entry['mode']),
    owner: name(entry['owner']),
    group: name(entry['group']),
    acls,
    hasDefaultAcl: parsed.some(({ isDefault }) => isDefault)
  }
}

const list = (value: unknown): string[] => {
  if (value === null || value === undefined || value === false) return []
  if (!Array.isArray(value)) throw new Error(`undefined method 'each' for ${inspect(value)}`)
  return value.map(inWords)
}

/** A numeric owner fails at Install with Ruby's message (docs/service.md, reference 6.3). */
const name = (value: unknown): string | undefined => {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'string') throw new Error('no implicit conversion of Integer into String')
  return value
}

const readTypes = (value: unknown): string[] => {
  const types = value === null || value === undefined ? ['file', 'directory'] : list(value)
  const bad = types.find((type) => type !== 'file' && type !== 'directory')
  if (bad !== undefined) throw fault.type(bad)
  return types
}

/** YAML turns an unquoted `0644` into the number 420, so 0420 is set (docs/service.md, reference 6.3). */
const readMode = (value: unknown): string | undefined => {
  if (value === null || value === undefined) return undefined
  const mode = inWords(value)
  if (mode.length < 1 || mode.length > 4) throw fault.modeLength(mode)
  const bad = Array.from(mode).find((digit) => !/[0-7]/.test(digit))
  if (bad !== undefined) throw fault.modeCharacter(mode, bad)
  return mode.padStart(3, '0')
}

const checkContext = (context: unknown): void => {
  if (context === null || context === undefined) return
  if (!isRecord(context) || inWords(context['type']) === '') throw fault.context(inspect(context))
}

/**
 * Whether a permission on a folder applies to something that this deployment copies or creates (docs/service.md, reference
 * 6.3).
 */
export const isMeant = ({ object, pattern, except }: Permission, path: string): boolean => {
  const folder = object.endsWith('/') ? object : `${object}/`
  if (!path.startsWith(folder)) return false
  const inside = path.slice(folder.length)
  return (pattern === '**' || glob(pattern, inside)) && !except.some((one) => glob(one, inside))
}

/** `*` stands for any characters within one name; the pattern never matches across folders. */
const glob = (pattern: string, file: string): boolean => {
  if (file.includes('/')) return false
  const pieces = pattern.split('*').map((piece) => piece.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${pieces.join('.*')}$`, 's').test(file)
}
