import { ContinueDeploymentCommand, StopDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { rolePolicy } from '../cloud/identity/documents.js'
import type { Switches } from '../cloud/contract.js'
import { PLACE } from '../cloud/parts.js'
import { clientsOf } from '../cloud/wire/clients.js'
import { commitOf } from './app.js'
import { openScriptedStage, openStage, readable, type Stage } from './stage.js'

// Histories in which the last successful deployment is not what visitors see.

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const short = (version: string): string => commitOf(version).slice(0, 8)

const last = () => {
  const deployment = stage.cloud.planes.inspect.deployments().at(-1)
  if (deployment === undefined) throw new Error('nothing was deployed yet')
  return deployment
}

const over = async (): Promise<void> => {
  while (!/Succeeded|Failed|Stopped/.test(last().status)) await stage.cloud.clock.sleep(2_000)
}

/** Deploys, and stops the deployment in its termination wait without a rollback: it serves, but its status is Stopped. */
const deployAndStop = async (version: string): Promise<void> => {
  expect((await stage.deploy(version)).code).toBe(0)
  const { codedeploy } = clientsOf(stage.cloud)
  await codedeploy.send(new StopDeploymentCommand({ deploymentId: last().id, autoRollbackEnabled: false }))
  await over()
  expect({ status: last().status, served: await stage.serving() }).toEqual({
    status: 'Stopped',
    served: version
  })
}

/** Deploys until the old fleet is gone. */
const deployWhole = async (version: string): Promise<ActionRun> => {
  const run = await stage.deploy(version)
  expect(run.code).toBe(0)
  const { codedeploy } = clientsOf(stage.cloud)
  await codedeploy.send(
    new ContinueDeploymentCommand({ deploymentId: last().id, deploymentWaitType: 'TERMINATION_WAIT' })
  )
  await over()
  return run
}

type Rows = { commit: string | null; live: boolean; status: string }[]
const liveRows = (run: ActionRun): (string | null)[] =>
  (JSON.parse(run.outputs['history'] ?? '[]') as Rows).filter(({ live }) => live).map(({ commit }) => commit)

/** Without this permission, only the deployments can say what is live. */
const allowHealth = (): void => {
  stage.cloud.role.policy = rolePolicy(PLACE, 'optional-target-health.json')
}

const open = async (switches: Partial<Switches> = {}): Promise<void> => {
  stage = await openStage({ terminationWait: 60 })
  Object.assign(stage.cloud.switches, switches)
}

const WITH_AND_WITHOUT: [string, () => void][] = [
  ['judged by the load balancer', allowHealth],
  ['judged by the deployments alone', () => undefined]
]

describe.each(WITH_AND_WITHOUT)('%s', (_, arrange) => {
  test('after a fast rollback to a version stopped in its wait, history and the next rollback see it as live', async () => {
    await open()
    arrange()
    await deployWhole('v1')
    await deployAndStop('v2')
    expect((await stage.deploy('v3')).code).toBe(0)

    const fast = await stage.rollback(commitOf('v2'))
    expect(fast.outputs).toMatchObject({ 'rollback-way': 'fast', 'live-commit': commitOf('v2') })
    expect(await stage.serving()).toBe('v2')

    expect(liveRows(await stage.history())).toEqual([commitOf('v2')])

    const back = await stage.rollback(commitOf('v1'))
    expect(await stage.serving()).toBe('v1')
    expect({ code: back.code, ...back.outputs }).toMatchObject({
      code: 0,
      'rollback-way': 'redeploy',
      'previous-commit': commitOf('v2'),
      'live-commit': commitOf('v1')
    })
  })

  test('a version stopped in its wait keeps serving after two failed deployments', async () => {
    await open()
    arrange()
    await deployWhole('v1')
    await deployAndStop('v2')
    const broken = { 'scripts/validate.sh': '#!/bin/sh\nexit 3\n' }
    await stage.deploy('v3', { changes: broken })
    const run = await stage.deploy('v4', { changes: broken })
    expect(await stage.serving()).toBe('v2')
    expect(run.code).toBe(1)
    expect(run.outputs).toMatchObject({ 'previous-commit': commitOf('v2'), 'live-commit': commitOf('v2') })
    expect(readable(run)).toContain(`The traffic never moved: ${short('v2')} never stopped serving.`)

    const back = await stage.rollback('previous')
    expect(await stage.serving()).toBe('v1')
    expect(back.outputs['live-commit']).toBe(commitOf('v1'))
    const again = await stage.rollback('previous')
    expect({ code: again.code, served: await stage.serving() }).toEqual({ code: 1, served: 'v1' })
  })

  test('`previous` can be a version stopped in its wait', async () => {
    await open()
    arrange()
    await deployWhole('v1')
    await deployAndStop('v2')
    await deployWhole('v3')
    const back = await stage.rollback('previous')
    expect({ code: back.code, served: await stage.serving() }).toEqual({ code: 0, served: 'v2' })
  })

  test('a rollback past a version stopped in its wait succeeds if its target serves alone', async () => {
    await open()
    arrange()
    await deployWhole('v1')
    await deployAndStop('v2')
    expect((await stage.deploy('v3')).code).toBe(0)
    const back = await stage.rollback(commitOf('v1'))
    expect(await stage.serving()).toBe('v1')
    expect({ code: back.code, ...back.outputs }).toMatchObject({ code: 0, 'live-commit': commitOf('v1') })
  })

  test('a version left serving next to a newer one causes a warning, and no rollback succeeds while it serves', async () => {
    await open({ stopInWaitRefersTo: 'blue' })
    arrange()
    await deployWhole('v1')
    await deployAndStop('v2')
    const stopped = last().id
    const next = await stage.deploy('v3')
    expect(next.code).toBe(0)
    expect(readable(next)).toMatch(
      new RegExp(`^::warning::i-\\w+, i-\\w+ serve ${short('v2')} \\(${stopped}\\)`, 'm')
    )
    const back = await stage.rollback(commitOf('v1'))
    expect(back.code).toBe(1)
    expect(back.outputs['live-commit']).toBe('')
    expect(readable(back)).toMatch(/is live on ExampleApp\/ExampleGroup, but not alone: 2 instances of/)
    expect(liveRows(await stage.history()).sort()).toEqual([commitOf('v1'), commitOf('v2')].sort())
  })
})

test('without the permission to ask the load balancer, the log names it', async () => {
  await open()
  const first = readable(await deployWhole('v1'))
  expect(first).toContain('\nNothing has been deployed to this group yet.\n')
  expect(first).not.toContain('Live now')
  const run = readable(await stage.deploy('v2'))
  expect(run).toMatch(new RegExp(`^Live now: ${short('v1')} .*, according to the deployments$`, 'm'))
  const advice =
    'To ask the load balancer, allow the role elasticloadbalancing:DescribeTargetGroups, as docs/iam/optional-target-health.json does.'
  expect(run.split('\n').filter((line) => line.includes(advice))).toEqual([advice])
})

test('a fleet that the load balancer reports as unhealthy does not count as live, so a rollback redeploys', async () => {
  const sick = new Set<string>()
  stage = await openScriptedStage({
    terminationWait: 0,
    balancing: { health: ({ id }) => ({ state: sick.has(id) ? 'unhealthy' : 'healthy' }) }
  })
  allowHealth()
  await stage.deploy('v1')
  for (const { id } of stage.cloud.planes.inspect.fleets.allInstances()) sick.add(id)
  const back = await stage.rollback(commitOf('v1'))
  expect(readable(back)).toContain('Live now: unknown, because the load balancer reports no healthy instance')
  expect({ code: back.code, ...back.outputs }).toMatchObject({
    code: 0,
    'rollback-way': 'redeploy',
    'live-commit': commitOf('v1')
  })
})
