import { fenced, logLines } from './escape.js'

/** GitHub refuses a summary of more than 1 MiB for a step, whole; a little room is left for what others append. */
export const SUMMARY_LIMIT = 1024 * 1024 - 4096

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8')

const CUT = '_More is left out here, since GitHub takes no longer summary; the log has all of it._'

/**
 * Blocks of Markdown as one text within GitHub's limit. A block is kept whole or left out whole, never cut in the middle
 * of a table or a fence; from the first that does not fit on, a word says that more is in the log.
 */
export const fit = (blocks: readonly string[], limit = SUMMARY_LIMIT): string => {
  const kept: string[] = []
  let room = limit - bytes(CUT) - 1
  for (const block of blocks.filter((text) => text !== '')) {
    room -= bytes(block) + 2
    if (room < 0) return [...kept, CUT].join('\n\n') + '\n'
    kept.push(block)
  }
  return kept.join('\n\n') + '\n'
}

/** A message of more says nothing more; a service's answer may be an HTML page. */
const MOST_CHARACTERS = 65_536

const block = (text: string): string => fenced(logLines(text.slice(0, MOST_CHARACTERS))).join('\n')

/** The job summary of a run that ended without an outcome: what happened, and what to do, word for word. */
export const errorSummary = (message: string, hint: string): string =>
  fit(['## ❌ Not done', block(message), block(hint)])
