import { expect, test } from '@jest/globals'
import type { FleetSettings } from '../../src/domain/fleet-settings.js'
import type { ScalingGroups } from '../../src/copy-port.js'
import { compareGreen, COPY_WITHIN_MS, readBlue, type ReadingTime } from '../../src/steps/copied-group.js'
import { virtualClock } from '../fakes/clock.js'

const settings = (name: string, metrics: readonly string[] = []): FleetSettings => ({
  ...{ name, metrics, members: {}, suspended: [], tags: [], policies: [], schedules: [], hooks: [] },
  notifications: []
})
const BLUE = { kind: 'read', blue: settings('web-1', ['GroupMaxSize']) } as const

const time = (deadline = Number.POSITIVE_INFINITY): ReadingTime => ({
  clock: virtualClock(),
  signal: new AbortController().signal,
  deadline
})

const service =
  (changes: Partial<ScalingGroups> = {}) =>
  (): Promise<ScalingGroups> =>
    Promise.resolve({
      groupOf: () => Promise.resolve('web-1'),
      settings: (name) => Promise.resolve(settings(name, name === 'web-1' ? ['GroupMaxSize'] : [])),
      ...changes
    })

const never = <T>(): Promise<T> => new Promise(() => undefined)

test('blue is the group of the blue instances, and green lacks what only blue has', async () => {
  expect(await readBlue(['i-1'], service(), time())).toEqual(BLUE)
  expect(await compareGreen('green', BLUE, service(), time())).toMatchObject({
    kind: 'compared',
    green: 'green',
    losses: [{ what: 'metrics collection' }]
  })
})

test.each<[string, Partial<ScalingGroups>]>([
  ['whose instances are gone', { groupOf: () => Promise.resolve(undefined) }],
  ['that is gone', { settings: () => Promise.resolve(undefined) }]
])('a blue group %s has nothing to compare with', async (_, changes) => {
  const blue = await readBlue(['i-1'], service(changes), time())
  expect(await compareGreen('green', blue, service(), time())).toEqual({ kind: 'nothing' })
})

test('a group is not compared with itself', async () => {
  expect(await compareGreen('web-1', BLUE, service(), time())).toEqual({ kind: 'nothing' })
})

test('a refusal is kept, and green is not read after it', async () => {
  const error = new Error('denied')
  const blue = await readBlue(['i-1'], service({ groupOf: () => Promise.reject(error) }), time())
  const unasked = (): Promise<ScalingGroups> => Promise.reject(new Error('asked'))
  expect(await compareGreen('green', blue, unasked, time())).toEqual({ kind: 'unread', error })
})

test('a service that never answers ends after 15 s, and at the deadline', async () => {
  for (const left of [COPY_WITHIN_MS * 2, 1_000]) {
    const bounded = time()
    const since = bounded.clock.now()
    const given = { ...bounded, deadline: since + left }
    expect(await compareGreen('green', BLUE, service({ settings: never }), given)).toEqual({ kind: 'unread' })
    expect(bounded.clock.now() - since).toBe(Math.min(left, COPY_WITHIN_MS))
  }
})

test('after the deadline, nothing is asked', async () => {
  const unasked = (): Promise<ScalingGroups> => Promise.reject(new Error('asked'))
  expect(await readBlue(['i-1'], unasked, time(Number.NEGATIVE_INFINITY))).toEqual({ kind: 'unread' })
})
