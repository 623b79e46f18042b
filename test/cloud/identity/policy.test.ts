import { expect, test } from '@jest/globals'
import { evaluate, fits, type Policy, type Statement } from './policy.js'
import { trusts, type TrustPolicy } from './trust.js'

const policy = (...Statement: Statement[]): Policy => ({ Version: '2012-10-17', Statement })
const allow = (Action: string | string[], Resource: string | string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource
})

test.each<[string, Policy, string, string | undefined, string]>([
  ['no statement', policy(), 's3:GetObject', 'arn:x', 'implicit-deny'],
  ['named', policy(allow('s3:GetObject', 'arn:x')), 's3:GetObject', 'arn:x', 'allowed'],
  ['action in another case', policy(allow('S3:getobject', 'arn:x')), 's3:GetObject', 'arn:x', 'allowed'],
  [
    'resource in another case',
    policy(allow('s3:GetObject', 'arn:X')),
    's3:GetObject',
    'arn:x',
    'implicit-deny'
  ],
  [
    'wildcards',
    policy(allow('codedeploy:Get*', 'arn:?:app/*')),
    'codedeploy:GetDeployment',
    'arn:1:app/g',
    'allowed'
  ],
  [
    'wildcard for a single character of the action',
    policy(allow('codedeploy:Get*', '*')),
    'codedeploy:ListDeployments',
    '*',
    'implicit-deny'
  ],
  [
    'an ARN does not allow *',
    policy(allow('codedeploy:StopDeployment', 'arn:g')),
    'codedeploy:StopDeployment',
    '*',
    'implicit-deny'
  ],
  [
    'deny wins',
    policy(allow('*', '*'), { Effect: 'Deny', Action: 's3:*', Resource: '*' }),
    's3:PutObject',
    'arn:x',
    'explicit-deny'
  ],
  ['on any resource', policy(allow('s3:GetObject', 'arn:x')), 's3:GetObject', undefined, 'allowed']
])('%s', (_name, document, action, resource, verdict) => {
  expect(evaluate(document, action, resource)).toBe(verdict)
})

test('dots and brackets in a pattern are literal', () => {
  expect(fits('a.b[c]*', 'a.b[c]d')).toBe(true)
  expect(fits('a.b', 'axb')).toBe(false)
})

const HOST = 'token.actions.githubusercontent.com'
const trust = (Condition: Record<string, Record<string, string | string[]>>): TrustPolicy => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'provider' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition
    }
  ]
})
const claims = { sub: 'repo:Org/app:ref:refs/heads/main', aud: 'sts.amazonaws.com' }

test.each<[string, Record<string, Record<string, string | string[]>>, boolean]>([
  ['equal', { StringEquals: { [`${HOST}:sub`]: claims.sub } }, true],
  ['equal in another case', { StringEquals: { [`${HOST}:sub`]: claims.sub.toLowerCase() } }, false],
  [
    'equal with a wildcard, which is literal there',
    { StringEquals: { [`${HOST}:sub`]: 'repo:Org/app:*' } },
    false
  ],
  ['like', { StringLike: { [`${HOST}:sub`]: 'repo:Org/app:*' } }, true],
  ['like one of several', { StringLike: { [`${HOST}:sub`]: ['repo:Org/other:*', 'repo:Org/*'] } }, true],
  ['like in another case', { StringLike: { [`${HOST}:sub`]: 'repo:org/app:*' } }, false],
  [
    'two conditions, one wrong',
    { StringLike: { [`${HOST}:sub`]: '*' }, StringEquals: { [`${HOST}:aud`]: 'other' } },
    false
  ],
  ['key in another case', { StringEquals: { [`${HOST}:AUD`]: claims.aud } }, true],
  ['claim that the token does not have', { StringLike: { [`${HOST}:environment`]: '*' } }, false],
  ['unknown operator', { StringNear: { [`${HOST}:sub`]: '*' } }, false]
])('a trust policy with sub or aud: %s', (_name, condition, expected) => {
  expect(trusts(trust(condition), 'provider', claims)).toBe(expected)
  expect(trusts(trust(condition), 'other', claims)).toBe(false)
})
