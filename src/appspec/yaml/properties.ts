import {
  END,
  finishLine,
  isBlank,
  isBlankOrEnd,
  isWord,
  mark,
  peek,
  skip,
  type Source,
  take,
  YamlError
} from './source.js'
import type { Token } from './token.js'

const URI = /^[0-9A-Za-z_;/?:@&=+$.!~*'()%-]$/

/** Reads `&name` or `*name`. */
export const scanAnchor = (source: Source, kind: 'anchor' | 'alias'): Token => {
  const start = mark(source)
  skip(source)
  const name = takeWhile(source, isWord)
  const next = peek(source)
  if (name === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(next)))
    throw new YamlError(
      'did not find expected alphabetic or numeric character',
      source,
      `while scanning an ${kind}`
    )
  return { kind, name, start }
}

/** Reads `!tag`, `!!tag`, `!handle!tag`, `!<uri>` or a lone `!`. */
export const scanTag = (source: Source, inFlow: boolean): Token => {
  const start = mark(source)
  const tag = peek(source, 1) === '<' ? takeVerbatim(source) : takeShort(source)
  if (!isBlankOrEnd(peek(source)) && !(inFlow && peek(source) === ','))
    throw new YamlError('did not find expected whitespace or line break', source, 'while scanning a tag')
  return { kind: 'tag', ...tag, start }
}

const takeVerbatim = (source: Source): { handle: string; suffix: string } => {
  skip(source, 2)
  const suffix = takeUri(source, true)
  if (suffix === '') throw new YamlError('did not find expected tag URI', source, 'while parsing a tag')
  if (peek(source) !== '>')
    throw new YamlError("did not find the expected '>'", source, 'while scanning a tag')
  skip(source)
  return { handle: '', suffix }
}

const takeShort = (source: Source): { handle: string; suffix: string } => {
  const head = takeHandle(source)
  if (head.length > 1 && head.endsWith('!')) {
    const suffix = takeUri(source, false)
    if (suffix === '') throw new YamlError('did not find expected tag URI', source, 'while parsing a tag')
    return { handle: head, suffix }
  }
  const suffix = head.slice(1) + takeUri(source, false)
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix }
}

const takeHandle = (source: Source): string => {
  let handle = take(source)
  handle += takeWhile(source, isWord)
  if (peek(source) === '!') handle += take(source)
  return handle
}

const takeUri = (source: Source, anywhere: boolean): string => {
  const raw = takeWhile(source, (char) => URI.test(char) || (anywhere && /^[,[\]]$/.test(char)))
  if (/%(?![0-9A-Fa-f]{2})/.test(raw))
    throw new YamlError('did not find URI escaped octet', source, 'while parsing a tag')
  try {
    return decodeURIComponent(raw)
  } catch (error) {
    throw new YamlError('found an incorrect UTF-8 octet', source, `while parsing a tag (${String(error)})`)
  }
}

/** Reads a line that starts with `%`. */
export const scanDirective = (source: Source): Token => {
  const start = mark(source)
  const context = 'while scanning a directive'
  skip(source)
  const name = takeWhile(source, isWord)
  if (name === '') throw new YamlError('could not find expected directive name', source, context)
  if (!isBlankOrEnd(peek(source)))
    throw new YamlError('found unexpected non-alphabetical character', source, context)
  const token = name === 'YAML' ? takeVersion(source) : name === 'TAG' ? takePrefix(source) : undefined
  if (token === undefined) throw new YamlError('found unknown directive name', start, context)
  finishLine(source, context)
  return { ...token, start }
}

const takeVersion = (source: Source): { kind: 'version-directive'; major: number; minor: number } => {
  const context = 'while scanning a %YAML directive'
  takeWhile(source, isBlank)
  const major = takeNumber(source)
  if (take(source) !== '.')
    throw new YamlError("did not find expected digit or '.' character", source, context)
  return { kind: 'version-directive', major, minor: takeNumber(source) }
}

const takeNumber = (source: Source): number => {
  const digits = takeWhile(source, (char) => /^[0-9]$/.test(char))
  if (digits === '' || digits.length > 9)
    throw new YamlError('did not find expected version number', source, 'while scanning a %YAML directive')
  return Number(digits)
}

const takePrefix = (source: Source): { kind: 'tag-directive'; handle: string; prefix: string } => {
  const context = 'while scanning a %TAG directive'
  takeWhile(source, isBlank)
  if (peek(source) !== '!') throw new YamlError("did not find expected '!'", source, context)
  const handle = takeHandle(source)
  if (handle !== '!' && !handle.endsWith('!'))
    throw new YamlError("did not find expected '!'", source, context)
  if (!isBlank(peek(source))) throw new YamlError('did not find expected whitespace', source, context)
  takeWhile(source, isBlank)
  const prefix = takeUri(source, true)
  if (prefix === '') throw new YamlError('did not find expected tag URI', source, context)
  if (!isBlankOrEnd(peek(source)))
    throw new YamlError('did not find expected whitespace or line break', source, context)
  return { kind: 'tag-directive', handle, prefix }
}

const takeWhile = (source: Source, wanted: (char: string) => boolean): string => {
  let text = ''
  while (peek(source) !== END && wanted(peek(source))) text += take(source)
  return text
}
