import { describe, expect, test } from '@jest/globals'
import { ofOperation } from '../../src/domain/fault.js'
import { explained } from '../../src/domain/refusal.js'
import { asDocumented, rightsOf } from '../../src/domain/rights.js'
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
    ['codedeploy:UpdateDeploymentGroup', 'alarm-override'],
    ['cloudwatch:DescribeAlarms', 'alarm-states'],
    ['elasticloadbalancing:DescribeTargetHealth', 'target-health']
  ])('%s is in a policy of its own', (right, name) => {
    expect(asDocumented([right])).toBe(`${right}, as docs/iam/optional-${name}.json does`)
    if (!right.startsWith('codedeploy:')) expect(rightsOf(right.split(':')[1] ?? '')).toEqual([right])
  })
})
