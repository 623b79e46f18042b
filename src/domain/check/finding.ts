import { UserError } from '../../errors.js'
import { factsOf, isDenied, wordsOf } from '../fault.js'
import { explained } from '../refusal.js'
import { missingRights, rightsOf } from '../rights.js'

/** The documented policy of the role that checks. */
const POLICY = 'docs/iam/check-policy.json'

export type Verdict = 'ok' | 'warning' | 'problem' | 'not-checked'

/** One line of a check: what was found and, unless all is well, why it matters and what to do. */
export interface CheckFinding {
  area: string
  verdict: Verdict
  found: string
  why?: string | undefined
  remedy?: string | undefined
}

/** What a read answered, or the error that it ended with. */
export type Reading<T> = { value: T } | { error: unknown }

export const ok = (area: string, found: string): CheckFinding => ({ area, verdict: 'ok', found })

export const warning = (area: string, found: string, why: string, remedy: string): CheckFinding => ({
  ...{ area, verdict: 'warning', found, why, remedy }
})

export const problem = (area: string, found: string, why: string, remedy: string): CheckFinding => ({
  ...{ area, verdict: 'problem', found, why, remedy }
})

/** A check that needs an answer which another read did not give. */
export const dependent = (area: string, needs: string): CheckFinding => ({
  area,
  verdict: 'not-checked',
  found: `not checked: needs ${needs}`
})

/**
 * A failed read as a line: a denied one names the permission that it needs, and any other its message. `operation` is the API's
 * name of the call. Only what the service says does not exist is a problem.
 */
export const unread = (area: string, operation: string, error: unknown): CheckFinding => {
  const rights = missingRights(error, rightsOf(operation))
  if (isDenied(error) && rights.length > 0) return dependent(area, `${rights.join(', ')} (${POLICY})`)
  const told = explained(error)
  if (/DoesNotExist/.test(factsOf(error).name) && told instanceof UserError)
    return problem(area, told.message, 'A deployment would end with the same error.', told.hint)
  return { area, verdict: 'not-checked', found: `not checked: ${operation} failed: ${wordsOf(error)}` }
}

/** The findings of a read, or the one line that says why there are none. */
export const judged = <T>(
  area: string,
  operation: string,
  reading: Reading<T>,
  judge: (value: T) => CheckFinding[]
): CheckFinding[] => ('value' in reading ? judge(reading.value) : [unread(area, operation, reading.error)])
