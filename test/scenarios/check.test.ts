import { afterEach, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { policyOf } from '../cloud/identity/documents.js'
import type { Policy } from '../cloud/identity/policy.js'
import { PLACE } from '../cloud/parts.js'
import type { StartOptions } from '../cloud/start.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

/** A group without a fault, unless `seed` says otherwise, and a role with the documented policy. */
const open = async (seed: StartOptions['seed'] = {}): Promise<void> => {
  stage = await openScriptedStage({
    seed: {
      alarms: ['5xx'],
      autoRollbackEvents: ['DEPLOYMENT_FAILURE'],
      deregistrationDelaySeconds: 30,
      ...seed
    }
  })
  stage.cloud.role.policy = policyOf(PLACE, 'check-policy.json')
  const [fleet] = stage.cloud.planes.inspect.fleets.all()
  if (fleet?.launchTemplate !== undefined) fleet.launchTemplate.version = '3'
  const bucket = stage.cloud.store.buckets.get(PLACE.bucket)
  if (bucket !== undefined)
    bucket.publicAccessBlock = {
      ...{ BlockPublicAcls: true, IgnorePublicAcls: true },
      ...{ BlockPublicPolicy: true, RestrictPublicBuckets: true }
    }
}

const check = (): Promise<ActionRun> => stage.run({ inputs: { command: 'check', 'poll-seconds': '' } })

interface Line {
  area: string
  verdict: string
  found: string
}

const lines = (run: ActionRun): Line[] => JSON.parse(run.outputs['check'] ?? '[]') as Line[]
const not = (verdict: string, run: ActionRun): Line[] => lines(run).filter((line) => line.verdict !== verdict)

test('a group without a fault is all right, and nothing is changed', async () => {
  await open()
  const run = await check()
  expect(not('ok', run)).toEqual([])
  expect(run.code).toBe(0)
  expect(readable(run)).toContain('0 problems, 0 warnings, 0 not checked')
  expect(run.summary).toContain('The check found no problem')
  expect(
    stage.cloud.requests.filter(
      ({ operation }) => !/^(BatchGet|Get|List|Describe|Head|Assume|Simulate)/.test(operation)
    )
  ).toEqual([])
})

test('each defect is a line with its cure, and one that stops a deployment fails the job', async () => {
  await open({ deregistrationDelaySeconds: 300, autoRollbackEvents: [] })
  const { alarms, fleets } = stage.cloud.planes.inspect
  alarms.set('5xx', 'ALARM')
  const [fleet] = fleets.all()
  fleet?.suspended.add('Launch')
  if (fleet !== undefined) {
    fleet.refreshes = ['InProgress', 'Successful']
    fleets.goneTemplates.add(fleet.launchTemplate?.id ?? '')
    fleets.create({ ...fleet, name: `CodeDeploy_${PLACE.deploymentGroup}_d-LEFTOVER1`, min: 0, desired: 0 })
  }
  const bucket = stage.cloud.store.buckets.get(PLACE.bucket)
  if (bucket !== undefined)
    bucket.lifecycleRules = [
      { ID: 'old', Status: 'Enabled', Filter: { Prefix: 'codedeploy/' }, Expiration: { Days: 30 } },
      { ID: 'off', Status: 'Disabled', Filter: {}, Expiration: { Days: 1 } }
    ]
  for (const hook of [...(fleet?.hooks.keys() ?? [])]) fleets.deleteHook(fleet?.name ?? '', hook)
  const run = await check()
  expect(run.code).toBe(1)
  expect(not('ok', run).map(({ area, verdict }) => `${area}: ${verdict}`)).toEqual([
    'Automatic rollback: warning',
    'Scaling processes: problem',
    'Launch template: problem',
    'Instance refresh: warning',
    'Launch hooks: problem',
    'Left-over fleets: warning',
    'Deregistration delay: warning',
    'Alarms: problem',
    'Lifecycle rules: warning'
  ])
  expect(readable(run)).toContain('✗ Alarms: 5xx is in ALARM now')
  expect(readable(run)).toContain('aws autoscaling resume-processes')
  expect(run.summary).toContain('Deployments need fixes first')
})

test('roles that lack what a deployment needs are told, with the document that has it', async () => {
  await open()
  const [service, instance] = stage.cloud.others
  if (service === undefined || instance === undefined) throw new Error('a role is missing')
  service.policy = { Version: '2012-10-17', Statement: [] }
  service.trust = { ...instance.trust }
  instance.policy = { Version: '2012-10-17', Statement: [] }
  const run = await check()
  expect(run.code).toBe(1)
  expect(not('ok', run).map(({ area, verdict, found }) => `${area}: ${verdict}: ${found}`)).toEqual([
    'Service role: problem: CodeDeployServiceRole does not trust codedeploy.amazonaws.com, only ec2.amazonaws.com',
    "Rights of the service role: warning: IAM's simulation refuses CodeDeployServiceRole ec2:RunInstances, ec2:CreateTags, iam:PassRole",
    `Rights of the instances: warning: IAM's simulation refuses ExampleInstanceRole s3:GetObject on arn:aws:s3:::${PLACE.bucket}/codedeploy/${PLACE.application}/*`
  ])
  expect(readable(run)).toContain('docs/iam/service-role-policy.json')
})

test('a role that may read all but roles is told what the lines about them need', async () => {
  await open()
  const { role } = stage.cloud
  role.policy = {
    ...role.policy,
    Statement: role.policy.Statement.filter(
      ({ Action }) => ![Action].flat().some((one) => one.startsWith('iam:'))
    )
  }
  const run = await check()
  expect(run.code).toBe(0)
  expect(not('ok', run).map(({ found }) => found)).toEqual([
    'not checked: needs iam:GetRole (docs/iam/check-policy.json)',
    'not checked: needs iam:SimulatePrincipalPolicy (docs/iam/check-policy.json)',
    'not checked: needs iam:GetInstanceProfile (docs/iam/check-policy.json)'
  ])
})

const mayOnly = (Action: string): Policy => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }]
})

test('a role that may only read the group gets that, and what each other line needs', async () => {
  await open()
  stage.cloud.role.policy = mayOnly('codedeploy:GetDeploymentGroup')
  const run = await check()
  expect(run.code).toBe(0)
  const unchecked = lines(run).filter(({ verdict }) => verdict === 'not-checked')
  expect(unchecked.map(({ area, found }) => `${area}: ${found.replace(/ \(.*$/, '')}`)).toEqual([
    'Service role: not checked: needs iam:GetRole',
    'Auto Scaling group: not checked: needs autoscaling:DescribeAutoScalingGroups',
    'Launch template: not checked: needs the Auto Scaling group, which could not be read',
    'Rights of the service role: not checked: needs the Auto Scaling group, which could not be read',
    'Rights of the instances: not checked: needs the Auto Scaling group, which could not be read',
    'Minimum healthy hosts: not checked: needs the Auto Scaling group, which could not be read',
    'Instance refresh: not checked: needs autoscaling:DescribeInstanceRefreshes',
    'Launch hooks: not checked: needs autoscaling:DescribeLifecycleHooks',
    'Other deployment groups: not checked: needs codedeploy:ListDeploymentGroups',
    'Left-over fleets: not checked: needs autoscaling:DescribeAutoScalingGroups',
    'Target group: not checked: needs elasticloadbalancing:DescribeTargetGroups',
    'Deregistration delay: not checked: needs the target group ExampleApp-blue-green, which could not be read',
    'Alarms: not checked: needs cloudwatch:DescribeAlarms',
    'Bucket: not checked: needs s3:ListBucket',
    'Versioning: not checked: needs s3:GetBucketVersioning',
    'Public access: not checked: needs s3:GetBucketPublicAccessBlock',
    'Lifecycle rules: not checked: needs s3:GetLifecycleConfiguration',
    'Encryption: not checked: needs s3:GetEncryptionConfiguration'
  ])
})

test('a role that may read nothing is told what the first read needs', async () => {
  await open()
  stage.cloud.role.policy = mayOnly('s3:ListBucket')
  const run = await check()
  expect(run.code).toBe(0)
  expect(readable(run)).toContain(
    'Deployment group: not checked: needs codedeploy:GetDeploymentGroup (docs/iam/check-policy.json)'
  )
})

test('a group that does not exist is a problem', async () => {
  await open()
  stage.cloud.role.policy = mayOnly('*')
  const run = await stage.run({
    inputs: { command: 'check', 'poll-seconds': '', 'deployment-group-name': 'absent' }
  })
  expect(run.code).toBe(1)
  expect(lines(run)[0]).toMatchObject({ area: 'Deployment group', verdict: 'problem' })
})
