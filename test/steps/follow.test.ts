import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import { follow } from '../../src/steps/follow.js'
import { START, virtualClock } from '../fakes/clock.js'
import {
  blocked,
  deployment,
  green,
  ID,
  NOT_REQUIRED,
  returned,
  served,
  serviceRollback
} from '../fakes/nouns.js'
import { overTime, shown, type Snapshot } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'

const { id: BACK } = serviceRollback()
const failedInstall = [green('i-1', 3, 'Failed')]
const failedShift = [served('i-1'), green('i-2', 8, 'Failed')]

const run = async (
  scripts: Record<string, (readonly [number, Snapshot])[]>,
  until: 'traffic' | 'complete' = 'traffic'
) => {
  const clock = virtualClock()
  const options = watching({ clock, until, deadline: START + 3_600_000 })
  const service = overTime(clock, scripts)
  const outcome = await follow(ID, service, options)
  return { outcome, service, told: options.told(), tookMs: clock.now() - START }
}

describe('how a run ends', () => {
  test.each<[string, Snapshot, object]>([
    [
      'succeeded',
      shown({ status: 'Succeeded' }, [served('i-1')]),
      { name: 'succeeded', blueStillAlive: false }
    ],
    [
      'traffic has moved',
      shown({}, [served('i-1'), blocked('i-8')]),
      { name: 'succeeded', blueStillAlive: true }
    ],
    [
      'succeeded with a failed instance',
      shown({ status: 'Succeeded' }, [served('i-1'), green('i-2', 3, 'Failed')]),
      { name: 'succeeded', firstFailure: { target: { id: 'i-2' }, event: { name: 'Install' } } }
    ],
    [
      'failed before the shift, with the usual message',
      shown({ status: 'Failed', rollback: { message: NOT_REQUIRED } }, failedInstall),
      { name: 'failed', firstFailure: { event: { name: 'Install' } } }
    ],
    [
      'failed before the shift, without a message',
      shown({ status: 'Failed' }, failedInstall),
      { name: 'failed' }
    ],
    [
      'failed before any instance was there',
      shown({ status: 'Failed', error: { code: 'IAM_ROLE_PERMISSIONS', message: 'no' } }),
      { name: 'failed' }
    ],
    [
      'stopped',
      shown({ status: 'Stopped', rollback: { message: NOT_REQUIRED } }, failedInstall),
      { name: 'stopped' }
    ],
    [
      'the message in a straight apostrophe',
      shown(
        {
          status: 'Stopped',
          rollback: { message: "Automatic rollback isn't required" }
        },
        failedShift
      ),
      { name: 'stopped' }
    ]
  ])('%s', async (_, snapshot, expected) => {
    const { outcome } = await run({ [ID]: [[0, snapshot]] })
    expect(outcome).toMatchObject(expected)
    expect(outcome.rollback).toBeUndefined()
  })

  test.each(['Pondering', 'Baking', 'Queued', 'Unknown'])(
    '%s is no end: the deadline is, and nothing else',
    async (status) => {
      const { outcome, tookMs } = await run({
        [ID]: [[0, shown({ status }, [green('i-1', 3)])]]
      })
      expect([outcome.name, tookMs]).toEqual(['timed-out', 3_600_000])
      expect(outcome).toMatchObject({ blueStillAlive: false })
    }
  )

  test('a time-out in the termination wait says that blue is still running', async () => {
    const { outcome, tookMs } = await run(
      { [ID]: [[0, shown({}, [served('i-1'), blocked('i-8')])]] },
      'complete'
    )
    expect(outcome).toMatchObject({ name: 'timed-out', blueStillAlive: true })
    expect(tookMs).toBe(3_600_000)
  })

  test.each<[string, Snapshot]>([
    ['it succeeded in place', shown({ status: 'Succeeded', style: 'IN_PLACE' })],
    ['it failed before the shift', shown({ status: 'Failed' }, failedInstall)],
    [
      'the service said why there is none',
      shown({ status: 'Failed', rollback: { message: 'no' } }, failedShift)
    ]
  ])('does not wait for a rollback if %s', async (_, snapshot) => {
    const { outcome, tookMs } = await run({ [ID]: [[0, snapshot]] })
    expect([outcome.rollback, tookMs]).toEqual([undefined, 0])
  })

  test('moved traffic is not a success once the service says failed', async () => {
    const targets = [served('i-1'), blocked('i-8')]
    const { outcome } = await run({
      [ID]: [[0, shown({ status: 'Failed', rollback: { message: 'no' } }, targets)]]
    })
    expect(outcome.name).toBe('failed')
  })
})

describe('a rollback of the service', () => {
  const failed = (members: Partial<Deployment> = {}): Snapshot =>
    shown({ status: 'Failed', rollback: { by: BACK }, ...members }, failedShift)

  test('is followed to its end and reported as a rollback', async () => {
    const { outcome, told } = await run({
      [ID]: [
        [0, shown({}, [served('i-1')])],
        [20_000, failed()]
      ],
      [BACK]: [
        [0, shown(serviceRollback())],
        [60_000, shown(serviceRollback({ status: 'Succeeded' }), [returned('i-8')])]
      ]
    })
    expect(outcome).toMatchObject({
      name: 'rolled-back',
      deployment: { id: ID },
      rollback: { id: BACK, status: 'Succeeded' }
    })
    expect(outcome.rollbackTargets).toHaveLength(1)
    expect(told).toContain('i-8 AllowTraffic Succeeded')
  })

  test('that has succeeded before the first look', async () => {
    const { outcome, told, tookMs } = await run({
      [ID]: [[0, failed()]],
      [BACK]: [[0, shown(serviceRollback({ status: 'Succeeded' }), [returned('i-8')])]]
    })
    expect([outcome.name, tookMs]).toEqual(['rolled-back', 0])
    expect(told).toContain('i-8 AllowTraffic Succeeded')
  })

  test('whose id comes late', async () => {
    const { outcome } = await run({
      [ID]: [
        [0, failed({ rollback: {} })],
        [12_000, failed()]
      ],
      [BACK]: [[0, shown(serviceRollback({ status: 'Succeeded' }), [returned('i-8')])]]
    })
    expect(outcome).toMatchObject({ name: 'rolled-back', deployment: { rollback: { by: BACK } } })
  })

  test('that never comes is looked for only a few seconds', async () => {
    const { outcome, tookMs } = await run({ [ID]: [[0, failed({ rollback: {} })]] })
    expect(outcome.name).toBe('failed')
    expect(tookMs).toBe(20_000)
  })

  test('whose refusal comes late is kept for the report', async () => {
    const { outcome, tookMs } = await run({
      [ID]: [
        [0, failed({ rollback: {} })],
        [6_000, failed({ rollback: { message: 'cannot be rolled back' } })]
      ]
    })
    expect(tookMs).toBe(10_000)
    expect(outcome.deployment.rollback?.message).toBe('cannot be rolled back')
  })

  test.each(['Failed', 'Stopped'])('that ends as %s is a failure', async (status) => {
    const { outcome } = await run({
      [ID]: [[0, failed()]],
      [BACK]: [[0, shown(serviceRollback({ status }))]]
    })
    expect(outcome).toMatchObject({ name: 'failed', rollback: { status } })
  })

  test('that outlasts the deadline is a time-out', async () => {
    const { outcome } = await run({
      [ID]: [[0, failed()]],
      [BACK]: [[0, shown(serviceRollback())]]
    })
    expect(outcome).toMatchObject({ name: 'timed-out', rollback: { id: BACK } })
  })

  test('is also followed for an in-place group, which has no traffic events', async () => {
    const inPlace = deployment({ status: 'Failed', style: 'IN_PLACE' })
    const { outcome } = await run({
      [ID]: [
        [0, { deployment: inPlace }],
        [9_000, { deployment: { ...inPlace, rollback: { by: BACK } } }]
      ],
      [BACK]: [[0, shown(serviceRollback({ status: 'Succeeded', style: 'IN_PLACE' }))]]
    })
    expect(outcome.name).toBe('rolled-back')
  })
})
