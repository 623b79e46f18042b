import { describe, expect, test } from '@jest/globals'
import type { EventStatus, Fleet, LifecycleEvent, Target } from '../../src/domain/event.js'
import { watch } from '../../src/steps/watch.js'
import { START, type VirtualClock, virtualClock } from '../fakes/clock.js'
import { writing } from '../fakes/log.js'
import { ALLOW, BLOCK, blue, deployment, green, ID, INSTALL } from '../fakes/nouns.js'
import { inTurn, scripted, type Scripted, type Snapshot } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'

const SIZE = 1000
const INSTALL_MS = 120_000
const TRAFFIC_MS = 30_000

/** Events that begin one after another at `start` and share `ms`, as they are at `now`. */
const eventsAt = (names: readonly string[], start: number, ms: number, now: number): LifecycleEvent[] =>
  names.map((name, index) => {
    const [begin, end] = [start + (index * ms) / names.length, start + ((index + 1) * ms) / names.length]
    const status: EventStatus = now >= end ? 'Succeeded' : now >= begin ? 'InProgress' : 'Pending'
    return {
      name,
      status,
      ...(status === 'Pending' ? {} : { startTime: new Date(begin) }),
      ...(status === 'Succeeded' ? { endTime: new Date(end) } : {})
    }
  })

const stateOf = (events: readonly LifecycleEvent[]): EventStatus =>
  events.every(({ status }) => status === 'Succeeded')
    ? 'Succeeded'
    : events.every(({ status }) => status === 'Pending')
      ? 'Pending'
      : 'InProgress'

const instanceAt = (id: string, fleet: Fleet, events: LifecycleEvent[]): Target => ({
  id,
  fleet,
  status: stateOf(events),
  events
})

/** A deployment to 1,000 instances, one at a time: first all install, then all take traffic, then the old ones leave. */
const oneAtATime = (clock: VirtualClock): Scripted => {
  const allowed = START + SIZE * INSTALL_MS
  const blocked = allowed + SIZE * TRAFFIC_MS
  let shown: Snapshot | undefined
  let shownAt = 0
  const look = (now: number): Snapshot => {
    const fleet = (side: Fleet, make: (index: number) => LifecycleEvent[]): Target[] =>
      Array.from({ length: SIZE }, (_, index) => instanceAt(`i-${side}${index}`, side, make(index)))
    return {
      deployment: deployment({
        createdAt: new Date(START),
        status: now > blocked + SIZE * TRAFFIC_MS ? 'Succeeded' : 'InProgress'
      }),
      targets: [
        ...fleet('green', (index) => [
          ...eventsAt(INSTALL, START + index * INSTALL_MS, INSTALL_MS, now),
          ...eventsAt(ALLOW, allowed + index * TRAFFIC_MS, TRAFFIC_MS, now)
        ]),
        ...(now < allowed
          ? []
          : fleet('blue', (index) => eventsAt(BLOCK, blocked + index * TRAFFIC_MS, TRAFFIC_MS, now)))
      ]
    }
  }
  return scripted(() => {
    if (shown === undefined || shownAt !== clock.now()) shown = look((shownAt = clock.now()))
    return shown
  })
}

describe('a deployment to 1,000 instances, one at a time, that changes at each look for two days', () => {
  test('is told in at most 400 lines, which say every quarter of an hour how far it is', async () => {
    const clock = virtualClock()
    const { log, lines, details } = writing({ now: clock.now })
    const service = oneAtATime(clock)
    const run = watching({ clock, pollMs: 480_000, tell: log.tell, deadline: START + 60 * 3_600_000 })
    const { end } = await watch(ID, service, run)
    expect(end).toBe('over')
    expect(service.looks.length).toBeGreaterThan(300)
    expect(lines.length).toBeLessThanOrEqual(400)
    expect(details.filter((line) => line.includes('Succeeded'))).toHaveLength(SIZE * 13)
    const waiting = lines.filter((line) => line.startsWith('Waiting for'))
    expect(waiting.length).toBeGreaterThan(100)
    expect(waiting[1]).toMatch(
      /^Waiting for d-\w+: \d+ of 1,000 instances installed; \w+ is running on i-green\d+ since \d\d:\d\d · last change at \d\d:\d\d \(.*?\) · watched until /
    )
    for (const name of [...INSTALL, ...ALLOW, ...BLOCK])
      expect(lines.filter((line) => line.includes(`1,000 of 1,000       ${name} `))).toHaveLength(1)
    const traffic = lines.filter((line) => line.startsWith('traffic: '))
    expect(traffic.length).toBeLessThanOrEqual(20)
    expect(traffic.at(-1)).toBe('traffic: green 1,000/1,000 · blue 0/1,000')
  })
})

describe('the traffic of a large fleet', () => {
  const many = (count: number, make: (id: string, index: number) => Target): Target[] =>
    Array.from({ length: count }, (_, index) => make(`i-${index}`, index))
  const snapshot = (allowed: number, members: { status?: string } = {}): Snapshot => ({
    deployment: deployment(members),
    targets: [
      ...many(40, (id, index) => green(id, index < allowed ? 10 : 7)),
      ...many(40, (id) => blue(`b-${id}`))
    ]
  })

  test('is told by eighths of both fleets, and where it ends', async () => {
    const run = watching()
    const looks = [0, 1, 2, 9, 10, 11, 12, 13].map((allowed) => snapshot(allowed))
    await watch(ID, inTurn([...looks, snapshot(14, { status: 'Stopped' })]), run)
    const told = run.news.flatMap((one) =>
      one.kind === 'traffic'
        ? [one.targets.filter(({ events }) => events[8]?.status === 'Succeeded').length]
        : []
    )
    expect(told).toEqual([1, 11, 14])
  })
})

test('a fleet that grows large is told by each instance, and then together', async () => {
  const shown = (count: number, events: number): Snapshot => ({
    deployment: deployment(),
    targets: Array.from({ length: count }, (_, index) => green(`i-${index}`, events))
  })
  const run = watching()
  const last = { ...shown(30, 3), deployment: deployment({ status: 'Stopped', overview: { Succeeded: 30 } }) }
  await watch(ID, inTurn([shown(10, 1), last]), run)
  const kinds = run.news.map((one) => (one.kind === 'change' && one.isDetail === true ? 'detail' : one.kind))
  expect(kinds.filter((kind) => kind === 'change')).toHaveLength(10)
  expect(kinds.filter((kind) => kind === 'detail')).toHaveLength(10 * 2 + 20 * 3)
  expect(
    run.news
      .flatMap((one) => (one.kind === 'tallies' ? one.tallies : []))
      .map(({ event, changes }) => [event, changes.length])
  ).toEqual(INSTALL.slice(0, 3).map((name) => [name, 30]))
})

test('what was known of a large fleet is not told again', async () => {
  const half = Array.from({ length: 30 }, (_, index) => green(`i-${index}`, index < 15 ? 4 : 3))
  const more = Array.from({ length: 30 }, (_, index) => green(`i-${index}`, index < 16 ? 4 : 3))
  const run = watching({ known: { deployment: deployment(), targets: half } })
  const end = { deployment: deployment({ status: 'Stopped' }), targets: more }
  await watch(ID, inTurn([{ deployment: deployment(), targets: half }, end]), run)
  const told = run.news.flatMap((one) => (one.kind === 'tallies' ? one.tallies : []))
  expect(told.map(({ event, changes }) => [event, changes.length])).toEqual([['Install', 16]])
})

test('a large fleet that is stuck is silent from its last change on, though nothing was reported of that', async () => {
  const clock = virtualClock()
  const { log, lines } = writing({ now: clock.now })
  const shown = (through: number): Snapshot => ({
    deployment: deployment(),
    targets: Array.from({ length: 40 }, (_, index) =>
      green(`i-${index}`, 3 + (index < through ? 1 : 0), 'InProgress')
    )
  })
  const service = scripted(() => shown(clock.now() < START + 7 * 60_000 ? 1 : 2))
  await watch(ID, service, watching({ clock, tell: log.tell, pollMs: 20_000, deadline: START + 20 * 60_000 }))
  const waiting = lines.filter((line) => line.startsWith('Waiting for'))
  expect(waiting.at(-1)).toMatch(/ · last change at 12:07 \(\d+ min ago\) · /)
  const stuck = lines.findIndex((line) => line.includes('has been silent for long'))
  expect(lines[stuck - 1]).toMatch(/^Waiting for .* · last change at 12:07 \(1\d min ago\) · /)
  expect(lines.filter((line) => line.includes('has been silent for long'))).toHaveLength(1)
})
