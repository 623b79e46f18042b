import { describe, expect, test } from '@jest/globals'
import { tryingAgain, undoneWarning, whatFailedThen } from '../../src/report/bad-target.js'
import { zoneOf } from '../../src/report/times.js'
import { deployment, green, GREEN_EVENTS, row, sha, target, unrun } from '../fakes/nouns.js'

const last = row({ deploymentId: 'd-1', commit: sha('b'), status: 'Failed' })
const failed = deployment({ id: 'd-1', status: 'Failed' })
const error = { code: 'HEALTH_CONSTRAINTS', message: 'too many individual instances failed' }

describe('what failed then', () => {
  test('the first failed event, with its script and its last output', () => {
    const text = whatFailedThen(
      { last, count: 1 },
      { deployment: failed, targets: [green('i-1', 6, 'Failed')] },
      zoneOf('UTC')
    )
    expect(text.split('\n')).toEqual([
      'bbbbbbbb has never served: its only deployment, d-1, failed (2026-11-22 12:00 UTC).',
      'ValidateService failed on i-1 (green): scripts/validate.sh, ScriptFailed, exit code 3, Script at specified location: scripts/validate.sh failed with exit code 3',
      '  │ LifecycleEvent - ValidateService',
      '  │ Script - scripts/validate.sh',
      '  │ [stdout]waiting for http://localhost:8080/health',
      '  │ [stderr]curl: (7) Failed to connect to localhost port 8080',
      '  │ [stderr]scripts/validate.sh: line 12: [: : integer expression expected'
    ])
  })

  test('of several deployments, the last that failed', () => {
    expect(whatFailedThen({ last, count: 3 }, { deployment: failed, targets: [] }, zoneOf('UTC'))).toBe(
      'bbbbbbbb has never served: none of its 3 deployments did, and the last that failed is d-1 (2026-11-22 12:00 UTC).'
    )
  })

  test('without a failed event, the error of the service and what it means', () => {
    const text = whatFailedThen(
      { last, count: 1 },
      { deployment: { ...failed, error }, targets: [] },
      zoneOf('UTC')
    )
    expect(text).toContain('HEALTH_CONSTRAINTS: too many individual instances failed\nToo few instances')
  })

  test('an agent that never answered', () => {
    const silent = target('i-1', 'green', unrun(GREEN_EVENTS, 'Skipped'), 'Skipped')
    const text = whatFailedThen(
      { last, count: 1 },
      { deployment: { ...failed, error }, targets: [silent] },
      zoneOf('UTC')
    )
    expect(text).toContain('its agent never answered.\nHEALTH_CONSTRAINTS')
  })
})

test('trying again says what it replaces', () => {
  expect(tryingAgain({ style: 'BLUE_GREEN' })).toContain('keeps serving until the new fleet is healthy')
  expect(tryingAgain({ style: 'IN_PLACE' })).toContain(
    'replaces what is running on the servers that serve now'
  )
})

describe('a rollback to what was undone', () => {
  const undone = row({ deploymentId: 'd-1', commit: sha('b'), rolledBackBy: 'd-2' })
  const nobody = row({ deploymentId: 'd-2' })
  delete nobody.who
  test.each([
    [
      'by a person',
      row({ deploymentId: 'd-2', who: 'kim' }),
      'd-1 was undone by d-2 by kim on 2026-11-22 12:00 UTC.'
    ],
    ['by the service', nobody, 'undone by d-2 on 2026-11-22 12:00 UTC.'],
    ['by a deployment that was not read', undefined, 'd-1 was undone by d-2.']
  ])('%s', (_, by, words) => {
    expect(undoneWarning(undone, by, zoneOf('UTC'))).toContain(words)
  })
})
