import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Deployment, isOver } from '../../src/domain/deployment.js'
import { isSettled, type LifecycleEvent, type Target } from '../../src/domain/event.js'
import { trafficHasMoved } from '../../src/domain/phase.js'
import { follow } from '../../src/steps/follow.js'
import { START } from '../fakes/clock.js'
import { BLOCK, deployment, GREEN_EVENTS, ID } from '../fakes/nouns.js'
import { inTurn, type Snapshot } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'

// Whatever the service shows, in whatever order, a run must not break, repeat itself, or see a success that is none.

const WORDS = ['Pending', 'InProgress', 'Succeeded', 'Failed', 'Skipped', 'Unknown', 'Pondering', 'Ready', '']

const word = fc.constantFrom(...WORDS)
const moment = fc.option(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((offset) => new Date(START + offset)),
  { nil: undefined }
)

const event = (name: string): fc.Arbitrary<LifecycleEvent> =>
  fc.record({ status: word, start: moment, end: moment }).map(({ status, start, end }) => ({
    name,
    status,
    ...(start === undefined ? {} : { startTime: start }),
    ...(end === undefined ? {} : { endTime: end })
  }))

/** An instance keeps its fleet and its events' names; everything else may be anything at any time. */
const target = (index: number): fc.Arbitrary<Target> => {
  const fleet = index % 3 === 0 ? 'blue' : 'green'
  const names = fleet === 'blue' ? BLOCK : GREEN_EVENTS
  return fc
    .record({
      status: word,
      events: fc
        .tuple(...names.map(event))
        .chain((events) => fc.shuffledSubarray(events, { minLength: events.length })),
      calm: fc.constantFrom<string | undefined>(undefined, 'Succeeded')
    })
    .map(({ status, events, calm }) => ({
      id: `i-${index}`,
      fleet,
      status: calm ?? status,
      events: calm === undefined ? events : events.map((one) => ({ ...one, status: calm }))
    }))
}

const fleetOf = (size: number): fc.Arbitrary<Target[]> =>
  fc
    .tuple(...Array.from({ length: size }, (_, index) => fc.option(target(index), { nil: undefined })))
    .map((targets) => targets.filter((one) => one !== undefined))

const shown = (status: fc.Arbitrary<string>): fc.Arbitrary<Deployment> =>
  fc
    .record({
      status,
      terminationWaitStarted: fc.boolean(),
      overview: fc.option(fc.dictionary(fc.constantFrom('Pending', 'Succeeded'), fc.nat(9)), {
        nil: undefined
      }),
      style: fc.constantFrom('BLUE_GREEN' as const, 'BLUE_GREEN' as const, 'IN_PLACE' as const)
    })
    .map(({ overview, ...members }) =>
      deployment({ ...members, ...(overview === undefined ? {} : { overview }) })
    )

const going = shown(fc.constantFrom('Created', 'Queued', 'InProgress', 'Ready', 'Baking', 'Pondering', ''))
const over = shown(fc.constantFrom('Succeeded', 'Failed', 'Stopped'))

const story = (size: number, looks: number): fc.Arbitrary<Snapshot[]> =>
  fc
    .tuple(
      fc.array(fc.record({ deployment: going, targets: fleetOf(size) }), { maxLength: looks }),
      fc.record({ deployment: over, targets: fleetOf(size) })
    )
    .map(([before, last]) => [...before, last])

const play = async (snapshots: Snapshot[], until: 'traffic' | 'complete') => {
  const service = inTurn(snapshots)
  const run = watching({ until })
  const outcome = await follow(ID, service, run)
  const settled = run.news.flatMap((one) =>
    one.kind === 'change' && isSettled(one.change.event.status)
      ? [`${one.change.target.id} ${one.change.event.name}`]
      : []
  )
  return { outcome, settled, told: run.told() }
}

const NAMES: Record<string, string> = { Succeeded: 'succeeded', Failed: 'failed', Stopped: 'stopped' }

const expectTruth = async (snapshots: Snapshot[]): Promise<void> => {
  const { outcome, settled, told } = await play(snapshots, 'complete')
  const last = snapshots.at(-1)
  expect(outcome.name).toBe(NAMES[last?.deployment.status ?? ''])
  expect(new Set(told).size).toBe(told.length)
  expect(new Set(settled).size).toBe(settled.length)
  for (const one of last?.targets ?? [])
    for (const { name, status } of one.events)
      if (isSettled(status)) expect(settled).toContain(`${one.id} ${name}`)
}

describe('whatever the service shows', () => {
  test('each event is reported once, also in the last look, and the outcome is that of the service', async () => {
    await fc.assert(fc.asyncProperty(story(6, 12), expectTruth), { numRuns: 150 })
  })

  test('the same with a thousand instances', async () => {
    const names = GREEN_EVENTS.map((name) => name)
    const many = fc.array(word, { minLength: 40, maxLength: 40 }).map((words): Target[] =>
      Array.from({ length: 1_000 }, (_, index) => ({
        id: `i-${index}`,
        fleet: index % 2 === 0 ? 'green' : 'blue',
        status: words[index % 40] ?? '',
        events: names.map((name, at) => ({ name, status: words[(index * 7 + at) % 40] ?? '' }))
      }))
    )
    const crowd = fc
      .tuple(
        fc.array(fc.record({ deployment: going, targets: many }), { maxLength: 3 }),
        fc.record({ deployment: over, targets: many })
      )
      .map(([before, last]): Snapshot[] => [...before, last])
    await fc.assert(
      fc.asyncProperty(crowd, async (snapshots) => {
        const { outcome, told } = await play(snapshots, 'complete')
        expect(outcome.name).toBe(NAMES[snapshots.at(-1)?.deployment.status ?? ''])
        expect(new Set(told).size).toBe(told.length)
      }),
      { numRuns: 5 }
    )
  })

  test('a success is only what the service calls one, or traffic that has moved', async () => {
    await fc.assert(
      fc.asyncProperty(story(4, 8), async (snapshots) => {
        const { outcome } = await play(snapshots, 'traffic')
        if (outcome.name !== 'succeeded') return
        const { deployment: seen, targets } = outcome
        if (isOver(seen.status)) expect(seen.status).toBe('Succeeded')
        else expect(trafficHasMoved(seen, targets)).toBe(true)
      }),
      { numRuns: 200 }
    )
  })

  test('traffic has not moved while any instance has something left to do, or blue failed to leave', () => {
    fc.assert(
      fc.property(going, fleetOf(6), (seen, targets) => {
        if (!trafficHasMoved(seen, targets)) return
        expect(
          targets.some(
            ({ fleet, events }) =>
              fleet === 'green' &&
              events.some(({ name, status }) => name === 'AllowTraffic' && status === 'Succeeded')
          )
        ).toBe(true)
        for (const one of targets)
          expect(isSettled(one.status) || one.events.every(({ status }) => isSettled(status))).toBe(true)
        if (!seen.terminationWaitStarted)
          expect(targets.some(({ fleet, status }) => fleet === 'blue' && status === 'Failed')).toBe(false)
      }),
      { numRuns: 500 }
    )
  })
})
