import { describe, expect, test } from '@jest/globals'
import type { CheckedIdentity } from '../../../src/domain/check/facts.js'
import { identityFindings, sessionFindings } from '../../../src/domain/check/identity.js'
import { claimsOf } from '../../../src/domain/identity.js'
import { token } from '../../fakes/token.js'

const ROLE = 'arn:aws:iam::111122223333:role/festival-check'
const NOW = new Date('2026-01-02T03:04:05Z')
const identity = (changes: Partial<CheckedIdentity> = {}): CheckedIdentity => ({
  ...{ account: '111122223333', region: 'eu-west-1', role: ROLE, mayRequestToken: true, lasting: false },
  claims: claimsOf(token({ sub: 'repo:org/app:environment:check', environment: 'check' })),
  ...changes
})
const OWN = { role: undefined, claims: undefined }

test('a role that was assumed with a token is named, with the claims that a trust policy sees', () => {
  expect(identityFindings(identity())).toEqual([
    {
      area: 'Identity',
      verdict: 'ok',
      found: `${ROLE} in account 111122223333, region eu-west-1, by an OIDC token (\`id-token: write\`)`
    },
    {
      area: 'Token',
      verdict: 'ok',
      found: 'sub=repo:org/app:environment:check aud=sts.amazonaws.com environment=check ref=refs/heads/main'
    }
  ])
})

test('the token of a pull request without an environment is a warning', () => {
  const claims = claimsOf(token({ sub: 'repo:org@12/app@34:pull_request' }))
  expect(identityFindings(identity({ claims }))[1]).toMatchObject({
    verdict: 'warning',
    found: expect.stringContaining('environment=(none)'),
    remedy: expect.stringContaining('`environment:`')
  })
})

describe('credentials that the job already had', () => {
  test.each([
    [false, 'the job has no `id-token: write`'],
    [true, 'the job has `id-token: write`, but `role-to-assume` is empty']
  ])('are shown with the permission (%s)', (mayRequestToken, text) => {
    const [finding, ...rest] = identityFindings(identity({ ...OWN, mayRequestToken }))
    expect(finding).toMatchObject({ verdict: 'ok', found: expect.stringContaining(text) })
    expect(rest).toEqual([])
  })

  test('and that never end are a warning', () => {
    expect(identityFindings(identity({ ...OWN, lasting: true }))).toMatchObject([
      { verdict: 'warning', found: expect.stringContaining('without an end'), remedy: expect.any(String) }
    ])
  })
})

describe('a session', () => {
  test.each([
    ['of a role, which is renewed', {}, 600],
    ['that ends after the waits', { ...OWN, endsAt: new Date('2026-01-02T05:04:05Z') }, 120],
    ['of an unknown end, where the waits are short', OWN, 59]
  ])('is long enough: one %s', (_, changes, minutes) => {
    expect(sessionFindings(identity(changes), minutes, NOW)).toMatchObject([{ verdict: 'ok' }])
  })

  test.each([
    ['that ends before the waits', { ...OWN, endsAt: new Date('2026-01-02T05:04:05Z') }, 121],
    ['of an unknown end, where the waits are long', OWN, 60]
  ])('may be too short: one %s', (_, changes, minutes) => {
    expect(sessionFindings(identity(changes), minutes, NOW)).toMatchObject([
      { verdict: 'warning', found: expect.stringContaining(`${minutes} min`), remedy: expect.any(String) }
    ])
  })

  test('cannot be judged without the waits', () => {
    expect(sessionFindings(identity(OWN), undefined, NOW)).toMatchObject([{ verdict: 'not-checked' }])
    expect(sessionFindings(identity(), undefined, NOW)).toMatchObject([{ verdict: 'ok' }])
  })

  test('has no end with a key of a user', () => {
    expect(sessionFindings(identity({ ...OWN, lasting: true }), 600, NOW)).toEqual([])
  })
})
