import { describe, expect, test } from '@jest/globals'
import { deadlineOf, type TimeLimits } from '../../src/domain/deadline.js'

const waits: TimeLimits['waits'] = {
  readyMinutes: 30,
  readyAction: 'STOP_DEPLOYMENT',
  terminationMinutes: 60,
  blueAction: 'TERMINATE'
}
const HOUR = 60

describe('minutes until watching ends, in a job that began 100 minutes ago', () => {
  test.each<[string, Partial<TimeLimits>, number]>([
    ['the work and the ready wait', {}, 2 * HOUR + 30],
    ['and the termination wait, where it is watched', { waitFor: 'complete' }, 3 * HOUR + 30],
    ['nothing more, where nobody waits', { waitFor: 'none' }, 2 * HOUR + 30],
    ['the input, whatever the group waits', { waitFor: 'complete', waitForMinutes: 5 }, 5],
    ['as long as wanted, on a machine of one’s own', { waitForMinutes: 999 }, 999],
    ['what is left of six hours, on one of GitHub', { waitForMinutes: 999, hosted: true }, 350 - 100],
    ['the wish, where it ends before', { waitForMinutes: 249, hosted: true }, 249]
  ])('%s', (_, members, minutes) => {
    const now = 100 * 60_000
    const limits: TimeLimits = { waits, waitFor: 'traffic', hosted: false, ...members }
    expect((deadlineOf(now, 0, limits) - now) / 60_000).toBe(minutes)
  })
})
