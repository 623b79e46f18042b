import { inspect, withoutEnd } from './ruby-value.js'
import type { RubyValue } from './ruby-value.js'

/** A path that Ruby cannot build; the message is what it raises. */
export class PathError extends Error {
  override readonly name = 'PathError'
}

/** Ruby's File.join: strings, and lists of strings, joined by single slashes. Throws PathError. */
export const joinPath = (...parts: (string | RubyValue)[]): string =>
  parts.map(textOf).reduce((left, right) => `${withoutEnd(left, '/')}/${right.replace(/^\/+/, '')}`)

const textOf = (part: string | RubyValue): string => {
  if (typeof part === 'string') return part
  if (part.kind === 'array') return part.items.length === 0 ? '' : joinPath(...part.items)
  return textPath(part)
}

/** The text of a path; Ruby accepts only strings without NUL. Throws PathError. */
export const textPath = (value: RubyValue): string => {
  if (value.kind !== 'string')
    throw new PathError(
      `no implicit conversion of ${CLASS_NAMES[value.kind]} into String (${inspect(value)})`
    )
  if (value.value.includes('\0')) throw new PathError('string contains null byte')
  return value.value
}

const CLASS_NAMES: Record<RubyValue['kind'], string> = {
  nil: 'nil',
  boolean: 'true',
  integer: 'Integer',
  float: 'Float',
  string: 'String',
  symbol: 'Symbol',
  array: 'Array',
  hash: 'Hash'
}

/** Ruby's File.dirname. */
export const parentOf = (path: string): string => {
  const trimmed = withoutEnd(path, '/')
  if (trimmed === '') return path.startsWith('/') ? '/' : '.'
  const slash = trimmed.lastIndexOf('/')
  if (slash < 0) return '.'
  return withoutEnd(trimmed.slice(0, slash), '/').replace(/^\/+/, '/') || '/'
}

/** Ruby's File.basename. */
export const nameOf = (path: string): string => {
  const trimmed = withoutEnd(path, '/')
  return trimmed === '' && path !== '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

/** The agent's working directory and home on a server. */
const WORKING_FOLDER = '/'
const HOME = '/root'

/** Ruby's File.expand_path: absolute, without `.`, `..` and repeated slashes. Throws PathError for `~someone`. */
export const expandPath = (path: string): string => {
  if (isExpanded(path)) return path
  const user = /^~([^/]*)/.exec(path)?.[1]
  if (user !== undefined && user !== '' && user !== 'root') throw new PathError(`user ${user} doesn't exist`)
  const absolute =
    user !== undefined
      ? HOME + path.slice(user.length + 1)
      : path.startsWith('/')
        ? path
        : WORKING_FOLDER + path
  const steps: string[] = []
  for (const step of absolute.split('/')) {
    if (step === '..') steps.pop()
    else if (step !== '' && step !== '.') steps.push(step)
  }
  return `/${steps.join('/')}`
}

/** A shortcut, since most paths are and there may be hundreds of thousands; names that start with a dot do not take it. */
const isExpanded = (path: string): boolean =>
  path.startsWith('/') && !path.includes('//') && !path.includes('/.') && !path.endsWith('/')
