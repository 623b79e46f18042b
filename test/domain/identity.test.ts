import { describe, expect, test } from '@jest/globals'
import { claimsOf, matchingTrustPolicy, otherSubjectForm } from '../../src/domain/identity.js'
import { token } from '../fakes/token.js'

describe('claims of a token', () => {
  test('are read without verifying the signature', () => {
    expect(claimsOf(token({ sub: 'repo:org/app:ref:refs/heads/main', environment: '운영' }))).toEqual({
      sub: 'repo:org/app:ref:refs/heads/main',
      aud: 'sts.amazonaws.com',
      iss: 'https://token.actions.githubusercontent.com',
      repository: 'org/app',
      environment: '운영',
      ref: 'refs/heads/main'
    })
  })

  test.each([
    ['no token', ''],
    ['no dots', 'abc'],
    ['no JSON', 'a.b.c'],
    ['a number', `a.${Buffer.from('7').toString('base64url')}.c`],
    ['null', `a.${Buffer.from('null').toString('base64url')}.c`],
    ['claims of other types', `a.${Buffer.from('{"sub":7,"aud":["x"]}').toString('base64url')}.c`]
  ])('%s gives empty claims', (_, text) => {
    expect(Object.values(claimsOf(text)).join('')).toBe('')
  })
})

describe('the trust policy that would match', () => {
  test.each([
    ['old form', 'repo:org/app:ref:refs/heads/main', 'repo:org@*/app@*:ref:refs/heads/main'],
    ['new form', 'repo:org@12/app@34:environment:prod', 'repo:org/app:environment:prod'],
    ['pull request', 'repo:org/app:pull_request', 'repo:org@*/app@*:pull_request'],
    ['a form of its own', 'workflow:x', 'workflow:x']
  ])('%s', (_, sub, other) => {
    expect(otherSubjectForm(sub)).toBe(other)
    const policy: unknown = JSON.parse(matchingTrustPolicy(claimsOf(token({ sub })), '123456789012'))
    expect(policy).toEqual({
      Effect: 'Allow',
      Principal: {
        Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com'
      },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': sub
        }
      }
    })
  })

  test('another issuer and another partition are kept', () => {
    const policy = matchingTrustPolicy(
      claimsOf(token({ iss: 'https://ghe.example.com/_services/token' })),
      '1',
      'aws-cn'
    )
    expect(policy).toContain('arn:aws-cn:iam::1:oidc-provider/ghe.example.com/_services/token"')
    expect(policy).toContain('"ghe.example.com/_services/token:sub"')
  })
})
