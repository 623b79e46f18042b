import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { policyOf } from '../cloud/identity/documents.js'
import type { Policy } from '../cloud/identity/policy.js'
import { trustPolicy } from '../cloud/identity/roles.js'
import { PLACE } from '../cloud/parts.js'
import type { StartOptions } from '../cloud/start.js'
import type { Action } from '../cloud/loadbalancing/model.js'
import { SEEDED } from '../cloud/ec2/templates.js'
import { roleCredentials } from '../cloud/wire/clients.js'
import { setupInputs } from './setup-file.js'
import { openScriptedStage, readable, type Settings, type Stage } from './stage.js'

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

/** An action that forwards to the target group of the deployment group, and to another one. */
const weighted = (own: number, other: number): Action => {
  const { targetGroups } = stage.cloud.planes.inspect
  const [group] = targetGroups.all()
  if (group === undefined) throw new Error('there is no target group')
  const others = targetGroups.create('others', group)
  return {
    type: 'forward',
    groups: [
      { arn: group.arn, weight: own },
      { arn: others.arn, weight: other }
    ]
  }
}

/** Changes the default action of the one listener. */
const forward = (action: Action): void => {
  const { balancers } = stage.cloud.planes.inspect
  for (const listener of balancers.listeners()) balancers.setDefault(listener, action)
}

const check = ({ inputs = {}, ...rest }: Settings = {}): Promise<ActionRun> =>
  stage.run({ inputs: { command: 'check', 'poll-seconds': '', ...inputs }, ...rest })

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
  expect(lines(run).slice(0, 3)).toEqual([
    {
      area: 'Identity',
      verdict: 'ok',
      found: `${stage.cloud.env['ROLE_ARN'] ?? ''} in account ${PLACE.accountId}, region ${PLACE.region}, by an OIDC token (\`id-token: write\`)`
    },
    {
      area: 'Token',
      verdict: 'ok',
      found:
        'sub=repo:example-org/example-app:environment:production aud=sts.amazonaws.com environment=production ref=refs/heads/main'
    },
    { area: 'Session', verdict: 'ok', found: expect.stringContaining('renews the credentials') }
  ])
  expect(readable(run)).toContain('✓ Agent: 1.8.1-3 on 2 instances')
  expect(readable(run)).toContain('✓ Listeners: ExampleApp-blue-green gets the traffic of port')
  expect(readable(run)).toContain('✓ Time of a deployment: at least 40 s until the traffic has moved')
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
  for (const { id } of fleets.allInstances()) stage.cloud.planes.inspect.inventory.agents.set(id, '1.3.2')
  forward(weighted(70, 30))
  const run = await check()
  expect(run.code).toBe(1)
  expect(not('ok', run).map(({ area, verdict }) => `${area}: ${verdict}`)).toEqual([
    'Automatic rollback: warning',
    'Scaling processes: problem',
    'Launch template: problem',
    'Agent: warning',
    'Instance refresh: warning',
    'Launch hooks: problem',
    'Left-over fleets: warning',
    'Listeners: warning',
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
    'Agent: not checked: needs the Auto Scaling group, which could not be read',
    'Instance refresh: not checked: needs autoscaling:DescribeInstanceRefreshes',
    'Launch hooks: not checked: needs autoscaling:DescribeLifecycleHooks',
    'Other deployment groups: not checked: needs codedeploy:ListDeploymentGroups',
    'Left-over fleets: not checked: needs autoscaling:DescribeAutoScalingGroups',
    'Target group: not checked: needs elasticloadbalancing:DescribeTargetGroups',
    'Listeners: not checked: needs the target group ExampleApp-blue-green, which could not be read',
    'Deregistration delay: not checked: needs the target group ExampleApp-blue-green, which could not be read',
    'Alarms: not checked: needs cloudwatch:DescribeAlarms',
    'Time of a deployment: not checked: needs what other lines could not read: sizes, target groups, or configuration',
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

test('a role that may read all but listeners and the inventory sees what these lines need', async () => {
  await open()
  const { role } = stage.cloud
  const denied = ['elasticloadbalancing:DescribeRules', 'ssm:ListInventoryEntries']
  role.policy = {
    ...role.policy,
    Statement: role.policy.Statement.map((statement) => ({
      ...statement,
      Action: [statement.Action].flat().filter((one) => !denied.includes(one))
    }))
  }
  expect(not('ok', await check()).map(({ area, found }) => `${area}: ${found}`)).toEqual([
    'Agent: not checked: needs ssm:ListInventoryEntries (docs/iam/check-policy.json)',
    'Listeners: not checked: needs elasticloadbalancing:DescribeRules (docs/iam/check-policy.json)'
  ])
})

test('an inventory that has no agent is no problem, but checks nothing', async () => {
  await open()
  const { fleets, inventory } = stage.cloud.planes.inspect
  for (const { id } of fleets.allInstances()) inventory.agents.set(id, undefined)
  const run = await check()
  expect(run.code).toBe(0)
  expect(not('ok', run)).toMatchObject([{ area: 'Agent', verdict: 'not-checked' }])
})

test('a target group with the weight 0 gets no traffic', async () => {
  await open()
  forward(weighted(0, 1))
  expect(not('ok', await check())).toMatchObject([
    { area: 'Listeners', verdict: 'warning', found: expect.stringContaining('has the weight 0 in port') }
  ])
})

test('a target group whose traffic a rule shares with another one is a warning', async () => {
  await open()
  const { balancers } = stage.cloud.planes.inspect
  const [listener] = balancers.listeners()
  if (listener === undefined) throw new Error('there is no listener')
  const conditions = [{ field: 'path-pattern', values: ['/api/*'] }] as const
  balancers.addRule(listener, { ...{ priority: 7, conditions, tags: new Map() }, action: weighted(1, 1) })
  expect(not('ok', await check())).toMatchObject([
    { area: 'Listeners', verdict: 'warning', found: expect.stringContaining('the rule 7 of port') }
  ])
})

test('the token of a pull request is a warning', async () => {
  await open()
  const { cloud } = stage
  cloud.run.event = 'pull_request'
  delete cloud.run.environment
  cloud.role.trust = trustPolicy(PLACE.accountId, ['repo:*:pull_request'], 'sts.amazonaws.com')
  const run = await check()
  expect(run.code).toBe(0)
  expect(not('ok', run)).toMatchObject([
    { area: 'Token', verdict: 'warning', found: expect.stringContaining(':pull_request aud=') }
  ])
})

test('a key without an end is a warning', async () => {
  await open()
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = stage.cloud.env
  const run = await check({
    inputs: { 'role-to-assume': '' },
    env: { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ACTIONS_ID_TOKEN_REQUEST_URL: '' }
  })
  expect(run.code).toBe(0)
  expect(not('ok', run)).toMatchObject([
    { area: 'Identity', verdict: 'warning', found: expect.stringContaining('no `id-token: write`') }
  ])
  expect(readable(run)).not.toContain(AWS_SECRET_ACCESS_KEY)
})

test('credentials of an earlier step that may end before the waits of the group do are a warning', async () => {
  await open({ terminationWaitMinutes: 60 })
  const { accessKeyId, secretAccessKey, sessionToken } = await roleCredentials(stage.cloud)
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  const run = await check({
    inputs: { 'role-to-assume': '' },
    env: { ...env, AWS_SESSION_TOKEN: sessionToken ?? '' }
  })
  expect(not('ok', run)).toMatchObject([
    { area: 'Session', verdict: 'warning', found: expect.stringContaining('the group waits 60 min') }
  ])
})

test('hooks that may take longer than a job are a warning', async () => {
  await open()
  const hooks = `hooks:\n  ApplicationStart:\n    - { location: start.sh, timeout: 3600 }\n`
  const slow = Array.from({ length: 6 }, (_, at) =>
    hooks.replace('ApplicationStart', EVENTS[at] ?? '').replace('hooks:\n', '')
  ).join('')
  await writeFile(
    join(stage.scratch, 'appspec.yml'),
    `version: 0.0\nos: linux\nfiles:\n  - { source: /, destination: /srv/app }\nhooks:\n${slow}`
  )
  await writeFile(join(stage.scratch, 'start.sh'), '#!/bin/bash\ntrue\n', { mode: 0o755 })
  const run = await check({ env: { GITHUB_WORKSPACE: stage.scratch, RUNNER_ENVIRONMENT: 'github-hosted' } })
  expect(not('ok', run)).toMatchObject([
    { area: 'Time of a deployment', verdict: 'warning' },
    { area: 'AppSpec', verdict: 'warning' }
  ])
})

describe('before there is a group', () => {
  const missing = { 'deployment-group-name': 'absent' }
  const summed = (run: ActionRun): string[] => lines(run).map(({ area, verdict }) => `${area}: ${verdict}`)

  test('what a setup file names is judged', async () => {
    stage = await openScriptedStage({ empty: true })
    stage.cloud.role.policy = policyOf(PLACE, 'check-policy.json')
    setupInputs(stage, { alarms: '[5xx]' })
    const run = await check({ env: { GITHUB_WORKSPACE: stage.scratch } })
    expect(run.code).toBe(1)
    expect(summed(run).slice(3)).toEqual([
      'Application: problem',
      'Deployment group: problem',
      'Setup file: ok',
      'Service role: ok',
      'Auto Scaling group: problem',
      'Launch template: ok',
      'Instance profile: ok',
      'Rights of the service role: ok',
      'Rights of the instances: ok',
      'Left-over fleets: ok',
      'Target group: ok',
      'Listeners: ok',
      'Deregistration delay: warning',
      'Alarms: problem',
      'Waits: not-checked',
      'Automatic rollback: not-checked',
      'Minimum healthy hosts: not-checked',
      'Time of a deployment: not-checked',
      'Bucket: ok',
      'Versioning: ok',
      'Public access: warning',
      'Lifecycle rules: ok',
      'Encryption: ok'
    ])
    expect(readable(run)).toContain('Run `command: setup` with `dry-run: false`')
  })

  test('what does not exist either is a problem each', async () => {
    stage = await openScriptedStage({ empty: true })
    stage.cloud.role.policy = mayOnly('*')
    stage.cloud.planes.inspect.fleets.goneTemplates.add(SEEDED.id)
    setupInputs(stage, {
      'target-groups': '[absent]',
      'service-role': `arn:aws:iam::${PLACE.accountId}:role/absent`
    })
    const run = await check({
      inputs: { 's3-bucket': 'example-absent' },
      env: { GITHUB_WORKSPACE: stage.scratch }
    })
    expect(summed(run).filter((line) => line.endsWith('problem'))).toEqual([
      'Application: problem',
      'Deployment group: problem',
      'Service role: problem',
      'Auto Scaling group: problem',
      'Launch template: problem',
      'Target group: problem',
      'Bucket: problem'
    ])
  })

  test('without a setup file, the lines about the group need one', async () => {
    await open()
    stage.cloud.role.policy = mayOnly('*')
    const run = await check({ inputs: missing })
    expect(run.code).toBe(1)
    expect(
      not('not-checked', run)
        .map(({ area, verdict }) => `${area}: ${verdict}`)
        .slice(3, 5)
    ).toEqual(['Application: ok', 'Deployment group: problem'])
    expect(readable(run)).toContain(
      '? Target group: not checked: needs the deployment group, or a setup file (`setup-file`)'
    )
    expect(readable(run)).toContain('? Waits: not checked: needs the deployment group')
  })

  test('a setup file of another group, or with a mistake, is a warning', async () => {
    await open()
    stage.cloud.role.policy = mayOnly('*')
    setupInputs(stage)
    const other = await check({ inputs: missing, env: { GITHUB_WORKSPACE: stage.scratch } })
    expect(readable(other)).toContain(
      '! Setup file: .github/codedeploy.yml describes ExampleApp/ExampleGroup'
    )
    setupInputs(stage, { strategy: 'sideways' })
    const wrong = await check({ inputs: missing, env: { GITHUB_WORKSPACE: stage.scratch } })
    expect(readable(wrong)).toMatch(/! Setup file: \.github\/codedeploy\.yml:6:11: .*sideways/)
  })
})

const EVENTS = [
  'BeforeInstall',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
  'BeforeAllowTraffic',
  'AfterAllowTraffic'
]
