import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import type { ActionRun } from '../action/run.js'
import { FLEET, setupInputs } from './setup-file.js'
import { openScriptedStage, readable, type Settings, type Stage } from './stage.js'

// `command: setup` through dist, against an account that has a load balancer and nothing of CodeDeploy, with the documented role.

const WRITES = /^(Create|Update)(Application|AutoScalingGroup|DeploymentConfig|DeploymentGroup)$/

let stage: Stage
beforeEach(async () => {
  stage = await openScriptedStage({ empty: true })
  stage.cloud.role.policy = policyOf(PLACE, 'setup-policy.json')
})
afterEach(async () => {
  await stage.close()
})

const setup = (
  inputs: Record<string, string> = {},
  changes: Record<string, string> = {},
  settings: Settings = {}
): Promise<ActionRun> =>
  stage.run({
    ...settings,
    inputs: { ...setupInputs(stage, changes), ...inputs },
    env: { GITHUB_WORKSPACE: stage.scratch, ...settings.env }
  })
const apply = { 'dry-run': 'false' }
const writes = (from = 0): string[] =>
  stage.cloud.requests
    .slice(from)
    .map(({ operation }) => operation)
    .filter((operation) => WRITES.test(operation))
const changesOf = (run: ActionRun): { what: string }[] =>
  JSON.parse(run.outputs['changes'] ?? '') as { what: string }[]

describe('an account without a group', () => {
  test('the first run only shows what it would make', async () => {
    const run = await setup()
    const log = readable(run)
    expect(run.code).toBe(0)
    expect(log).toContain(
      `3 changes to make ${PLACE.application}/${PLACE.deploymentGroup} as .github/codedeploy.yml says:`
    )
    expect(log).toContain('Run this with `dry-run: false` to make these changes.')
    expect(changesOf(run).map(({ what }) => what)).toEqual([
      `application ${PLACE.application}`,
      `Auto Scaling group ${FLEET}`,
      `deployment group ${PLACE.application}/${PLACE.deploymentGroup}`
    ])
    expect(writes()).toEqual([])
  })

  test('`dry-run: false` makes it, a second run has nothing to do, and a bundle can be deployed to it', async () => {
    const first = await setup(apply)
    expect(readable(first)).toContain('Read again after the changes: everything is as the file says.')
    expect(first.code).toBe(0)
    expect(writes()).toEqual(['CreateApplication', 'CreateAutoScalingGroup', 'CreateDeploymentGroup'])

    const before = stage.cloud.requests.length
    const second = await setup(apply)
    expect(readable(second)).toContain('Nothing to change.')
    expect(second.outputs['changes']).toBe('[]')
    expect(writes(before)).toEqual([])
  })

  test('a change keeps the Auto Scaling group that a deployment gave to the group, and everything else', async () => {
    const short = { 'keep-old-fleet': '1m', alarms: '[]' }
    await setup(apply, short)
    stage.cloud.role.policy = policyOf(PLACE, 'action-policy.json')
    const deployed = await stage.deploy('v1', { inputs: { 'wait-for': 'complete' } })
    expect(deployed.code).toBe(0)
    stage.cloud.role.policy = policyOf(PLACE, 'setup-policy.json')

    const longer = { ...short, 'keep-old-fleet': '30m' }
    const run = await setup(apply, longer)
    expect(readable(run)).toContain('keep-old-fleet: 1 min → 30 min')
    expect(run.code).toBe(0)
    expect(changesOf(run).map(({ what }) => what)).toEqual(['keep-old-fleet'])
    expect(stage.cloud.planes.inspect.fleets.all().map(({ name }) => name)).toEqual([
      expect.stringMatching(/^CodeDeploy_/)
    ])
    expect((await setup(apply, longer)).outputs['changes']).toBe('[]')
  })

  test('nothing is changed while a deployment has not ended, its termination wait included', async () => {
    await setup(apply)
    stage.cloud.role.policy = policyOf(PLACE, 'action-policy.json')
    const deployed = await stage.deploy('v1')
    stage.cloud.role.policy = policyOf(PLACE, 'setup-policy.json')
    const before = stage.cloud.requests.length
    const run = await setup(apply, { 'keep-old-fleet': '30m' })
    expect(run.code).toBe(1)
    expect(readable(run)).toContain(
      `was not changed, because the deployment ${deployed.outputs['deployment-id'] ?? '?'} has not ended`
    )
    expect(writes(before)).toEqual([])
  })

  test('ten runs at once make one group', async () => {
    const runs = await Promise.all(Array.from({ length: 10 }, () => setup(apply)))
    expect(runs.map(({ code }) => code)).toEqual(runs.map(() => 0))
    const done = stage.cloud.requests.filter(
      ({ operation, status }) => operation === 'CreateDeploymentGroup' && status === 200
    )
    expect(done).toHaveLength(1)
  })

  test.each(['CreateApplication', 'CreateAutoScalingGroup', 'CreateDeploymentGroup'])(
    'a run that is killed once %s was carried out is finished by the next one',
    async (operation) => {
      const killed = await setup(
        apply,
        {},
        {
          onLog: (_text, child) => {
            if (stage.cloud.requests.some((request) => request.operation === operation)) child.kill('SIGKILL')
          },
          env: { RUNNER_DEBUG: '1' }
        }
      )
      expect(killed.code).not.toBe(0)
      const run = await setup(apply)
      expect(run.code).toBe(0)
      expect((await setup()).outputs['changes']).toBe('[]')
    }
  )

  test('a refused permission says what was made, what is missing, and where it is documented', async () => {
    const policy = policyOf(PLACE, 'setup-policy.json')
    stage.cloud.role.policy = {
      ...policy,
      Statement: policy.Statement.filter(({ Sid }) => Sid !== 'CodeDeploysRole')
    }
    const run = await setup(apply)
    const log = readable(run)
    expect(run.code).toBe(1)
    expect(log).toContain(`Created the Auto Scaling group ${FLEET}.`)
    expect(log).toContain('What was made stays, and the next run continues from there.')
    expect(log).toContain('iam:PassRole, as docs/iam/setup-policy.json does')
  })
})

describe('a file with mistakes', () => {
  test('names every one with its line and column, and calls nothing', async () => {
    const run = await setup(apply, { strategy: 'canary', 'keep-old-fleet': '3d', trafic: 'all-at-once' })
    const log = readable(run)
    expect(run.code).toBe(1)
    expect(log).toContain('3 mistakes in the setup file:')
    expect(log).toContain(
      '.github/codedeploy.yml:6:11: `strategy` is `canary`; expected one of `blue-green`, `in-place`'
    )
    expect(log).toContain(
      '.github/codedeploy.yml:8:17: `keep-old-fleet` is `3d`; expected `forever`, `0` or a time of at most 48 hours'
    )
    expect(log).toContain('unknown key `trafic`; did you mean `traffic`?')
    expect(stage.cloud.requests).toEqual([])
  })

  test('a target group that does not exist is refused before anything is made', async () => {
    const run = await setup(apply, { 'target-groups': '[elsewhere]' })
    expect(readable(run)).toContain('There is no target group elsewhere in this region')
    expect(run.code).toBe(1)
    expect(writes()).toEqual([])
  })

  test('without the file, it says where it looked', async () => {
    const run = await setup({ ...apply, 'setup-file': 'missing.yml' })
    expect(readable(run)).toContain('There is no setup file missing.yml in the workspace.')
    expect(run.code).toBe(1)
  })
})
