import type { Waits } from './deployment.js'

/** What starting instances, installing and shifting may take besides the group's own waits. An event alone may take an hour (reference §4.5). */
const WORK_MINUTES = 120

/** GitHub ends a job on its own machines after six hours; ten minutes before, watching ends, so that the log says how to go on. */
const HOSTED_JOB_MINUTES = 350

export interface TimeLimits {
  waits: Waits
  waitFor: 'traffic' | 'complete' | 'none'
  /** The input, when it is set. */
  waitForMinutes?: number | undefined
  /** Whether the job runs on GitHub's machines. */
  hosted: boolean
}

/** Epoch milliseconds at which watching ends: the input, or the group's waits and the work, and never after the job's own end. */
export const deadlineOf = (now: number, jobStartedAt: number, limits: TimeLimits): number => {
  const { waits, waitFor } = limits
  const derived = WORK_MINUTES + waits.readyMinutes + (waitFor === 'complete' ? waits.terminationMinutes : 0)
  const wanted = now + (limits.waitForMinutes ?? derived) * 60_000
  return limits.hosted ? Math.min(wanted, jobStartedAt + HOSTED_JOB_MINUTES * 60_000) : wanted
}
