import type { Waits } from './deployment.js'

/** Time for starting instances, installing and shifting, besides the group's own waits. One event may take an hour (docs/service.md, reference 4.5). */
export const WORK_MINUTES = 120

/** GitHub-hosted runners end a job after six hours. Watching ends ten minutes earlier, so that the log says how to continue. */
const HOSTED_JOB_MINUTES = 350

export interface TimeLimits {
  waits: Waits
  waitFor: 'traffic' | 'complete' | 'none'
  /** The input, when it is set. */
  waitForMinutes?: number | undefined
  /** Whether the job runs on a GitHub-hosted runner. */
  hosted: boolean
}

/** Epoch milliseconds at which watching ends: after the input, or the group's waits and the work, and always before the job ends. */
export const deadlineOf = (now: number, jobStartedAt: number, limits: TimeLimits): number => {
  const { waits, waitFor } = limits
  const derived = WORK_MINUTES + waits.readyMinutes + (waitFor === 'complete' ? waits.terminationMinutes : 0)
  const wanted = now + (limits.waitForMinutes ?? derived) * 60_000
  return limits.hosted ? Math.min(wanted, jobStartedAt + HOSTED_JOB_MINUTES * 60_000) : wanted
}
