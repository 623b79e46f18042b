import type { AgentResult } from '../contract.js'

/** API word for each way a hook can fail (reference §2.3: agent codes 1, 3, 4 and 6). */
export type ScriptErrorCode = 'ScriptMissing' | 'ScriptTimedOut' | 'ScriptFailed' | 'UnknownError'

/** A hook that did not end well. Anything else that is thrown while an event runs has no script and no log. */
export class ScriptError extends Error {
  readonly code: ScriptErrorCode
  readonly location: string
  constructor(code: ScriptErrorCode, location: string, message: string) {
    super(message)
    this.code = code
    this.location = location
  }
}

/** What the agent sends for an event that ended well: no log, whatever the scripts printed (reference §2.3). */
export const success: AgentResult = {
  errorCode: 'Success',
  scriptName: '',
  message: 'Succeeded',
  logTail: ''
}

/** What the agent sends for an event that threw. */
export const failure = (error: unknown, logTail: string): AgentResult => {
  if (error instanceof ScriptError) {
    return { errorCode: error.code, scriptName: error.location, message: error.message, logTail }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { errorCode: 'UnknownError', scriptName: '', message, logTail: '' }
}
