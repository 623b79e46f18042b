import { describe, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { rightsOf } from '../../src/domain/rights.js'
import { documentedTrust, rolePolicy } from '../cloud/identity/documents.js'
import { evaluate } from '../cloud/identity/policy.js'
import { subject } from '../cloud/identity/token.js'
import { trusts } from '../cloud/identity/trust.js'
import { PLACE, RUN } from '../cloud/parts.js'
import { read, ROOT } from './files.js'

// Whether each right is needed, and all of them are enough, is shown by `npm run check:policies`.

const files = readdirSync(join(ROOT, 'docs/iam'))
const optional = files.filter((file) => file.startsWith('optional-'))
const granted = rolePolicy(PLACE, ...optional).Statement.flatMap(({ Action }) => Action)

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
    expect(granted).toEqual(expect.arrayContaining([...rights]))
  }
)

test('docs/security.md links every document, and lists the rights of the optional ones', () => {
  const page = read('docs/security.md')
  for (const file of ['action-policy.json', 'trust-policy.json', ...optional])
    expect(page).toContain(`(iam/${file})`)
  const required = rolePolicy(PLACE).Statement.flatMap(({ Action }) => Action)
  for (const right of granted.filter((one) => !required.includes(one))) expect(page).toContain(`\`${right}\``)
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
})
