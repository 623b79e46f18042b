import { beforeEach, describe, expect, test } from '@jest/globals'
import type { News } from '../../src/domain/event-changes.js'
import type { Health } from '../../src/domain/health.js'
import { healthReasons, type Reasons } from '../../src/steps/reasons.js'
import { at, virtualClock } from '../fakes/clock.js'
import { target } from '../fakes/nouns.js'

const allowing = (id: string, status = 'InProgress') =>
  target(id, 'green', [
    { name: 'Install', status: 'Succeeded', startTime: at(10), endTime: at(20) },
    { name: 'AllowTraffic', status, startTime: at(30) }
  ])
const sick = (id: string, reason = 'Target.Timeout', description = ''): Health => ({
  ...{ id, state: 'unhealthy', reason, description }
})

let clock = virtualClock()
let asked: (readonly string[])[] = []
let answer: () => Promise<Health[]>
let reasons: Reasons
beforeEach(() => {
  clock = virtualClock()
  asked = []
  answer = () => Promise.resolve([])
  reasons = healthReasons(
    (names) => {
      asked.push(names)
      return answer()
    },
    ['web'],
    { clock }
  )
})

/** One look, and what came of its question by the next. */
const looks = async (...targets: ReturnType<typeof allowing>[]): Promise<News[]> => {
  const first = reasons(targets)
  await Promise.resolve()
  await new Promise(setImmediate)
  return [...first, ...reasons(targets)]
}

describe('while instances wait for the load balancer', () => {
  test('each cause is told once, with all who share it and since when', async () => {
    answer = () => Promise.resolve([sick('i-1'), sick('i-2'), sick('i-3', 'Target.ResponseCodeMismatch')])
    const told = await looks(allowing('i-1'), allowing('i-2'), allowing('i-3'), allowing('i-4'))
    expect(told).toEqual([
      { kind: 'reason', sick: { ids: ['i-1', 'i-2'], health: sick('i-1'), since: at(30) } },
      {
        kind: 'reason',
        sick: { ids: ['i-3'], health: sick('i-3', 'Target.ResponseCodeMismatch'), since: at(30) }
      }
    ])
    await clock.sleep(15_000)
    expect(await looks(allowing('i-1'), allowing('i-2'))).toEqual([])
  })

  test('another cause is news', async () => {
    answer = () => Promise.resolve([sick('i-1')])
    expect(await looks(allowing('i-1'))).toHaveLength(1)
    await clock.sleep(15_000)
    answer = () => Promise.resolve([sick('i-1', 'Target.ResponseCodeMismatch', 'codes: [503]')])
    expect(await looks(allowing('i-1'))).toMatchObject([
      { sick: { health: { reason: 'Target.ResponseCodeMismatch' } } }
    ])
    await clock.sleep(15_000)
    answer = () => Promise.resolve([sick('i-1', 'Target.ResponseCodeMismatch', 'codes: [500]')])
    expect(await looks(allowing('i-1'))).toMatchObject([
      { sick: { health: { description: 'codes: [500]' } } }
    ])
  })

  test('the load balancer is asked four times a minute, however often the service is', async () => {
    for (let second = 0; second < 60; second++) {
      await looks(allowing('i-1'))
      await clock.sleep(1_000)
    }
    expect(asked).toEqual([['web'], ['web'], ['web'], ['web']])
  })

  test('a question without an answer is not asked again, and nobody waits for it', async () => {
    answer = () => new Promise(() => undefined)
    for (let look = 0; look < 10; look++) {
      expect(await looks(allowing('i-1'))).toEqual([])
      await clock.sleep(60_000)
    }
    expect(asked).toHaveLength(1)
  })

  test('a refused read says nothing, and the next one is heard', async () => {
    answer = () => Promise.reject(new Error('denied'))
    expect(await looks(allowing('i-1'))).toEqual([])
    await clock.sleep(15_000)
    answer = () => Promise.resolve([sick('i-1')])
    expect(await looks(allowing('i-1'))).toHaveLength(1)
  })
})

test.each([
  ['healthy', { id: 'i-1', state: 'healthy' }],
  ['before its first checks', { id: 'i-1', state: 'initial', reason: 'Elb.RegistrationInProgress' }],
  ['not checked', { id: 'i-1', state: 'unavailable', reason: 'Target.HealthCheckDisabled' }],
  ['not among those that wait', sick('i-9')]
])('nothing is said of an instance that is %s', async (_, health) => {
  answer = () => Promise.resolve([health])
  expect(await looks(allowing('i-1'))).toEqual([])
})

test.each([
  ['waits', [allowing('i-1', 'Succeeded')], ['web']],
  ['has a target group', [allowing('i-1')], []]
])('nobody is asked where nothing %s', async (_, targets, groups) => {
  const quiet = healthReasons(
    (names) => {
      asked.push(names)
      return Promise.resolve([])
    },
    groups,
    { clock }
  )
  expect(quiet(targets)).toEqual([])
  await new Promise(setImmediate)
  expect(asked).toEqual([])
})

test('two target groups are asked half as often', async () => {
  const both = healthReasons(
    (names) => {
      asked.push(names)
      return Promise.resolve([])
    },
    ['web', 'api'],
    { clock }
  )
  for (let second = 0; second < 60; second++) {
    both([allowing('i-1')])
    await new Promise(setImmediate)
    await clock.sleep(1_000)
  }
  expect(asked).toHaveLength(2)
})
