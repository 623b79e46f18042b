import type { EventChange } from '../domain/event.js'
import { forLog } from './escape.js'
import { explainEvent, nextAct } from './explain.js'
import { errorOf, failureTitle, tailLines } from './failure.js'
import { fileOf, lineOf, withoutArchive } from './script.js'

/** An annotation on a file of the repository. */
export interface Annotation {
  /** Relative to the workspace. */
  file: string
  /** 1-based. */
  line?: number | undefined
  title: string
  message: string
}

const TAIL_LINES = 12

/**
 * The annotation of a failed event on its hook script in the source tree: what failed, what to do, and the rest. Undefined if the
 * script is not there; then the closing words of the run are its first error. `source` is the bundled folder, relative to the workspace;
 * `others` failed for the same cause.
 */
export const failureAnnotation = (
  change: EventChange,
  source: string | undefined,
  others = 0
): Annotation | undefined => {
  const { event } = change
  const { scriptName = '', message = '', logTail = '' } = event.diagnostics ?? {}
  const file = fileOf(scriptName, source)
  if (file === undefined) return undefined
  const explained = explainEvent(change).flatMap(({ meaning, next }) => [meaning, next])
  const next = nextAct(change)
  const texts = [
    [forLog(withoutArchive(message)), errorOf(change)].find((text) => text !== '') ?? '',
    next,
    ...explained.filter((text) => text !== next)
  ]
  return {
    file,
    line: lineOf(scriptName, logTail),
    title: failureTitle(change, others),
    message: [...texts.filter((text) => text !== ''), ...tailLines(logTail, TAIL_LINES)].join('\n')
  }
}
