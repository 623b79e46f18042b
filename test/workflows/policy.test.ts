import { describe, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { rightsOf } from '../../src/domain/rights.js'
import {
  documentedTrust,
  policyOf,
  rolePolicy,
  ROLES,
  SETUP_ROLE,
  CLEANUP_ROLE
} from '../cloud/identity/documents.js'
import { evaluate } from '../cloud/identity/policy.js'
import { claims, type Run, subject } from '../cloud/identity/token.js'
import { trusts } from '../cloud/identity/trust.js'
import { PLACE, RUN } from '../cloud/parts.js'
import { read, ROOT } from './files.js'

// Whether each right is needed, and all of them are enough, is shown by `npm run check:policies`.

const files = readdirSync(join(ROOT, 'docs/iam'))
const optional = files.filter((file) => file.startsWith('optional-'))
const granted = rolePolicy(PLACE, ...optional).Statement.flatMap(({ Action }) => Action)
const cleansUp = policyOf(PLACE, CLEANUP_ROLE).Statement.flatMap(({ Action }) => Action)
const setsUp = policyOf(PLACE, SETUP_ROLE).Statement.flatMap(({ Action }) => Action)
/** And what a role that checks may read. */
const documented = [
  ...granted,
  ...policyOf(PLACE, 'check-policy.json').Statement.flatMap(({ Action }) => Action)
]

const called = readdirSync(join(ROOT, 'src/edge'))
  .flatMap((name) => [...read(`src/edge/${name}`).matchAll(/new (\w+)Command\(/g)])
  .map(([, name = '']) => name)

/** Calls that need no right (STS API reference), or whose right is the trust policy. */
const WITHOUT_RIGHT = ['GetCallerIdentity', 'AssumeRoleWithWebIdentity']

/** GetObject reads one byte of what HeadObject was refused, to learn why. */
const ASKED_AS: Readonly<Record<string, string>> = { GetObject: 'HeadObject' }

test.each([...new Set(called)].filter((name) => !WITHOUT_RIGHT.includes(name)).sort())(
  'the rights that an error names for %s are documented',
  (name) => {
    const rights = rightsOf(ASKED_AS[name] ?? name)
    expect(rights).not.toEqual([])
    expect([...documented, ...setsUp, ...cleansUp]).toEqual(expect.arrayContaining([...rights]))
  }
)

test('docs/security.md links every document, and lists the rights of the optional ones', () => {
  const page = read('docs/security.md')
  for (const file of [...ROLES, SETUP_ROLE, CLEANUP_ROLE, 'trust-policy.json', ...optional])
    expect(page).toContain(`(iam/${file})`)
  const required = rolePolicy(PLACE).Statement.flatMap(({ Action }) => Action)
  for (const right of granted.filter((one) => !required.includes(one))) expect(page).toContain(`\`${right}\``)
})

describe('the policies by role', () => {
  const PREVIEW = 'arn:aws:s3:::example-revisions/codedeploy-previews/ExampleApp/a.zip'
  const GROUP = 'arn:aws:codedeploy:ap-northeast-2:123456789012:deploymentgroup:ExampleApp/ExampleGroup'
  const folder = 'arn:aws:s3:::example-revisions/codedeploy/ExampleApp'
  test.each([
    ['rollback-policy.json', 's3:PutObject', `${folder}/a.zip`, 'implicit-deny'],
    ['rollback-policy.json', 's3:PutObject', `${folder}/groups/ExampleGroup.json`, 'allowed'],
    ['rollback-policy.json', 's3:GetObjectVersion', `${folder}/a.zip`, 'allowed'],
    ['read-policy.json', 's3:PutObject', `${folder}/groups/ExampleGroup.json`, 'implicit-deny'],
    ['read-policy.json', 's3:GetObject', `${folder}/groups/ExampleGroup.json`, 'allowed'],
    ['preview-policy.json', 's3:GetObject', `${folder}/manifests/a.zip.json.gz`, 'allowed'],
    ['preview-policy.json', 's3:GetObject', `${folder}/a.zip`, 'implicit-deny'],
    ['optional-running-preview.json', 's3:PutObject', `${folder}/a.zip`, 'implicit-deny'],
    ['optional-running-preview.json', 's3:GetObject', `${folder}/a.zip`, 'implicit-deny'],
    ['optional-running-preview.json', 's3:PutObject', PREVIEW, 'allowed'],
    ['optional-running-preview.json', 'codedeploy:CreateDeployment', GROUP, 'implicit-deny'],
    [
      'optional-running-preview.json',
      'codedeploy:CreateDeployment',
      GROUP.replace('ExampleGroup', 'ExamplePreview'),
      'allowed'
    ]
  ])('%s: %s on %s is %s', (file, action, resource, verdict) => {
    expect(evaluate(policyOf(PLACE, file), action, resource)).toBe(verdict)
  })

  test('a role for pull requests can stop and continue nothing', () => {
    const { Statement } = policyOf(PLACE, 'preview-policy.json', 'optional-running-preview.json')
    const actions = Statement.flatMap(({ Action }) => Action)
    expect(actions.filter((action) => /Stop|Continue|Delete|Update/.test(action))).toEqual([])
  })

  test.each(['read-policy.json', 'check-policy.json'])(
    '%s has no permission that changes anything',
    (file) => {
      const actions = policyOf(PLACE, file).Statement.flatMap(({ Action }) => Action)
      expect(actions.filter((action) => !/:(BatchGet|Describe|Get|List|Simulate)/.test(action))).toEqual([])
    }
  )

  // A check reads settings that no deployment needs.
  test.each(ROLES.filter((file) => file !== 'check-policy.json'))(
    '%s has nothing that action-policy.json lacks',
    (file) => {
      for (const { Action, Resource } of policyOf(PLACE, file).Statement)
        for (const action of [Action].flat())
          for (const resource of [Resource].flat())
            expect(evaluate(rolePolicy(PLACE), action, resource)).toBe('allowed')
    }
  )
})

describe('the policy of docs/security.md', () => {
  const bundle = 'arn:aws:s3:::example-revisions/codedeploy/ExampleApp/a.zip'
  const own = 'arn:aws:codedeploy:ap-northeast-2:123456789012:deploymentgroup:ExampleApp/ExampleGroup'
  test.each([
    ['s3:PutObject', bundle, 'allowed'],
    ['s3:PutObject', bundle.replace('ExampleApp', 'OtherApp'), 'implicit-deny'],
    ['s3:PutObject', bundle.replace('codedeploy/', ''), 'implicit-deny'],
    ['s3:DeleteObject', bundle, 'implicit-deny'],
    ['s3:PutObjectTagging', bundle, 'implicit-deny'],
    ['codedeploy:CreateDeployment', own, 'allowed'],
    ['codedeploy:CreateDeployment', own.replace('ExampleGroup', 'OtherGroup'), 'implicit-deny'],
    ['codedeploy:CreateDeployment', own.replace('123456789012', '210987654321'), 'implicit-deny']
  ])('%s on %s is %s', (action, resource, verdict) => {
    expect(evaluate(rolePolicy(PLACE), action, resource)).toBe(verdict)
  })
})

describe('the trust policy of docs/security.md', () => {
  const provider = `arn:aws:iam::${PLACE.accountId}:oidc-provider/token.actions.githubusercontent.com`
  const trust = documentedTrust(PLACE.accountId, RUN)
  const own = subject(RUN, 'names')
  test.each([
    ['the environment', own, true],
    ['the same with numbers', subject(RUN, 'names-and-ids'), true],
    ['another environment', own.replace('production', 'staging'), false],
    ['a branch', own.replace('environment:production', 'ref:refs/heads/main'), false],
    ['a pull request', own.replace('environment:production', 'pull_request'), false],
    ['another repository', own.replace('example-app', 'other-app'), false],
    ['a stranger who took over the name', subject({ ...RUN, ownerId: 1 }, 'names-and-ids'), false]
  ])('%s: %s', (_, sub, trusted) => {
    expect(trusts(trust, provider, { sub, aud: 'sts.amazonaws.com' })).toBe(trusted)
    expect(trusts(trust, provider, { sub, aud: 'another' })).toBe(false)
  })

  // docs/setup-by-hand.md makes the other two from it with sed.
  test.each(['rollback', 'rollback-list'])('with the environment %s lets in only its jobs', (environment) => {
    const changed = JSON.parse(
      JSON.stringify(trust).replaceAll('environment:production', `environment:${environment}`)
    ) as typeof trust
    const letIn = ['production', 'rollback', 'rollback-list'].filter((one) =>
      (['names', 'names-and-ids'] as const).every((form) =>
        trusts(changed, provider, {
          sub: subject(RUN, form).replace('environment:production', `environment:${one}`),
          aud: 'sts.amazonaws.com'
        })
      )
    )
    expect(letIn).toEqual([environment])
  })
})

describe('the trust policy for pull requests', () => {
  const provider = `arn:aws:iam::${PLACE.accountId}:oidc-provider/token.actions.githubusercontent.com`
  const trust = documentedTrust(PLACE.accountId, RUN, 'preview-trust-policy.json')
  const preview = { ...RUN, event: 'pull_request', ref: 'refs/pull/12/merge', environment: 'preview' }
  const jobWorkflowRef = 'OWNER/REPO/.github/workflows/preview.yml@refs/tags/v1'
  const without = { ...RUN, event: 'pull_request', ref: 'refs/pull/12/merge' }
  delete without.environment
  test.each<[string, Run, boolean]>([
    ['the reusable workflow in the environment', { ...preview, jobWorkflowRef }, true],
    ['a workflow of the pull request itself', preview, false],
    [
      'another reusable workflow',
      { ...preview, jobWorkflowRef: jobWorkflowRef.replace('preview.yml', 'deploy.yml') },
      false
    ],
    ['outside of the environment', { ...without, jobWorkflowRef }, false],
    ['production’s environment', { ...preview, environment: 'production', jobWorkflowRef }, false]
  ])('%s', (_, run, trusted) => {
    for (const form of ['names', 'names-and-ids'] as const)
      expect(trusts(trust, provider, { ...claims(run, form), aud: 'sts.amazonaws.com' })).toBe(trusted)
  })
})
