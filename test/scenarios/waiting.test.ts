import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { openScriptedStage, readable, type Stage } from './stage.js'

const MINUTE = 60_000

let stage: Stage
beforeEach(async () => {
  stage = await openScriptedStage({ terminationWait: 600 })
})
afterEach(() => stage.close())

/** Moves the events of the newest deployment in time, so that it took its traffic this long ago by this machine's clock. */
const hasServedFor = (ms: number): void => {
  const events = [...(stage.cloud.planes.inspect.deployments().at(-1)?.targets?.values() ?? [])].flatMap(
    (target) => target.events
  )
  const served = Math.max(
    ...events.filter(({ name }) => name === 'AllowTraffic').map(({ endedAt }) => endedAt ?? 0)
  )
  for (const event of events) if (event.endedAt !== undefined) event.endedAt += Date.now() - ms - served
}

const operations = (): string[] => stage.cloud.requests.map(({ operation }) => operation)

describe('a second push while the first waits to terminate its old fleet', () => {
  test('waits until the first has served for the minutes of `end-termination-wait`, then lets it go', async () => {
    expect((await stage.deploy('v1')).code).toBe(0)
    hasServedFor(15 * MINUTE - 4_000)
    const run = await stage.deploy('v2', { inputs: { 'end-termination-wait': '15' } })
    expect([run.code, run.outputs['status']]).toEqual([0, 'succeeded'])
    const log = readable(run)
    expect(log).toMatch(
      /^d-\w+ is only waiting to terminate its old fleet\. It has served since \d{4}-\d\d-\d\d \d\d:\d\d; this run ends that wait at \d{4}-\d\d-\d\d \d\d:\d\d, after 15 min/m
    )
    expect(log.indexOf('Ending the termination wait of d-')).toBeGreaterThan(log.indexOf('is only waiting'))
    expect(operations().filter((name) => name === 'ContinueDeployment')).toHaveLength(1)
  })

  test('lets it go at once if it has served for longer', async () => {
    expect((await stage.deploy('v1')).code).toBe(0)
    hasServedFor(16 * MINUTE)
    const run = await stage.deploy('v2', { inputs: { 'end-termination-wait': '15' } })
    expect(run.code).toBe(0)
    expect(readable(run)).not.toContain('this run ends that wait at')
    expect(readable(run)).toContain('Ending the termination wait of d-')
  })

  const made = (): number => stage.cloud.planes.inspect.deployments().length

  test.each([
    ['by default', {}],
    ['with a time limit', { 'wait-for-minutes': '30' }],
    ['with more minutes than it may wait', { 'wait-for-minutes': '30', 'end-termination-wait': '500' }]
  ])('is refused at once if it would wait in vain, %s', async (_, inputs) => {
    expect((await stage.deploy('v1')).code).toBe(0)
    const before = operations().length
    const run = await stage.deploy('v2', { inputs: { 'time-zone': 'Asia/Seoul', ...inputs } })
    const log = readable(run)
    expect([run.code, made()]).toEqual([1, 1])
    const [, until = '?'] =
      /^::error::.*d-\w+ holds ExampleApp\/ExampleGroup until ([\d: -]{16}) \(Asia\/Seoul\), when .*No deployment was created\./m.exec(
        log
      ) ?? []
    expect(log).toContain(`Run again after ${until}.`)
    expect(run.summary).toContain(until)
    expect(log).toContain('`on-conflict: supersede` (at once)')
    expect(operations()).not.toContain('ContinueDeployment')
    expect(operations()).not.toContain('StopDeployment')
    // Before anything is packed, so that nothing is stored for a run that cannot deploy it.
    expect(
      operations()
        .slice(before)
        .filter((name) => /Put|Upload|Copy|HeadObject/.test(name))
    ).toEqual([])
    expect(log).not.toContain('Bundle: ')
  })

  test('follows it if it deploys the same commit, however long it waits', async () => {
    expect((await stage.deploy('v1')).code).toBe(0)
    const again = await stage.deploy('v1', { inputs: { 'wait-for-minutes': '30' } })
    expect([again.code, again.outputs['status'], made()]).toEqual([0, 'succeeded', 1])
  })

  test('is told of its order, not of the wait, if that deployment is of a newer run', async () => {
    expect((await stage.deploy('v1')).code).toBe(0)
    const before = operations().length
    const older = await stage.deploy('v2', { env: { GITHUB_RUN_ID: '6999999999' } })
    expect([older.code, made()]).toEqual([1, 1])
    expect(readable(older)).toMatch(/^::error::.*the newer run 7000000001 has already deployed/m)
    expect(operations().slice(before)).not.toContain('PutObject')
  })

  test('refuses what is neither a flag nor minutes before anything is called', async () => {
    const run = await stage.deploy('v1', { inputs: { 'end-termination-wait': '15 min' } })
    expect(run.code).toBe(1)
    expect(readable(run)).toContain(
      'Input `end-termination-wait`, got "15 min": expected `false`, `true` or the minutes that the holder must have served, from 1 to 2880.'
    )
    expect(operations()).toEqual([])
  })
})
