import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  DESCRIPTION_LIMIT,
  describeByUser,
  describeDeploy,
  describeRollback,
  readDescription
} from '../../src/domain/description.js'
import { sha } from '../fakes/nouns.js'

const run = { id: '7421', attempt: '2', actor: 'kim' }
const commit = sha('9')

describe('descriptions', () => {
  test.each([
    ['deploy', describeDeploy(commit, 'Fix the cart', run), '99999999 Fix the cart | run 7421.2 by kim'],
    ['no subject', describeDeploy(commit, '', run), '99999999 | run 7421.2 by kim'],
    [
      'only the first line',
      describeDeploy(commit, '\nFix\r\n\r\nbody', run),
      '99999999 Fix | run 7421.2 by kim'
    ],
    [
      'a bar would look like a mark',
      describeDeploy(commit, 'a | run 1.1 by eve', run),
      '99999999 a ¦ run 1.1 by eve | run 7421.2 by kim'
    ],
    [
      'rollback',
      describeRollback(commit, 'Fix', { run, undoes: 'd-ABC123DEF' }),
      'Rollback to 99999999 Fix | undoes d-ABC123DEF | run 7421.2 by kim'
    ],
    [
      'rollback of nothing',
      describeRollback(commit, 'Fix', { run }),
      'Rollback to 99999999 Fix | run 7421.2 by kim'
    ],
    [
      'rollback to what has no commit',
      describeRollback('s3://b/k.zip', '', { run }),
      'Rollback to s3://b/k.zip | run 7421.2 by kim'
    ],
    ["the user's own", describeByUser('Friday release', run), 'Friday release | run 7421.2 by kim'],
    [
      'away from a workflow',
      describeDeploy(commit, 'Fix', { id: '', attempt: '1', actor: '' }),
      '99999999 Fix'
    ],
    [
      "the user's own, away from a workflow",
      describeByUser('By hand', { id: '', attempt: '1', actor: '' }),
      'By hand'
    ]
  ])('%s', (_, written, expected) => {
    expect(written).toBe(expected)
  })

  test("the user's text stays whole where the run has no room", () => {
    const text = 'x'.repeat(DESCRIPTION_LIMIT - 3)
    expect(describeByUser(text, run)).toBe(text)
  })

  test.each([
    ['한글', '장바구니를 고친다 '.repeat(40)],
    ['emoji of many code points', '👩‍👩‍👧‍👦'.repeat(40)],
    ['flags', '🇰🇷'.repeat(80)],
    ['combining marks', 'e\u0301'.repeat(200)]
  ])('%s is cut between whole characters', (_, subject) => {
    const written = describeDeploy(commit, subject, run)
    expect(written.length).toBeLessThanOrEqual(DESCRIPTION_LIMIT)
    const shown = readDescription(written).subject ?? ''
    expect(shown.endsWith('…')).toBe(true)
    const whole = [...new Intl.Segmenter().segment(subject)].map(({ segment }) => segment)
    const kept = [...new Intl.Segmenter().segment(shown.slice(0, -1))].map(({ segment }) => segment)
    expect(whole.slice(0, kept.length).join('').trim()).toBe(kept.join('').trim())
  })

  test.each([
    ['of another tool', 'Deployed by Jenkins #12', { subject: 'Deployed by Jenkins #12' }],
    ['empty', '', {}],
    ['a name that looks like a mark', 'x | run by me', { subject: 'x | run by me' }],
    [
      'a bot',
      '99999999 Bump x | run 12.1 by renovate[bot]',
      { runId: '12', actor: 'renovate[bot]', subject: 'Bump x' }
    ],
    [
      "the user's own",
      'Friday release | run 7421.2 by kim',
      { runId: '7421', actor: 'kim', subject: 'Friday release' }
    ]
  ])('reads one %s', (_, written, expected) => {
    expect(readDescription(written)).toEqual(expected)
  })

  const anyRun = fc.record({
    id: fc.bigInt({ min: 1n, max: 99_999_999_999n }).map(String),
    attempt: fc.integer({ min: 1, max: 99 }).map(String),
    actor: fc.stringMatching(/^[a-z0-9-]{1,39}$/)
  })

  test('whatever the subject, it fits, stays valid text, and the marks come back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), anyRun, (subject, by) => {
        const written = describeRollback(commit, subject, { run: by, undoes: 'd-ABC123DEF' })
        expect(written.length).toBeLessThanOrEqual(DESCRIPTION_LIMIT)
        expect(Buffer.from(written).toString()).toBe(written)
        expect(written).not.toMatch(/[\r\n]/)
        expect(readDescription(written)).toMatchObject({
          runId: by.id,
          actor: by.actor,
          undoes: 'd-ABC123DEF'
        })
      })
    )
  })
})
