import { describe, expect, test } from '@jest/globals'
import { hookTimes } from '../../../src/domain/check/appspec.js'
import { batchesOf, type Pace, paceFindings } from '../../../src/domain/check/pace.js'
import type { Waits } from '../../../src/domain/deployment.js'

const WAITS: Waits = {
  ...{ readyMinutes: 0, readyAction: 'CONTINUE_DEPLOYMENT' },
  ...{ terminationMinutes: 60, blueAction: 'TERMINATE' }
}
const PACE: Pace = {
  ...{ healthySeconds: 20, drainSeconds: 30, instances: 4 },
  hosts: { type: 'HOST_COUNT', value: 0 }
}
const ONE_BY_ONE = { type: 'MOST_CONCURRENCY', value: 1 }

const pace = (
  changes: Partial<Pace>,
  {
    waits = {},
    style = 'BLUE_GREEN',
    hosted = true
  }: { waits?: Partial<Waits>; style?: 'BLUE_GREEN' | 'IN_PLACE'; hosted?: boolean } = {}
) => paceFindings({ waits: { ...WAITS, ...waits }, style }, { ...PACE, ...changes }, hosted)[0]

test.each([
  ['all at once', { type: 'HOST_COUNT', value: 0 }, 5, 1],
  ['half at a time', { type: 'FLEET_PERCENT', value: 50 }, 5, 3],
  ['one at a time', ONE_BY_ONE, 5, 5],
  ['all but one', { type: 'HOST_COUNT', value: 1 }, 5, 2],
  ['more healthy hosts than there are', { type: 'HOST_COUNT', value: 9 }, 5, 5]
])('%s moves the traffic in batches', (_, hosts, instances, batches) => {
  expect(batchesOf(hosts, instances)).toBe(batches)
})

describe('the least time', () => {
  test('is that of the health check and the delay, then of the waits', () => {
    expect(pace({})).toMatchObject({
      verdict: 'ok',
      found:
        'at least 50 s until the traffic has moved (4 instances in 1 batch, each 20 s until healthy and 30 s to drain); 61 min until the old instances are gone'
    })
  })

  test('grows with the batches', () => {
    expect(pace({ hosts: ONE_BY_ONE })?.found).toContain(
      'at least 4 min until the traffic has moved (4 instances in 4 batches'
    )
  })

  test('begins with the wait of the group', () => {
    expect(pace({}, { waits: { readyMinutes: 10 } })?.found).toContain('after a wait of 10 min')
  })

  test('has no waits in place, nor an end of blue that is kept', () => {
    expect(pace({}, { style: 'IN_PLACE' })?.found).not.toContain('old instances are gone')
    expect(pace({}, { waits: { blueAction: 'KEEP_ALIVE' } })?.found).not.toContain('old instances are gone')
  })

  test('says how long hooks may take', () => {
    const hooks = hookTimes([
      { event: 'ApplicationStart', script: 'a', timeout: 180 },
      { event: 'ValidateService', script: 'b', timeout: 120 },
      { event: 'ValidateService', script: 'c' }
    ])
    expect(pace({ hooks })?.found).toContain(
      'the hooks of the AppSpec may take 5 min more by their timeouts, and 1 script without one up to an hour each'
    )
  })
})

describe('a job on a machine of GitHub', () => {
  test.each([
    [
      'long delays of many batches',
      pace({ drainSeconds: 300, hosts: ONE_BY_ONE, instances: 80 }),
      'before the traffic has moved',
      'deregistration delay'
    ],
    [
      'hooks that hang',
      pace({ hooks: { seconds: 6 * 3600, untimed: 0 } }),
      'before hooks that hang',
      'timeout'
    ],
    [
      'hooks of every batch in place',
      pace({ hosts: ONE_BY_ONE, hooks: { seconds: 5400, untimed: 0 } }, { style: 'IN_PLACE' }),
      'before hooks that hang',
      'timeout'
    ],
    [
      'the rest beside a long wait',
      pace({ drainSeconds: 300 }, { waits: { terminationMinutes: 356 } }),
      'wait-for: complete',
      'wait-for: traffic'
    ]
  ])('cannot follow %s', (_, finding, why, remedy) => {
    expect(finding).toMatchObject({
      verdict: 'warning',
      why: expect.stringContaining(why),
      remedy: expect.stringContaining(remedy)
    })
  })

  test('does not hear twice of waits that are too long themselves', () => {
    expect(pace({}, { waits: { terminationMinutes: 600 } })?.verdict).toBe('ok')
  })

  test('on a machine of its own may take longer', () => {
    expect(pace({ hooks: { seconds: 6 * 3600, untimed: 0 } }, { hosted: false })?.verdict).toBe('ok')
  })
})
