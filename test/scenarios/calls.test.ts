import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { longPast } from '../cloud/codedeploy/long-past.js'
import { commitOf } from './app.js'
import { openScriptedStage, type Stage } from './stage.js'

/** Calls to CodeDeploy in each poll of the deployment, after it was created. */
const callsPerLook = (operations: readonly string[]): number[] => {
  const watching = operations.slice(operations.lastIndexOf('CreateDeployment') + 1)
  const counts: number[] = []
  for (const operation of watching) {
    if (operation === 'GetDeployment') counts.push(0)
    if (counts.length > 0) counts.push((counts.pop() ?? 0) + 1)
  }
  return counts
}

test.each([
  [2, 3],
  [10, 3],
  [25, 4],
  [200, 11]
])('%i instances are watched with at most %i calls per poll', async (instances, most) => {
  const stage = await openScriptedStage({ instances, script: { bootSeconds: 60, eventSeconds: 60 } })
  try {
    const run = await stage.deploy('v1')
    expect(run.code).toBe(0)
    const codedeploy = stage.cloud.requests.filter(({ service }) => service === 'codedeploy')
    const counts = callsPerLook(codedeploy.map(({ operation }) => operation))
    expect(counts.length).toBeGreaterThan(4)
    expect(Math.max(...counts)).toBeLessThanOrEqual(most)
    // Of a large fleet, one line counts all instances.
    const all = instances < 25 ? 'i-\\w+' : `${instances} of ${instances}`
    expect(run.log.match(new RegExp(` ${all} +AfterAllowTraffic +\\S*Succeeded`, 'g'))).toHaveLength(
      instances < 25 ? instances : 1
    )
  } finally {
    await stage.close()
  }
})

describe('5,000 deployments', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openScriptedStage({ terminationWait: 0 })
    expect((await stage.deploy('v1')).code).toBe(0)
  })
  afterAll(() => stage.close())

  const codeDeployCalls = async (work: () => Promise<ActionRun>): Promise<[ActionRun, number]> => {
    const before = stage.cloud.requests.length
    const run = await work()
    const calls = stage.cloud.requests.slice(before).filter(({ service }) => service === 'codedeploy')
    return [run, calls.length]
  }

  test.each([
    ['all within 20 days', { count: 5000, days: 20 }],
    ['the newest 200 days old', { count: 5000, days: 800, newestDays: 200 }]
  ])('%s: the list takes at most 60 calls, a rollback to a commit fewer', async (_, past) => {
    const { inspect } = stage.cloud.planes
    const last = inspect.deployments().find(({ id }) => !id.startsWith('d-P'))
    if (last === undefined) throw new Error('nothing was deployed')
    inspect.remember(longPast(last, past))
    const [list, calls] = await codeDeployCalls(() => stage.history())
    const rows = JSON.parse(list.outputs['history'] ?? '[]') as Record<string, unknown>[]
    const newest = inspect.deployments().sort((one, other) => other.createdAt - one.createdAt)
    expect(rows.map((row) => row['deployment-id'])).toEqual(newest.slice(0, 20).map(({ id }) => id))
    expect(rows.every((row) => Number(row['time-to-traffic-ms']) > 0)).toBe(true)
    expect(calls).toBeLessThanOrEqual(60)
    const [same, fewer] = await codeDeployCalls(() => stage.rollback(commitOf('v1')))
    expect(same.outputs['rollback-way']).toBe('already-live')
    expect(fewer).toBeLessThanOrEqual(30)
  })

  test('`previous` is found behind 300 deployments of what is live, and no further', async () => {
    expect((await stage.deploy('v2')).code).toBe(0)
    const { inspect } = stage.cloud.planes
    const last = inspect.deployments().at(-1)
    if (last === undefined) throw new Error('nothing was deployed')
    inspect.remember(longPast(last, { count: 300, days: 1 }))
    const [run, calls] = await codeDeployCalls(() => stage.rollback('previous'))
    expect(run.outputs).toMatchObject({ 'live-commit': commitOf('v1'), 'rollback-way': 'redeploy' })
    expect(calls).toBeLessThanOrEqual(150)
  })
})
