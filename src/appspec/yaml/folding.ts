import { isBlank, isBreak, peek, skip, take, takeBreak, YamlError } from './source.js'
import type { Source } from './source.js'

/** The white space between two words of a scalar: on one line, or with line breaks that fold. */
export interface Space {
  blanks: string
  firstBreak: string
  moreBreaks: string
  /** A line break was among it, so blanks are indentation from there on. */
  leading: boolean
}

export const noSpace = (): Space => ({ blanks: '', firstBreak: '', moreBreaks: '', leading: false })

/** Takes the white space that stands here; with `indent`, a tab left of that column is refused (plain scalars). */
export const takeSpace = (source: Source, space: Space, indent = -1): Space => {
  while (isBlank(peek(source)) || isBreak(peek(source))) {
    if (isBreak(peek(source))) takeFold(source, space)
    else if (!space.leading) space.blanks += take(source)
    else if (peek(source) === '\t' && source.column < indent)
      throw new YamlError(
        'found a tab character that violates indentation',
        source,
        'while scanning a plain scalar'
      )
    else skip(source)
  }
  return space
}

const takeFold = (source: Source, space: Space): void => {
  const lineBreak = takeBreak(source)
  if (space.leading) space.moreBreaks += lineBreak
  else {
    space.blanks = ''
    space.firstBreak = lineBreak
    space.leading = true
  }
}

/** What the white space becomes in the value: one line break folds into a blank, further ones stay. */
export const joinLines = (space: Space): string => {
  if (!space.leading) return space.blanks
  if (!space.firstBreak.startsWith('\n')) return space.firstBreak + space.moreBreaks
  return space.moreBreaks === '' ? ' ' : space.moreBreaks
}
