import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedStacks } from '../../scripts/docs/files.js'
import {
  PARAMETERS,
  PREVIEW_PARAMETERS,
  previews,
  PREVIEWS,
  stackOf,
  TEMPLATE,
  text,
  type Resource
} from './template.js'

// The roles of both stacks have the documented policies and nothing else. A right is added or taken away in docs/iam; `npm run docs` then
// writes it into the templates of examples/aws.

const ROOT = join(import.meta.dirname, '../..')
const DOCUMENTS = join(ROOT, 'docs/iam')

/** Document → the roles that have it, by their names in the stack. A new document belongs here, or in the list below. */
const HAVE: Readonly<Record<string, readonly string[]>> = {
  'action-policy': ['DeployRole'],
  'rollback-policy': ['RollbackRole'],
  'read-policy': ['RollbackListRole'],
  'preview-policy': ['PreviewRole'],
  'setup-policy': ['SetupRole'],
  'check-policy': ['CheckRole'],
  'cleanup-policy': ['CleanupRole'],
  'instance-policy': ['InstanceRole'],
  'service-role-policy': ['ServiceRole'],
  'optional-target-health': ['DeployRole', 'PreviewRole', 'RollbackListRole', 'RollbackRole'],
  'optional-waiting-reasons': ['DeployRole', 'RollbackRole'],
  'optional-copy': ['DeployRole', 'RollbackRole'],
  'optional-alarm-states': ['DeployRole', 'RollbackRole'],
  'optional-instance-logs': ['DeployRole', 'RollbackRole'],
  'optional-alarm-override': ['RollbackRole'],
  'optional-preview-environments': ['PreviewRole'],
  'preview-cleanup-policy': ['PreviewCleanupRole'],
  'preview-instance-policy': ['PreviewInstanceRole'],
  'preview-service-role-policy': ['PreviewServiceRole']
}

/** Why no role of the stack has these. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'optional-delete-left-over':
    'its name for fleets fits the live one too, and the cleanup has a role of its own',
  'optional-instance-console': 'a console may contain the secrets of the user data',
  'optional-kms-key': 'the bucket has no key of its own',
  'optional-object-tags': 'only for those who pass object-tags',
  'optional-running-preview': 'no stack makes a group in which pull requests take turns'
}

/** Trust policy → the environments of the roles that have it. */
const TRUST: readonly (readonly [role: string, environment: string, document: string])[] = [
  ['DeployRole', 'production', 'trust-policy'],
  ['RollbackRole', 'rollback', 'trust-policy'],
  ['RollbackListRole', 'rollback-list', 'trust-policy'],
  ['SetupRole', 'setup', 'trust-policy'],
  ['CheckRole', 'check', 'trust-policy'],
  ['CleanupRole', 'cleanup', 'trust-policy'],
  ['PreviewRole', 'preview', 'preview-trust-policy'],
  ['PreviewCleanupRole', 'preview-cleanup', 'trust-policy']
]

interface Statement {
  Sid?: string
  Effect: string
  Principal?: unknown
  Action: string | string[]
  Resource?: string | string[]
}
interface Document {
  Version: string
  Statement: Statement[]
}
interface Given {
  role: string
  document: string
  policy: Document
}

const documented = (name: string): Document => {
  const json = readFileSync(join(DOCUMENTS, `${name}.json`), 'utf8')
  return JSON.parse(
    json.replaceAll('festival-org/festival', `${PARAMETERS.Owner}/${PARAMETERS.Repository}`)
  ) as Document
}

const roleOf = (roles: Record<string, Resource>, name: unknown): string =>
  Object.keys(roles).find((logical) => roles[logical]?.Properties['RoleName'] === name) ?? String(name)

/** Every policy of every role, by the document of its name; the names of managed ones begin with that of the application. */
const policiesOf = (resources: Record<string, Resource>): Given[] =>
  Object.entries(resources).flatMap(([logical, { Type, Properties }]) => {
    if (Type === 'AWS::IAM::Role')
      return ((Properties['Policies'] ?? []) as { PolicyName: string; PolicyDocument: Document }[]).map(
        (one) => ({ role: logical, document: one.PolicyName, policy: one.PolicyDocument })
      )
    if (Type !== 'AWS::IAM::ManagedPolicy') return []
    return (Properties['Roles'] as string[]).map((name) => ({
      role: roleOf(resources, name),
      document: String(Properties['ManagedPolicyName']).replace('festival-', ''),
      policy: Properties['PolicyDocument'] as Document
    }))
  })

/** What both stacks make, with these parameters in addition. */
const bothStacks = (given: Record<string, string> = {}): Record<string, Resource> => ({
  ...stackOf({ ...PREVIEW_PARAMETERS, ...given }, previews).resources,
  ...stackOf(given).resources
})

const resources = bothStacks()
const policies = policiesOf(resources)

describe('docs/iam', () => {
  const files = readdirSync(DOCUMENTS)
    .map((file) => file.replace('.json', ''))
    .filter((name) => !name.endsWith('trust-policy'))

  test.each(files)('%s.json is in the stack, or there is a reason why not', (name) => {
    expect([...Object.keys(HAVE), ...Object.keys(LEFT_OUT)]).toContain(name)
  })

  test.each(Object.keys(LEFT_OUT))('%s.json, which the stack leaves out, exists', (name) => {
    expect(files).toContain(name)
  })
})

describe.each(Object.entries(HAVE))('%s', (document, roles) => {
  const given = policies.filter((one) => one.document === document)

  test(`is what ${roles.join(', ')} may do`, () => {
    expect(given.map(({ role }) => role).sort()).toEqual([...roles].sort())
  })

  test('has the statements of docs/iam, one by one', () => {
    const { Version, Statement } = documented(document)
    for (const { policy } of given) {
      for (const [index, statement] of Statement.entries())
        expect({ at: index, ...policy.Statement[index] }).toEqual({ at: index, ...statement })
      expect(policy).toEqual({ Version, Statement })
    }
  })
})

test('no role has a policy that is not in the table', () => {
  expect(policies.filter(({ document, role }) => HAVE[document]?.includes(role) !== true)).toEqual([])
  const roles = Object.values(resources).filter(({ Type }) => Type === 'AWS::IAM::Role')
  const managed = roles.flatMap(({ Properties }) => (Properties['ManagedPolicyArns'] ?? []) as string[])
  expect(managed.sort()).toEqual([
    'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore',
    'arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole'
  ])
})

describe('npm run docs', () => {
  const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

  test('writes the templates as they are', async () => {
    const written = await generatedStacks(read)
    expect([...written]).toEqual([TEMPLATE, PREVIEWS].map((path) => [path, read(path)]))
  })

  test('writes a right that is added to a document to the role that has it', async () => {
    const changed = (path: string): string =>
      path === 'docs/iam/read-policy.json'
        ? read(path).replace('"codedeploy:ListDeployments"', '"codedeploy:ListDeployments", "codedeploy:New"')
        : read(path)
    const [before, after] = [text.split('\n'), (await generatedStacks(changed)).get(TEMPLATE)?.split('\n')]
    expect(after?.filter((line) => !before.includes(line))).toEqual(['                  - codedeploy:New'])
  })

  test('leaves a policy alone whose document is not there', async () => {
    const gone = (path: string): string => {
      if (path.startsWith('docs/iam/')) throw new Error('no such file')
      return read(path)
    }
    expect((await generatedStacks(gone)).get(TEMPLATE)).toBe(text)
  })
})

describe.each(TRUST)('%s', (role, environment, document) => {
  test(`is for jobs in the environment ${environment} alone`, () => {
    const expected = JSON.stringify(documented(document)).replaceAll(
      'environment:production',
      `environment:${environment}`
    )
    expect(resources[role]?.Properties['AssumeRolePolicyDocument']).toEqual(JSON.parse(expected))
  })
})

test('every role for jobs is in that table, and the others are for AWS alone', () => {
  const others = Object.entries(resources).filter(
    ([logical, { Type }]) => Type === 'AWS::IAM::Role' && !TRUST.some(([role]) => role === logical)
  )
  const principals = others.map(([logical, { Properties }]) => [
    logical,
    (Properties['AssumeRolePolicyDocument'] as Document).Statement.map(({ Principal }) => Principal)
  ])
  expect(Object.fromEntries(principals)).toEqual({
    InstanceRole: [{ Service: 'ec2.amazonaws.com' }],
    ServiceRole: [{ Service: 'codedeploy.amazonaws.com' }],
    PreviewInstanceRole: [{ Service: 'ec2.amazonaws.com' }],
    PreviewServiceRole: [{ Service: 'codedeploy.amazonaws.com' }]
  })
})

test('nothing is allowed to everybody', () => {
  const allowed = JSON.stringify(resources, (_, value: unknown) => {
    const { Effect, Principal } = (value ?? {}) as Partial<Statement>
    if (Effect === 'Deny') return 'a refusal'
    return Effect === 'Allow' && JSON.stringify(Principal ?? '').includes('*') ? 'EVERYBODY' : value
  })
  expect(allowed).not.toContain('EVERYBODY')
})

test('rollbacks that keep the alarms get no right on the whole group', () => {
  const kept = policiesOf(bothStacks({ AlarmsDuringRollback: 'keep' }))
  expect(kept.filter(({ document }) => document === 'optional-alarm-override')).toEqual([])
  expect(kept).toHaveLength(policies.length - 1)
})

test('no policy is longer than IAM accepts, however long the names are', () => {
  const inline = new Map<string, number>()
  const longest = {
    ...{ Name: 'n'.repeat(18), Group: 'g'.repeat(12), Bucket: 'b'.repeat(63) },
    ...{ Owner: 'o'.repeat(39), Repository: 'r'.repeat(100) }
  }
  for (const { role, document, policy } of policiesOf(bothStacks(longest))) {
    const length = JSON.stringify(policy).length
    if (document.includes('optional-')) expect(length).toBeLessThan(6144)
    else inline.set(role, (inline.get(role) ?? 0) + length)
  }
  expect(inline.size).toBeGreaterThan(10)
  for (const length of inline.values()) expect(length).toBeLessThan(10_240)
})
