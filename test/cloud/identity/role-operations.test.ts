import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Caller, QueryOperations } from '../contract.js'
import { roleNeed, roleOperations } from './role-operations.js'
import type { Role } from './sts.js'

const ACCOUNT = '123456789012'
const caller: Caller = { arn: `arn:aws:iam::${ACCOUNT}:user/administrator`, accountId: ACCOUNT }
const statement = (action: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }]
  })

let roles: Role[]
let audiences: string[]
let operations: QueryOperations
beforeEach(() => {
  roles = []
  audiences = []
  operations = roleOperations({ accountId: ACCOUNT, now: () => 0, roles, audiences })
})

const call = (operation: string, form: Record<string, unknown>): unknown =>
  operations[operation]?.(form, caller)
const create = (RoleName = 'deploy'): unknown =>
  call('CreateRole', { RoleName, AssumeRolePolicyDocument: statement('sts:AssumeRole') })

describe('a role', () => {
  test('may do what all its policies together allow, and a policy with the same name replaces the former one', () => {
    expect(create()).toMatchObject({
      Role: { Arn: `arn:aws:iam::${ACCOUNT}:role/deploy`, MaxSessionDuration: 3600 }
    })
    const put = (PolicyName: string, action: string): unknown =>
      call('PutRolePolicy', { RoleName: 'deploy', PolicyName, PolicyDocument: statement(action) })
    put('one', 's3:GetObject')
    put('two', 's3:PutObject')
    put('one', 's3:ListBucket')
    expect(roles[0]?.policy.Statement.map(({ Action }) => Action)).toEqual(['s3:ListBucket', 's3:PutObject'])
  })

  test.each([
    ['exists already', 'EntityAlreadyExists', () => [create(), create()]],
    [
      'does not exist',
      'NoSuchEntity',
      () => call('AttachRolePolicy', { RoleName: 'other', PolicyArn: 'arn:aws:iam::aws:policy/Other' })
    ],
    [
      'gets a policy that is not JSON',
      'MalformedPolicyDocument',
      () => [
        create(),
        call('PutRolePolicy', { RoleName: 'deploy', PolicyName: 'one', PolicyDocument: 'file://one' })
      ]
    ],
    ['has no name', 'ValidationError', () => call('CreateRole', {})]
  ])('that %s is refused with %s', (_, code, work) => {
    expect(work).toThrow(expect.objectContaining({ code }))
  })
})

test('an instance profile takes one role', () => {
  const InstanceProfileName = 'instance'
  create('one')
  create('two')
  call('CreateInstanceProfile', { InstanceProfileName })
  expect(call('AddRoleToInstanceProfile', { InstanceProfileName, RoleName: 'one' })).toEqual({})
  expect(() => call('AddRoleToInstanceProfile', { InstanceProfileName, RoleName: 'two' })).toThrow(
    expect.objectContaining({ code: 'LimitExceeded' })
  )
})

test('there is one identity provider for GitHub, with the audiences that were given', () => {
  const Url = 'https://token.actions.githubusercontent.com'
  const made = call('CreateOpenIDConnectProvider', { Url, ClientIDList: ['sts.amazonaws.com'] })
  expect(audiences).toEqual(['sts.amazonaws.com'])
  expect(() => call('CreateOpenIDConnectProvider', { Url, ClientIDList: ['other'] })).toThrow(
    expect.objectContaining({ code: 'EntityAlreadyExists' })
  )
  call('DeleteOpenIDConnectProvider', made as Record<string, unknown>)
  expect(audiences).toEqual([])
})

test.each([
  ['CreateRole', { RoleName: 'deploy' }, `arn:aws:iam::${ACCOUNT}:role/deploy`],
  [
    'AddRoleToInstanceProfile',
    { RoleName: 'a', InstanceProfileName: 'b' },
    `arn:aws:iam::${ACCOUNT}:instance-profile/b`
  ],
  ['CreateOpenIDConnectProvider', { Url: 'https://x' }, '*']
])('%s needs its own action on what it names', (operation, form, resource) => {
  expect(roleNeed(operation, form, ACCOUNT)).toEqual({ action: `iam:${operation}`, resource })
})

describe('reads', () => {
  test('a role shows its trust policy URL-encoded, and one that does not exist is NoSuchEntity', () => {
    create()
    const { Role: found } = call('GetRole', { RoleName: 'deploy' }) as {
      Role: { AssumeRolePolicyDocument: string }
    }
    expect(JSON.parse(decodeURIComponent(found.AssumeRolePolicyDocument))).toMatchObject({
      Statement: [{ Action: 'sts:AssumeRole' }]
    })
    expect(() => call('GetRole', { RoleName: 'other' })).toThrow(
      expect.objectContaining({ code: 'NoSuchEntity' })
    )
  })

  test('an instance profile shows its role, and one that does not exist is NoSuchEntity', () => {
    create()
    call('CreateInstanceProfile', { InstanceProfileName: 'web' })
    call('AddRoleToInstanceProfile', { InstanceProfileName: 'web', RoleName: 'deploy' })
    expect(call('GetInstanceProfile', { InstanceProfileName: 'web' })).toMatchObject({
      InstanceProfile: { Roles: [{ RoleName: 'deploy' }] }
    })
    expect(() => call('GetInstanceProfile', { InstanceProfileName: 'other' })).toThrow(
      expect.objectContaining({ code: 'NoSuchEntity' })
    )
  })

  test("a simulation decides by the role's own policies, with the context that is given", () => {
    create()
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bundles/*' },
        { Effect: 'Deny', Action: 's3:PutObject', Resource: '*' },
        {
          ...{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' },
          Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } }
        }
      ]
    })
    call('PutRolePolicy', { RoleName: 'deploy', PolicyName: 'one', PolicyDocument })
    const decisions = (form: Record<string, unknown>): unknown =>
      (
        call('SimulatePrincipalPolicy', {
          PolicySourceArn: `arn:aws:iam::${ACCOUNT}:role/deploy`,
          ...form
        }) as { EvaluationResults: { EvalDecision: string }[] }
      ).EvaluationResults.map(({ EvalDecision }) => EvalDecision)
    expect(
      decisions({
        ActionNames: ['s3:GetObject', 's3:PutObject', 's3:ListBucket'],
        ResourceArns: ['arn:aws:s3:::bundles/one']
      })
    ).toEqual(['allowed', 'explicitDeny', 'implicitDeny'])
    expect(decisions({ ActionNames: ['iam:PassRole'] })).toEqual(['implicitDeny'])
    const ContextEntries = [
      { ContextKeyName: 'iam:PassedToService', ContextKeyValues: ['ec2.amazonaws.com'] }
    ]
    expect(decisions({ ActionNames: ['iam:PassRole'], ContextEntries })).toEqual(['allowed'])
  })
})
