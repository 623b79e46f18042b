import { forMarkdown, logLines } from './escape.js'

/** GitHub rejects a step's whole summary when it exceeds 1 MiB; this leaves a little room for what others append. */
export const SUMMARY_LIMIT = 1024 * 1024 - 4096

/** In UTF-8. */
export const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8')

const CUT =
  '_The rest is omitted because GitHub limits the length of a summary; with debug logging, the log has all of it._'

/**
 * Joins blocks of Markdown within GitHub's limit. A block is kept or omitted as a whole, never cut inside a table or a fence.
 * From the first block that does not fit, a note points to the log instead.
 */
export const fit = (blocks: readonly string[], limit = SUMMARY_LIMIT): string => {
  const kept: string[] = []
  let room = limit - bytesOf(CUT) - 1
  for (const block of blocks.filter((text) => text !== '')) {
    room -= bytesOf(block) + 2
    if (room < 0) return [...kept, CUT].join('\n\n') + '\n'
    kept.push(block)
  }
  return kept.join('\n\n') + '\n'
}

/** A service may answer with a whole HTML page; nothing beyond this length helps. */
const MOST_CHARACTERS = 16_384

/** One of our sentences, in which backticks mark code, made safe for Markdown whatever names it contains. */
export const prose = (text: string): string =>
  forMarkdown(text).replace(/&#96;(.+?)&#96;/g, '<code>$1</code>')

/** In one line of Markdown: at the start of a line, `-` or `---` would begin a list or make a heading. */
const paragraph = (text: string): string => logLines(text.slice(0, MOST_CHARACTERS)).map(prose).join('<br>')

/** The job summary of a run that ended without an outcome: what happened, and what to do. */
export const errorSummary = (message: string, hint: string): string =>
  fit(['## ❌ The run failed', paragraph(message), paragraph(hint)])
