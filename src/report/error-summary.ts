import { fenced, logLines } from './escape.js'
import { fit } from './fitting.js'

/** A message of more says nothing more; a service's answer may be an HTML page. */
const MOST_CHARACTERS = 65_536

const block = (text: string): string => fenced(logLines(text.slice(0, MOST_CHARACTERS))).join('\n')

/** The job summary of a run that ended without an outcome: what happened, and what to do, word for word. */
export const errorSummary = (message: string, hint: string): string =>
  fit(['## ❌ Not done', block(message), block(hint)])
