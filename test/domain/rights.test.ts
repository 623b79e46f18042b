import { describe, expect, test } from '@jest/globals'
import { ofOperation } from '../../src/domain/fault.js'
import { explained } from '../../src/domain/refusal.js'
import { asDocumented, rightsOf, rolePolicy } from '../../src/domain/rights.js'
import { refusal } from '../fakes/nouns.js'

const NAMED =
  'User: arn:aws:sts::1:assumed-role/x is not authorized to perform: codedeploy:GetDeploymentConfig on resource: arn:y'

describe('a denied call names the permission and the policy that has it', () => {
  test.each([
    ['CreateDeployment', NAMED, 'codedeploy:GetDeploymentConfig'],
    ['StopDeployment', 'denied', 'codedeploy:StopDeployment'],
    ['ListObjectsV2', 'Access Denied', 's3:ListBucket'],
    // A HEAD has no body, so its refusal has no sentence.
    ['HeadObject', 'UnknownError', 's3:GetObject, s3:GetObjectVersion, s3:ListBucket'],
    ['UploadPartCopy 3', 'Access Denied', 's3:GetObject, s3:GetObjectVersion, s3:PutObject'],
    ['', 'Access Denied', 'the action']
  ])('%s: %s', (operation, message, rights) => {
    const error = ofOperation(refusal('AccessDenied', message, 403), operation)
    expect(explained(error)).toMatchObject({
      hint: expect.stringContaining(`allow the role ${rights}, as docs/iam/action-policy.json does.`)
    })
  })

  test.each([
    ['deploy', 'docs/iam/action-policy.json'],
    ['rollback', 'docs/iam/rollback-policy.json'],
    ['release', 'docs/iam/rollback-policy.json'],
    ['history', 'docs/iam/read-policy.json'],
    [
      'preview',
      'docs/iam/preview-policy.json (the plan) or docs/iam/optional-running-preview.json (the running preview)'
    ]
  ])('%s: a role for it gets no more than %s', (command, document) => {
    const denied = (operation: string): unknown =>
      explained(ofOperation(refusal('AccessDenied', 'no', 403), operation, rolePolicy(command)))
    expect(denied('GetDeployment')).toMatchObject({
      hint: expect.stringContaining(`allow the role codedeploy:GetDeployment, as ${document} does.`)
    })
    expect(denied('')).toMatchObject({
      hint: expect.stringContaining(`allow the role the action, as ${document} does.`)
    })
    expect(denied('DescribeTargetHealth')).toMatchObject({
      hint: expect.stringContaining('as docs/iam/optional-target-health.json does.')
    })
  })

  test.each([
    ['codedeploy:UpdateDeploymentGroup', 'alarm-override'],
    ['cloudwatch:DescribeAlarms', 'alarm-states'],
    ['elasticloadbalancing:DescribeTargetHealth', 'target-health'],
    ['ssm:SendCommand', 'instance-logs'],
    ['ssm:GetCommandInvocation', 'instance-logs'],
    ['ec2:GetConsoleOutput', 'instance-console']
  ])('%s is in a policy of its own', (right, name) => {
    expect(asDocumented([right])).toBe(`${right}, as docs/iam/optional-${name}.json does`)
    if (!right.startsWith('codedeploy:')) expect(rightsOf(right.split(':')[1] ?? '')).toEqual([right])
  })
})

describe('a preview at an address of its own', () => {
  const role = rolePolicy('preview', { host: 'pr-{number}.example.com' })

  test.each([
    ['elasticloadbalancing:DescribeTargetGroups', 'docs/iam/optional-preview-environments.json'],
    ['autoscaling:DeleteAutoScalingGroup', 'docs/iam/optional-preview-environments.json'],
    ['ec2:RunInstances', 'docs/iam/optional-preview-environments.json'],
    ['iam:PassRole', 'docs/iam/optional-preview-environments.json'],
    ['elasticloadbalancing:DescribeTargetHealth', 'docs/iam/optional-target-health.json'],
    ['s3:PutObject', role]
  ])('needs %s, as %s has it', (right, document) => {
    expect(asDocumented([right], role)).toBe(`${right}, as ${document} does`)
  })

  test('is taken down by a role of its own', () => {
    expect(rolePolicy('cleanup', { what: 'previews' })).toBe('docs/iam/preview-cleanup-policy.json')
    expect(rolePolicy('cleanup', { what: 'deployments' })).toBe('docs/iam/cleanup-policy.json')
  })
})
