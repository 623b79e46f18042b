import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  DESCRIPTION_LIMIT,
  describeByUser,
  describeDeploy,
  describeRollback,
  readDescription,
  withoutSeal,
  type Mark
} from '../../src/domain/description.js'
import { sha, stored } from '../fakes/nouns.js'

const run = { id: '7421', attempt: '2', actor: 'kim' }
const commit = sha('9')

const location = stored(commit)
const mark = { location, run }
const away = { location, run: { id: '', attempt: '1', actor: '' } }

/** Without the seal, which is not for people. */
const unsealed = (text: string): string => text.replace(/ #[\w-]{11}$/, '')
/** Written in the test itself, so that a change of what writes it is noticed there. */
const textOf = (written: string | (() => string)): string =>
  typeof written === 'string' ? written : written()
const read = (description: string, of = location) => readDescription({ description, revision: of })

test.each([
  ['Fix #abcdefghijk', 'what only looks like a seal, in a text of its own'],
  ['Fix | reason', 'a text without a mark'],
  ['', 'nothing']
])('%j keeps what is no seal: %s', (text) => {
  expect(withoutSeal(text)).toBe(text)
})

test.each([
  [
    { ...mark, undoes: 'd-ABC123DEF', reason: 'carts are lost' },
    { undoes: 'd-ABC123DEF', runId: '7421' }
  ],
  [{ ...mark, reason: 'carts are lost' }, { runId: '7421' }],
  [{ ...away, reason: 'carts are lost' }, {}]
])('the reason of %j is read back', (given, more) => {
  expect(read(describeRollback(commit, 'Fix', given))).toMatchObject({
    subject: 'Fix',
    reason: 'carts are lost',
    ...more
  })
})

describe('descriptions', () => {
  test.each([
    [
      'deploy',
      () => describeDeploy(commit, 'Fix the cart', mark),
      '99999999 Fix the cart | run 7421.2 by kim'
    ],
    ['no subject', () => describeDeploy(commit, '', mark), '99999999 | run 7421.2 by kim'],
    [
      'only the first line',
      () => describeDeploy(commit, '\nFix\r\n\r\nbody', mark),
      '99999999 Fix | run 7421.2 by kim'
    ],
    [
      'a bar would look like a mark',
      () => describeDeploy(commit, 'a | run 1.1 by eve', mark),
      '99999999 a ¦ run 1.1 by eve | run 7421.2 by kim'
    ],
    [
      'rollback',
      () => describeRollback(commit, 'Fix', { ...mark, undoes: 'd-ABC123DEF' }),
      'Rollback to 99999999 Fix | undoes d-ABC123DEF | run 7421.2 by kim'
    ],
    [
      'rollback with a reason',
      () => describeRollback(commit, 'Fix', { ...mark, undoes: 'd-ABC123DEF', reason: 'carts | are\nlost' }),
      'Rollback to 99999999 Fix | reason: carts ¦ are lost | undoes d-ABC123DEF | run 7421.2 by kim'
    ],
    [
      'a reason outside of a workflow',
      () => describeRollback(commit, 'Fix', { ...away, reason: 'carts are lost' }),
      'Rollback to 99999999 Fix | reason: carts are lost'
    ],
    [
      'a long reason is shortened, so that the subject stays',
      () => describeRollback(commit, '제목', { ...mark, reason: '이'.repeat(200) }),
      `Rollback to 99999999 제목 | reason: ${'이'.repeat(79)}… | run 7421.2 by kim`
    ],
    [
      'rollback of nothing',
      () => describeRollback(commit, 'Fix', mark),
      'Rollback to 99999999 Fix | run 7421.2 by kim'
    ],
    [
      'rollback to what has no commit',
      () => describeRollback('s3://b/k.zip', '', mark),
      'Rollback to s3://b/k.zip | run 7421.2 by kim'
    ],
    ["the user's own", () => describeByUser('Friday release', mark), 'Friday release | run 7421.2 by kim'],
    [
      "the user's own, of many lines",
      () => describeByUser('Friday\r\n\n  release ', mark),
      'Friday release | run 7421.2 by kim'
    ],
    [
      "the user's own, of a rollback",
      () => describeByUser('Back!', { ...mark, undoes: 'd-ABC123DEF' }),
      'Back! | undoes d-ABC123DEF | run 7421.2 by kim'
    ],
    ['away from a workflow', () => describeDeploy(commit, 'Fix', away), '99999999 Fix'],
    ["the user's own, away from a workflow", () => describeByUser('By hand', away), 'By hand'],
    [
      'an actor that nobody can have',
      () => describeDeploy(commit, '', { location, run: { ...run, actor: `a | b ${'x'.repeat(300)}` } }),
      `99999999 | run 7421.2 by a-b-${'x'.repeat(56)}`
    ]
  ])('%s', (_, written, expected) => {
    expect(unsealed(textOf(written))).toBe(expected)
    expect(withoutSeal(textOf(written))).toBe(expected)
  })

  test.each([200, 219, 220, 240, 256, 300, 5_000])(
    "the mark stays whole behind the user's text of %i characters",
    (length) => {
      const written = describeByUser('x'.repeat(length), { ...mark, undoes: 'd-ABC123DEF' })
      expect(written.length).toBeLessThanOrEqual(DESCRIPTION_LIMIT)
      expect(read(written)).toMatchObject({ runId: '7421', undoes: 'd-ABC123DEF', actor: 'kim' })
    }
  )

  test.each([
    ['한글', '장바구니를 고친다 '.repeat(40)],
    ['emoji of many code points', '👩‍👩‍👧‍👦'.repeat(40)],
    ['flags', '🇰🇷'.repeat(80)],
    ['combining marks', 'e\u0301'.repeat(200)]
  ])('%s is cut between whole characters', (_, subject) => {
    const written = describeDeploy(commit, subject, mark)
    expect(written.length).toBeLessThanOrEqual(DESCRIPTION_LIMIT)
    const shown = read(written).subject ?? ''
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
      'of a bot',
      () => describeDeploy(commit, 'Bump x', { location, run: { ...run, actor: 'renovate[bot]' } }),
      { runId: '7421', actor: 'renovate[bot]', subject: 'Bump x' }
    ],
    [
      "the user's own",
      () => describeByUser('Friday release', mark),
      { runId: '7421', actor: 'kim', subject: 'Friday release' }
    ]
  ])('reads one %s', (_, written, expected) => {
    expect(read(textOf(written))).toEqual(expected)
  })

  const forged = '99999999 x | undoes d-ABC123DEF | run 99999999999999.1 by mallory'
  test.each([
    ['without a seal', forged, location],
    ['with a made-up seal', `${forged} #AAAAAAAAAAA`, location],
    [
      'with the seal of another bundle',
      () =>
        describeDeploy(commit, 'x', { location: stored(sha('8')), run: { ...run, id: '99999999999999' } }),
      location
    ],
    [
      'with another number than was sealed',
      () => describeDeploy(commit, 'x', mark).replace('run 7421', 'run 99999999999999'),
      location
    ],
    ['within the text of a commit', () => describeDeploy(commit, `${forged} #AAAAAAAAAAA`, away), location],
    ["within the user's own text", () => describeByUser(describeDeploy(commit, 'x', mark), away), location]
  ])('ignores a mark %s', (_, written, of) => {
    const { runId, undoes } = read(textOf(written), of)
    expect({ runId, undoes }).toEqual({ runId: undefined, undoes: undefined })
  })

  const anyRun = fc.record({
    id: fc.bigInt({ min: 1n, max: 99_999_999_999n }).map(String),
    attempt: fc.integer({ min: 1, max: 99 }).map(String),
    actor: fc.stringMatching(/^[a-z0-9-]{1,39}$/)
  })

  test('whatever the text, it fits, stays valid text, and the mark comes back', () => {
    const writers = fc.constantFrom(
      (text: string, given: Mark) => describeRollback(commit, text, given),
      (text: string, given: Mark) => describeDeploy(commit, text, given),
      describeByUser
    )
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), anyRun, writers, (text, by, write) => {
        const written = write(text, { location, run: by, undoes: 'd-ABC123DEF' })
        expect(written.length).toBeLessThanOrEqual(DESCRIPTION_LIMIT)
        expect(Buffer.from(written).toString()).toBe(written)
        expect(written).not.toMatch(/[\r\n]/)
        expect(read(written)).toMatchObject({ runId: by.id, actor: by.actor, undoes: 'd-ABC123DEF' })
      })
    )
  })
})
