import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { jobEnvironment, runAction, type ActionRun } from '../action/run.js'
import { PLACE, RUN } from '../cloud/parts.js'
import type { Cloud } from '../cloud/start.js'
import { BARE, commitOf, writeApp } from '../scenarios/app.js'
import { filledIn, FILES, openFestival } from './pages.js'
import { blocksOf, hasClient, openShell, succeeded, type Shell } from './shell.js'

// The commands of docs/setup-by-hand.md and docs/instance-logs.md, pasted word for word, with the stock client; and what the action can
// do with what they made.

const ifClient = hasClient ? describe : describe.skip

/** As the action's job runs, with what the page made instead of what the cloud had. */
const act = (cloud: Cloud, role: string, inputs: Record<string, string>): Promise<ActionRun> =>
  runAction({
    inputs: {
      'aws-region': PLACE.region,
      'role-to-assume': `arn:aws:iam::${PLACE.accountId}:role/${role}`,
      'application-name': 'festival',
      'deployment-group-name': 'web',
      ...inputs
    },
    env: {
      ...jobEnvironment(cloud.env),
      GITHUB_REPOSITORY: `${RUN.owner}/${RUN.repository}`,
      GITHUB_RUN_ID: '1',
      GITHUB_SHA: commitOf('v1'),
      NODE_NO_WARNINGS: '1'
    }
  })

ifClient('an account without roles, bucket and application', () => {
  let cloud: Cloud
  let shell: Shell
  beforeAll(async () => {
    cloud = await openFestival()
    shell = await openShell(FILES, cloud.env)
    // A load balancer and a fleet, and nothing else.
    const provider = `arn:aws:iam::${PLACE.accountId}:oidc-provider/token.actions.githubusercontent.com`
    succeeded(
      await shell.run(`aws iam delete-open-id-connect-provider --open-id-connect-provider-arn ${provider}`)
    )
    succeeded(await shell.run('aws deploy delete-application --application-name festival'))
  })
  afterAll(async () => {
    expect(cloud.planes.inspect.faults()).toEqual([])
    await cloud.stop()
    await shell.close()
  })
  const paste = async (block: string): Promise<void> => {
    succeeded(await shell.run(filledIn(block)))
  }

  test('has no identity provider, so no job gets in', async () => {
    const run = await act(cloud, 'festival-deploy', { command: 'history' })
    expect(run.log).toContain('No OpenIDConnect provider found in your account')
    expect(run.code).toBe(1)
  })

  test('has all that a deployment needs after the commands of docs/setup-by-hand.md, word for word', async () => {
    for (const block of await blocksOf('docs/setup-by-hand.md')) await paste(block)
    expect(await shell.gh()).toContain(`gh api repos/${RUN.owner}/${RUN.repository} --jq`)
    const folder = await writeApp(join(shell.folder, 'v1'), 'v1', BARE)
    const run = await act(cloud, 'festival-deploy', {
      ...{ source: folder, 's3-bucket': 'festival-bundles', 'poll-seconds': '0.2' }
    })
    expect(run.log).toContain('festival/web')
    expect([run.code, run.outputs['status']]).toEqual([0, 'succeeded'])
  })

  test('keeps each role for the jobs of its own environment', async () => {
    cloud.run.environment = 'rollback-list'
    expect((await act(cloud, 'festival-rollback-list', { command: 'history' })).code).toBe(0)
    expect((await act(cloud, 'festival-deploy', { command: 'history' })).code).toBe(1)
    cloud.run.environment = 'rollback'
    const again = await act(cloud, 'festival-rollback', {
      ...{ command: 'rollback', commit: commitOf('v1'), 's3-bucket': 'festival-bundles' }
    })
    expect([again.code, again.outputs['rollback-way']]).toEqual([0, 'already-live'])
  })

  test('shows the logs of its instances after the commands of docs/instance-logs.md', async () => {
    const name = (
      await shell.run(
        `aws deploy get-deployment-group --application-name festival --deployment-group-name web --output text \\
         --query 'deploymentGroupInfo.autoScalingGroups[0].name'`
      )
    ).out.trim()
    for (const block of await blocksOf('docs/instance-logs.md')) {
      // By now, the first deployment has given the group another name.
      succeeded(await shell.run(filledIn(block).replace('ResourceId=festival-web,', `ResourceId=${name},`)))
    }
    expect(cloud.planes.inspect.documents.find('codedeploy-instance-logs')).toBeDefined()
  })

  test('refuses what is there already as IAM does', async () => {
    const blocks = await blocksOf('docs/setup-by-hand.md')
    const made = await shell.run(blocks.find((block) => block.includes('create-instance-profile')) ?? '')
    expect(made.errors).toContain('(EntityAlreadyExists) when calling the CreateRole operation')
  })

  test.each([
    ['aws iam list-users', 'iam:ListUsers'],
    ['aws cloudformation list-stacks', 'cloudformation:ListStacks'],
    ['aws s3api get-bucket-policy --bucket festival-bundles', 's3:GET ?policy'],
    ['aws events list-rules', 'AWSEvents:ListRules'],
    ['aws lambda list-functions', 'lambda:GET /2015-03-31/functions']
  ])('is told plainly that the local cloud does not simulate `%s`', async (command, operation) => {
    const { code, errors } = await shell.run(command)
    expect(code).not.toBe(0)
    expect(errors).toContain('(NotSimulated)')
    expect(errors).toContain(`The local cloud does not simulate ${operation}`)
  })
})
