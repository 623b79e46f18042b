import { fenced, logLines } from './escape.js'
import { fit } from './fitting.js'

/** The job summary of a run that ended without an outcome: what happened, and what to do, word for word. */
export const errorSummary = (message: string, hint: string): string =>
  fit(['## ❌ Not done', fenced(logLines(message)).join('\n'), fenced(logLines(hint)).join('\n')])
