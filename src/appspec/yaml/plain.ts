import { joinLines, noSpace, takeSpace } from './folding.js'
import { atDocumentMark, isBlank, isBlankOrEnd, isBreak, mark, peek, take, YamlError } from './source.js'
import type { Source } from './source.js'
import type { Token } from './token.js'

/** Where a plain scalar stands: inside brackets or not, and how far its further lines must be indented. */
export interface PlainContext {
  inFlow: boolean
  indent: number
}

/** Reads a scalar without quotes. `endsLine` tells that a new key may start behind it. */
export const scanPlain = (source: Source, context: PlainContext): { token: Token; endsLine: boolean } => {
  const start = mark(source)
  let value = ''
  let space = noSpace()
  while (!atDocumentMark(source) && peek(source) !== '#') {
    const word = takeWord(source, context.inFlow)
    if (word !== '') {
      value += joinLines(space) + word
      space = noSpace()
    }
    if (!isBlank(peek(source)) && !isBreak(peek(source))) break
    space = takeSpace(source, space, context.indent)
    if (!context.inFlow && source.column < context.indent) break
  }
  return { token: { kind: 'scalar', style: 'plain', value, start }, endsLine: space.leading }
}

const takeWord = (source: Source, inFlow: boolean): string => {
  let word = ''
  while (!isBlankOrEnd(peek(source)) && !endsWord(source, inFlow)) word += take(source)
  return word
}

const endsWord = (source: Source, inFlow: boolean): boolean => {
  const char = peek(source)
  const next = peek(source, 1)
  if (inFlow && char === ':' && next !== '' && ',?[]{}'.includes(next))
    throw new YamlError("found unexpected ':'", source, 'while scanning a plain scalar')
  return (char === ':' && isBlankOrEnd(next)) || (inFlow && ',[]{}'.includes(char))
}
