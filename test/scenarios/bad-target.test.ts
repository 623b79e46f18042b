import { afterEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { longPast } from '../cloud/codedeploy/long-past.js'
import { scriptFailed } from '../cloud/scripted/script.js'
import { commitOf } from './app.js'
import { changing, openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
afterEach(() => stage.close())

/** ValidateService fails for every bundle of v2, while `fails` says so. */
const open = async (): Promise<{ fails: boolean }> => {
  const bad = { fails: true }
  stage = await openScriptedStage({
    terminationWait: 0,
    script: {
      event: ({ event, revision }) =>
        bad.fails && event === 'ValidateService' && revision.key.includes(commitOf('v2'))
          ? { failure: scriptFailed('ValidateService', 'scripts/validate.sh') }
          : undefined
    }
  })
  return bad
}

/** The deployments, oldest first, as `version status`. */
const past = (): string[] =>
  stage.cloud.planes.inspect.deployments().map(({ revision, status }) => {
    const version = ['v1', 'v2', 'v3'].find((one) => JSON.stringify(revision).includes(commitOf(one)))
    return `${version ?? '?'} ${status}`
  })

const fleets = (): string[] => stage.cloud.planes.inspect.fleets.all().map(({ name }) => name)

/** From the next deployment on, the old fleet lives for so many minutes. */
const setWait = (minutes: number): void => {
  const settings = stage.cloud.planes.inspect.deployments().at(-1)?.group.blueGreen
  const option = settings?.terminateBlueInstancesOnDeploymentSuccess
  if (option === undefined) throw new Error('the group has no termination wait')
  option.terminationWaitTimeInMinutes = minutes
}

/** Longer than any test. */
const LONG = 2_000

/** v1 served, v2 failed, and v3 serves; the fleet of v1 lives on for so many minutes. */
const withBadPast = async (minutes: number): Promise<ActionRun> => {
  expect((await stage.deploy('v1')).code).toBe(0)
  const bad = await stage.deploy('v2')
  expect(bad.outputs['status']).toBe('failed')
  setWait(minutes)
  expect((await stage.deploy('v3')).code).toBe(0)
  return bad
}

describe('a rollback to a commit whose only deployment failed', () => {
  test('is refused before anything is stopped, with what failed then', async () => {
    await open()
    const bad = await withBadPast(LONG)
    const before = fleets()
    for (const wanted of [commitOf('v2').slice(0, 8), bad.outputs['deployment-id'] ?? '?']) {
      const { run, changes } = await changing(stage, () => stage.rollback(wanted))
      expect(run.code).toBe(1)
      expect(changes).toEqual([])
      const log = readable(run)
      expect(log).toContain(
        `${commitOf('v2').slice(0, 8)} has never served: its only deployment, ${bad.outputs['deployment-id'] ?? '?'}, failed (`
      )
      expect(log).toMatch(/ValidateService failed on i-\w+ \(green\): scripts\/validate\.sh, ScriptFailed/)
      expect(log).toContain('`even-if-failed: true`')
      expect(log).not.toContain('Deploying')
    }
    expect(fleets()).toEqual(before)
    expect(past()).toEqual(['v1 Succeeded', 'v2 Failed', 'v3 InProgress'])
  })

  test('is refused however long ago it failed', async () => {
    await open()
    await withBadPast(0)
    const { inspect } = stage.cloud.planes
    const [v1, v2, v3] = inspect.deployments()
    if (v1 === undefined || v2 === undefined || v3 === undefined) throw new Error('not deployed')
    for (const old of [v1, v2]) old.createdAt -= 400 * 86_400_000
    inspect.remember(longPast(v3, { count: 120, days: 300 }))
    const { run, changes } = await changing(stage, () => stage.rollback(commitOf('v2').slice(0, 9)))
    expect([run.code, changes]).toEqual([1, []])
    expect(readable(run)).toContain('has never served: its only deployment')
  })

  test('with `even-if-failed`, still never ends the termination wait of another deployment', async () => {
    await open()
    await withBadPast(LONG)
    const inputs = { 'even-if-failed': 'true' }
    const { run, changes } = await changing(stage, () => stage.rollback(commitOf('v2'), { inputs }))
    expect(run.code).toBe(1)
    expect(changes).toEqual([])
    expect(
      stage.cloud.requests.some(({ method, path }) => method === 'PUT' && path.includes('/groups/'))
    ).toBe(false)
    expect(readable(run)).toMatch(/d-\w+ \(InProgress\) has traffic and still keeps its old fleet/)
    expect(past()).toEqual(['v1 Succeeded', 'v2 Failed', 'v3 InProgress'])
    const spending = { ...inputs, 'end-termination-wait': 'true' }
    const spent = await changing(stage, () => stage.rollback(commitOf('v2'), { inputs: spending }))
    expect(spent.changes).toEqual(['ContinueDeployment', 'CreateDeployment'])
  })

  test('with `even-if-failed`, is tried, and speaks of rolling back when it fails again', async () => {
    const bad = await open()
    await withBadPast(0)
    const inputs = { 'even-if-failed': 'true' }
    const { run, changes } = await changing(stage, () => stage.rollback(commitOf('v2'), { inputs }))
    expect(changes).toEqual(['CreateDeployment'])
    expect(run.code).toBe(1)
    expect(run.outputs).toMatchObject({ status: 'failed', 'live-commit': commitOf('v3') })
    const log = readable(run)
    expect(log).toContain('What serves now keeps serving until the new fleet is healthy.')
    expect(log).toContain(`Rolling back to ${commitOf('v2').slice(0, 8)} on ExampleApp/ExampleGroup failed`)
    expect(log).not.toContain('Deploying')
    expect(run.summary).toMatch(/^## \S+ Rolling back to/)
    const again = readable(await stage.rollback(commitOf('v2')))
    expect(again).toContain('has never served: none of its 2 deployments did')
    bad.fails = false
    const good = await stage.rollback(commitOf('v2'), { inputs })
    expect(good.outputs).toMatchObject({ status: 'succeeded', 'live-commit': commitOf('v2') })
    expect(past().at(-1)).toBe('v2 Succeeded')
  })
})

test('going back to what was rolled back is said, with who undid it and when', async () => {
  await open()
  for (const version of ['v1', 'v3']) expect((await stage.deploy(version)).code).toBe(0)
  const undoing = await stage.rollback('previous')
  expect(undoing.outputs['live-commit']).toBe(commitOf('v1'))
  const run = await stage.rollback(commitOf('v3'))
  expect(run.outputs['live-commit']).toBe(commitOf('v3'))
  expect(readable(run)).toMatch(
    new RegExp(
      `::warning.*${commitOf('v3').slice(0, 8)} was rolled back before: d-\\w+ was undone by ${undoing.outputs['deployment-id'] ?? '?'} by octocat on \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC`
    )
  )
})

describe('`previous` twice goes back two versions', () => {
  test.each([
    ['by redeploying', 0],
    ['first by the fast way, while the old fleet lives', LONG]
  ])('%s', async (_, terminationWait) => {
    const bad = await open()
    bad.fails = false
    for (const version of ['v1', 'v2']) expect((await stage.deploy(version)).code).toBe(0)
    setWait(terminationWait)
    expect((await stage.deploy('v3')).code).toBe(0)
    const first = await stage.rollback('previous')
    expect(first.outputs).toMatchObject({
      'live-commit': commitOf('v2'),
      'rollback-way': terminationWait === 0 ? 'redeploy' : 'fast'
    })
    setWait(0)
    const second = await stage.rollback('previous')
    expect(second.outputs['live-commit']).toBe(commitOf('v1'))
    const third = await changing(stage, () => stage.rollback('previous'))
    expect(third.run.code).toBe(1)
    expect(third.changes).toEqual([])
    expect(readable(third.run)).toContain('There is no previous revision')
  })
})
