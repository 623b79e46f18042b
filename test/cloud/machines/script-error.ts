import type { AgentResult } from '../contract.js'

/** The API's error code for each way in which a hook can fail (docs/service.md, reference 2.3: agent codes 1, 3, 4 and 6). */
export type ScriptErrorCode = 'ScriptMissing' | 'ScriptTimedOut' | 'ScriptFailed' | 'UnknownError'

/** A hook that failed. Any other error during an event has no script and no log. */
export class ScriptError extends Error {
  readonly code: ScriptErrorCode
  readonly location: string
  constructor(code: ScriptErrorCode, location: string, message: string) {
    super(message)
    this.code = code
    this.location = location
  }
}

/** What the agent sends for a successful event: no log, whatever the scripts printed (docs/service.md, reference 2.3). */
export const success: AgentResult = {
  errorCode: 'Success',
  scriptName: '',
  message: 'Succeeded',
  logTail: ''
}

/** What the agent sends for an event that threw an error. */
export const failure = (error: unknown, logTail: string): AgentResult => {
  if (error instanceof ScriptError) {
    return { errorCode: error.code, scriptName: error.location, message: error.message, logTail }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { errorCode: 'UnknownError', scriptName: '', message, logTail: '' }
}
