import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import { follow } from '../../src/steps/follow.js'
import { START, virtualClock } from '../fakes/clock.js'
import { blocked, deployment, green, served, target } from '../fakes/nouns.js'
import { overTime, type Snapshot } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'

const OLD = 'd-AAAAAAAAA'
const BACK = 'd-BBBBBBBBB'
/** As the service writes it, with its own apostrophes (docs/service.md, captures 2). */
const NOT_REQUIRED =
  'Automatic rollback isn’t required because traffic hasn’t begun rerouting to the replacement environment'

const failedInstall = [green('i-1', 3, 'Failed')]
const failedShift = [served('i-1'), green('i-2', 8, 'Failed')]

const old = (members: Partial<Deployment>): Deployment => deployment({ id: OLD, ...members })
const back = (members: Partial<Deployment> = {}): Deployment =>
  deployment({ id: BACK, creator: 'codeDeployRollback', rollback: { of: OLD }, ...members })

/** The original takes traffic again, the replacement gives it up. */
const returned = [target('i-8', 'blue', { names: ['AllowTraffic'], events: ['Succeeded'] })]

const run = async (
  scripts: Record<string, (readonly [number, Snapshot])[]>,
  until: 'traffic' | 'complete' = 'traffic'
) => {
  const clock = virtualClock()
  const options = watching({ clock, until, deadline: START + 3_600_000 })
  const service = overTime(clock, scripts)
  const outcome = await follow(OLD, service, options)
  return { outcome, service, told: options.told(), tookMs: clock.now() - START }
}

describe('how a run ends', () => {
  test.each<[string, Snapshot, object]>([
    [
      'succeeded',
      { deployment: old({ status: 'Succeeded' }), targets: [served('i-1')] },
      { name: 'succeeded', blueStillAlive: false }
    ],
    [
      'traffic has moved',
      { deployment: old({}), targets: [served('i-1'), blocked('i-8')] },
      { name: 'succeeded', blueStillAlive: true }
    ],
    [
      'succeeded with a failed instance',
      { deployment: old({ status: 'Succeeded' }), targets: [served('i-1'), green('i-2', 3, 'Failed')] },
      { name: 'succeeded', firstFailure: { target: { id: 'i-2' }, event: { name: 'Install' } } }
    ],
    [
      'failed before the shift, with the usual message',
      { deployment: old({ status: 'Failed', rollback: { message: NOT_REQUIRED } }), targets: failedInstall },
      { name: 'failed', firstFailure: { event: { name: 'Install' } } }
    ],
    [
      'failed before the shift, without a message',
      { deployment: old({ status: 'Failed' }), targets: failedInstall },
      { name: 'failed' }
    ],
    [
      'failed before any instance was there',
      { deployment: old({ status: 'Failed', error: { code: 'IAM_ROLE_PERMISSIONS', message: 'no' } }) },
      { name: 'failed' }
    ],
    [
      'stopped',
      { deployment: old({ status: 'Stopped', rollback: { message: NOT_REQUIRED } }), targets: failedInstall },
      { name: 'stopped' }
    ],
    [
      'the message in a straight apostrophe',
      {
        deployment: old({ status: 'Stopped', rollback: { message: "Automatic rollback isn't required" } }),
        targets: failedShift
      },
      { name: 'stopped' }
    ]
  ])('%s', async (_, snapshot, expected) => {
    const { outcome } = await run({ [OLD]: [[0, snapshot]] })
    expect(outcome).toMatchObject(expected)
    expect(outcome.rollback).toBeUndefined()
  })

  test.each(['Pondering', 'Baking', 'Queued', 'Unknown'])(
    '%s is no end: the deadline is, and nothing else',
    async (status) => {
      const { outcome, tookMs } = await run({
        [OLD]: [[0, { deployment: old({ status }), targets: [green('i-1', 3)] }]]
      })
      expect([outcome.name, tookMs]).toEqual(['timed-out', 3_600_000])
      expect(outcome).toMatchObject({ blueStillAlive: false })
    }
  )

  test('a time-out in the termination wait says that blue is still running', async () => {
    const { outcome } = await run(
      { [OLD]: [[0, { deployment: old({}), targets: [served('i-1'), blocked('i-8')] }]] },
      'complete'
    )
    expect(outcome).toMatchObject({ name: 'timed-out', blueStillAlive: true })
  })

  test.each<[string, Snapshot]>([
    ['it succeeded in place', { deployment: old({ status: 'Succeeded', style: 'IN_PLACE' }) }],
    ['it failed before the shift', { deployment: old({ status: 'Failed' }), targets: failedInstall }],
    [
      'the service said why there is none',
      { deployment: old({ status: 'Failed', rollback: { message: 'no' } }), targets: failedShift }
    ]
  ])('does not wait for a rollback if %s', async (_, snapshot) => {
    const { outcome, tookMs } = await run({ [OLD]: [[0, snapshot]] })
    expect([outcome.rollback, tookMs]).toEqual([undefined, 0])
  })

  test('moved traffic is not a success once the service says failed', async () => {
    const targets = [served('i-1'), blocked('i-8')]
    const { outcome } = await run({
      [OLD]: [[0, { deployment: old({ status: 'Failed', rollback: { message: 'no' } }), targets }]]
    })
    expect(outcome.name).toBe('failed')
  })
})

describe('a rollback of the service', () => {
  const failed = (members: Partial<Deployment> = {}): Snapshot => ({
    deployment: old({ status: 'Failed', rollback: { by: BACK }, ...members }),
    targets: failedShift
  })

  test('is followed to its end and reported as a rollback', async () => {
    const { outcome, told } = await run({
      [OLD]: [
        [0, { deployment: old({}), targets: [served('i-1')] }],
        [20_000, failed()]
      ],
      [BACK]: [
        [0, { deployment: back(), targets: [] }],
        [60_000, { deployment: back({ status: 'Succeeded' }), targets: returned }]
      ]
    })
    expect(outcome).toMatchObject({
      name: 'rolled-back',
      deployment: { id: OLD },
      rollback: { id: BACK, status: 'Succeeded' }
    })
    expect(outcome.rollbackTargets).toHaveLength(1)
    expect(told).toContain('i-8 AllowTraffic Succeeded')
  })

  test('that has succeeded before the first look', async () => {
    const { outcome, told, tookMs } = await run({
      [OLD]: [[0, failed()]],
      [BACK]: [[0, { deployment: back({ status: 'Succeeded' }), targets: returned }]]
    })
    expect([outcome.name, tookMs]).toEqual(['rolled-back', 0])
    expect(told).toContain('i-8 AllowTraffic Succeeded')
  })

  test('whose id comes late', async () => {
    const { outcome } = await run({
      [OLD]: [
        [0, failed({ rollback: {} })],
        [12_000, failed()]
      ],
      [BACK]: [[0, { deployment: back({ status: 'Succeeded' }), targets: returned }]]
    })
    expect(outcome).toMatchObject({ name: 'rolled-back', deployment: { rollback: { by: BACK } } })
  })

  test('that never comes is looked for only a few seconds', async () => {
    const { outcome, tookMs } = await run({ [OLD]: [[0, failed({ rollback: {} })]] })
    expect(outcome.name).toBe('failed')
    expect(tookMs).toBeGreaterThanOrEqual(10_000)
    expect(tookMs).toBeLessThanOrEqual(30_000)
  })

  test('whose refusal comes late is kept for the report', async () => {
    const { outcome } = await run({
      [OLD]: [
        [0, failed({ rollback: {} })],
        [6_000, failed({ rollback: { message: 'cannot be rolled back' } })]
      ]
    })
    expect(outcome.deployment.rollback?.message).toBe('cannot be rolled back')
  })

  test.each(['Failed', 'Stopped'])('that ends as %s is a failure', async (status) => {
    const { outcome } = await run({
      [OLD]: [[0, failed()]],
      [BACK]: [[0, { deployment: back({ status }), targets: [] }]]
    })
    expect(outcome).toMatchObject({ name: 'failed', rollback: { status } })
  })

  test('that outlasts the deadline is a time-out', async () => {
    const { outcome } = await run({
      [OLD]: [[0, failed()]],
      [BACK]: [[0, { deployment: back(), targets: [] }]]
    })
    expect(outcome).toMatchObject({ name: 'timed-out', rollback: { id: BACK } })
  })

  test('is also followed for an in-place group, which has no traffic events', async () => {
    const inPlace = old({ status: 'Failed', style: 'IN_PLACE' })
    const { outcome } = await run({
      [OLD]: [
        [0, { deployment: inPlace }],
        [9_000, { deployment: { ...inPlace, rollback: { by: BACK } } }]
      ],
      [BACK]: [[0, { deployment: back({ status: 'Succeeded', style: 'IN_PLACE' }) }]]
    })
    expect(outcome.name).toBe('rolled-back')
  })
})
