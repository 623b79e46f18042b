import { describe, expect, test } from '@jest/globals'
import { scaledClock, steppedClock } from '../clock.js'

describe('stepped clock', () => {
  test('wakes sleeps in order of time, including those that start meanwhile', async () => {
    const clock = steppedClock(1000)
    const told: string[] = []
    const tell = (name: string): void => void told.push(`${name}@${clock.now()}`)
    void clock.sleep(300).then(() => tell('late'))
    void clock.sleep(100).then(async () => {
      tell('early')
      await clock.sleep(50)
      tell('chained')
    })
    await clock.advance(200)
    expect(told).toEqual(['early@1100', 'chained@1150'])
    expect(clock.now()).toBe(1200)
    await clock.advance(100)
    expect(told.at(-1)).toBe('late@1300')
  })

  test('lets two callers advance at once, each by its own time', async () => {
    const clock = steppedClock(0)
    const ends = await Promise.all([
      clock.advance(50).then(() => clock.now()),
      clock.advance(80).then(() => clock.now())
    ])
    expect(ends).toEqual([50, 80])
  })

  test('a sleep ends at once on abort', async () => {
    const clock = steppedClock(0)
    const controller = new AbortController()
    const sleeping = clock.sleep(1000, controller.signal)
    controller.abort(new Error('canceled'))
    await expect(sleeping).rejects.toThrow('canceled')
    await expect(clock.sleep(1, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  })

  test('stands still while held', async () => {
    const clock = steppedClock(0)
    const release = clock.hold()
    const order: string[] = []
    const advanced = clock.advance(10).then(() => order.push('advanced'))
    setTimeout(() => {
      order.push('released')
      release()
    }, 5)
    await advanced
    expect(order).toEqual(['released', 'advanced'])
  })
})

test('a scaled clock rejects an aborted sleep', async () => {
  const signal = AbortSignal.abort()
  await expect(scaledClock(1).sleep(60_000, signal)).rejects.toThrow()
})
