import { expect, test } from '@jest/globals'
import { systemClock } from '../../src/edge/clock.js'
import { START, virtualClock } from '../fakes/clock.js'

test.each([
  ['system', systemClock],
  ['virtual', virtualClock()]
])('a cancel ends a sleep on the %s clock at once, with its reason', async (_, clock) => {
  const controller = new AbortController()
  const reason = new Error('canceled')
  const sleeping = clock.sleep(3_600_000, controller.signal)
  controller.abort(reason)
  await expect(sleeping).rejects.toBe(reason)
  await expect(clock.sleep(3_600_000, controller.signal)).rejects.toBe(reason)
  await expect(clock.sleep(0)).resolves.toBeUndefined()
})

test('on the virtual clock, sleepers wake in order of time', async () => {
  const clock = virtualClock()
  const woken: [string, number][] = []
  const wake = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms)
    woken.push([name, clock.now() - START])
  }
  await Promise.all([wake('late', 9_000), wake('early', 1_000), wake('middle', 5_000)])
  expect(woken).toEqual([
    ['early', 1_000],
    ['middle', 5_000],
    ['late', 9_000]
  ])
})
