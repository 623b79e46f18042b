import { describe, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { read, ROOT } from './files.js'

interface Statement {
  Action: string | string[]
  Resource: string | string[]
}

const policy = JSON.parse(read('docs/iam/action-policy.json')) as { Statement: Statement[] }
const granted = policy.Statement.flatMap(({ Action }) => Action)

/** Calls whose right has another name, or that need none (AWS: Service Authorization Reference). */
const RIGHTS: Readonly<Record<string, string[]>> = {
  DescribeTargetGroups: ['elasticloadbalancing:DescribeTargetGroups'],
  DescribeTargetHealth: ['elasticloadbalancing:DescribeTargetHealth'],
  GetCallerIdentity: [],
  AssumeRoleWithWebIdentity: [],
  HeadObject: ['s3:GetObject', 's3:GetObjectVersion'],
  GetObject: ['s3:GetObject', 's3:GetObjectVersion'],
  ListObjectsV2: ['s3:ListBucket'],
  PutObject: ['s3:PutObject'],
  CopyObject: ['s3:GetObject', 's3:PutObject'],
  CreateMultipartUpload: ['s3:PutObject'],
  UploadPart: ['s3:PutObject'],
  UploadPartCopy: ['s3:GetObject', 's3:PutObject'],
  CompleteMultipartUpload: ['s3:PutObject'],
  AbortMultipartUpload: ['s3:AbortMultipartUpload']
}

/** What CreateDeployment asks for beside its own right (reference §4.2, captures §9). */
const IMPLIED = [
  'codedeploy:GetApplicationRevision',
  'codedeploy:GetDeploymentConfig',
  'codedeploy:RegisterApplicationRevision'
]

const called = readdirSync(join(ROOT, 'src/edge'))
  .flatMap((name) => [...read(`src/edge/${name}`).matchAll(/new (\w+)Command\(/g)])
  .map(([, name = '']) => name)

describe('the policy of docs/security.md', () => {
  test.each([...new Set(called)].sort())('allows %s', (name) => {
    expect(granted).toEqual(expect.arrayContaining(RIGHTS[name] ?? [`codedeploy:${name}`]))
  })

  test('allows nothing that is not called', () => {
    const needed = [...called.flatMap((name) => RIGHTS[name] ?? [`codedeploy:${name}`]), ...IMPLIED]
    expect(granted.filter((right) => right.startsWith('codedeploy:') && !needed.includes(right))).toEqual([])
  })

  test('is open to every resource only for the six calls that know none', () => {
    const open = policy.Statement.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action)
    expect(open).toEqual([
      'codedeploy:BatchGetDeploymentTargets',
      'codedeploy:ContinueDeployment',
      'codedeploy:ListDeploymentTargets',
      'codedeploy:StopDeployment',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth'
    ])
  })
})

test('the trust policy holds both forms of the subject, and no pattern', () => {
  const text = read('docs/iam/trust-policy.json')
  expect(text).toContain('"repo:ORG/REPOSITORY:environment:production"')
  expect(text).toContain('"repo:ORG@ORG_ID/REPOSITORY@REPOSITORY_ID:environment:production"')
  expect(text).not.toContain('*')
})
