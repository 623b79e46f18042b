import { describe, expect, test } from '@jest/globals'
import type { Diagnostics, EventStatus, Target } from '../../src/domain/event.js'
import { isLargeFleet, noteTallies, nothingTold, tallies, type ToldTallies } from '../../src/domain/tally.js'
import { at } from '../fakes/clock.js'
import { blocked, blue, failedDiagnostics, green, served, target } from '../fakes/nouns.js'

const many = (count: number, make: (id: string, index: number) => Target): Target[] =>
  Array.from({ length: count }, (_, index) => make(`i-${index}`, index))

interface Options {
  isWhole?: boolean
  isLast?: boolean
}

/** What a look brings, as `12/40 Install Succeeded`. */
const look = (told: ToldTallies, targets: Target[], { isWhole = true, isLast = false }: Options = {}) =>
  tallies(told, { targets, isWhole, isLast }).map(
    ({ changes, of = '?', event, status, cause }) =>
      `${changes.length}/${of} ${event} ${status}${cause === undefined ? '' : ` (${cause})`}`
  )

/** One event on a fleet of 40, of which so many have each status; the rest is Pending. */
const fleetOf = (counts: Partial<Record<EventStatus, number>>, name = 'Install'): Target[] => {
  const statuses = Object.entries(counts).flatMap(([status, count = 0]) =>
    Array.from({ length: count }, () => status)
  )
  return many(40, (id, index) => {
    const status = statuses[index] ?? 'Pending'
    return target(id, 'green', [{ name, status, startTime: at(index), endTime: at(index + 1) }])
  })
}

test.each([
  ['24 on each side', [...many(24, (id) => green(id)), ...many(24, (id) => blue(`b${id}`))], false],
  ['25 on one side', [...many(25, (id) => green(id)), blue('b')], true],
  ['25 in place', many(25, (id) => target(id, 'in-place', [])), true]
])('%s: a large fleet is %s', (_, targets, expected) => {
  expect(isLargeFleet(targets)).toBe(expected)
})

describe('an event of a large fleet', () => {
  test('is told where it begins, at each further quarter, and when all instances are through', () => {
    const told = nothingTold()
    const lines = [
      { InProgress: 3 },
      { InProgress: 40 },
      { Succeeded: 1, InProgress: 39 },
      { Succeeded: 9 },
      { Succeeded: 10 },
      { Succeeded: 11 },
      { Succeeded: 29 },
      { Succeeded: 30 },
      { Succeeded: 39 },
      { Succeeded: 40 },
      { Succeeded: 40 }
    ].map((counts) => look(told, fleetOf(counts)))
    expect(lines).toEqual([
      ['3/40 Install InProgress'],
      [],
      ['1/40 Install Succeeded'],
      [],
      [],
      ['11/40 Install Succeeded'],
      ['29/40 Install Succeeded'],
      [],
      ['39/40 Install Succeeded'],
      ['40/40 Install Succeeded'],
      []
    ])
  })

  test('is told once if one look brings all of it', () => {
    expect(look(nothingTold(), fleetOf({ Succeeded: 40 }))).toEqual(['40/40 Install Succeeded'])
  })

  test('implies those before it, except where they begin and end', () => {
    const told = nothingTold()
    const through = (count: number): Target[] =>
      many(40, (id, index) => green(id, index < count ? 7 : index === count ? 3 : 0))
    expect(look(told, through(1))).toHaveLength(7)
    expect(look(told, through(15))).toEqual(['15/40 ValidateService Succeeded'])
    expect(look(told, through(40))).toHaveLength(7)
  })

  test('is without a whole until the fleet has been read, and keeps it while others are listed', () => {
    const told = nothingTold()
    const some = many(30, (id) => green(id, 1))
    expect(look(told, some, { isWhole: false })).toEqual(['30/? ApplicationStop Succeeded'])
    const all = many(40, (id) => green(id, 1))
    expect(look(told, all)).toEqual(['40/40 ApplicationStop Succeeded'])
    const later = [...many(40, (id) => green(id, 2)), blue('b-1', 1)]
    expect(look(told, later, { isWhole: false })).toEqual([
      '40/40 DownloadBundle Succeeded',
      '1/? BeforeBlockTraffic Succeeded'
    ])
  })

  test('of both fleets is told apart', () => {
    expect(
      look(nothingTold(), [...many(30, (id) => served(id)), ...many(25, (id) => blocked(`b-${id}`))]).filter(
        (line) => line.includes(' AllowTraffic') || line.includes(' BlockTraffic')
      )
    ).toEqual(['30/30 AllowTraffic Succeeded', '25/25 BlockTraffic Succeeded'])
  })

  test('that is known already is not told', () => {
    const told = nothingTold()
    noteTallies(told, fleetOf({ Succeeded: 12, InProgress: 28 }))
    expect(look(told, fleetOf({ Succeeded: 12, InProgress: 28 }))).toEqual([])
    expect(look(told, fleetOf({ Succeeded: 40 }))).toEqual(['40/40 Install Succeeded'])
  })

  test('that was held back is told with the last look', () => {
    const told = nothingTold()
    look(told, fleetOf({ Succeeded: 1, InProgress: 39 }))
    expect(look(told, fleetOf({ Succeeded: 8, InProgress: 32 }))).toEqual([])
    expect(look(told, fleetOf({ Succeeded: 9, Skipped: 31 }), { isLast: true })).toEqual([
      '9/40 Install Succeeded',
      '31/40 Install Skipped'
    ])
  })

  test('with a status that this version does not know is told, and where it ends', () => {
    const told = nothingTold()
    expect(look(told, fleetOf({ Pondering: 2 }))).toEqual(['2/40 Install Pondering'])
    expect(look(told, fleetOf({ Pondering: 3 }), { isLast: true })).toEqual(['3/40 Install Pondering'])
  })

  test('without any time has none', () => {
    const targets = many(30, (id) => target(id, 'green', [{ name: 'AllowTraffic', status: 'Skipped' }]))
    expect(tallies(nothingTold(), { targets, isWhole: true, isLast: false })[0]?.at).toBeUndefined()
  })
})

describe('failures of a large fleet', () => {
  const failing = (count: number, diagnostics: (id: string, index: number) => Diagnostics): Target[] =>
    many(40, (id, index) => {
      const [event] = green(id, 0, 'Failed').events
      const failed = { ...event, name: 'Install', diagnostics: diagnostics(id, index) }
      return target(id, 'green', [
        index < count
          ? { ...failed, status: 'Failed', startTime: at(100 - index), endTime: at(100 - index) }
          : { name: 'Install', status: 'InProgress' }
      ])
    })

  test('are told by their cause, once, with the first by the clock of the service in front', () => {
    const told = nothingTold()
    const words = (_: string, index: number): Diagnostics =>
      failedDiagnostics(index === 2 ? { errorCode: 'ScriptTimedOut' } : {})
    const found = tallies(told, { targets: failing(5, words), isWhole: true, isLast: false })
    expect(found.map(({ cause, changes }) => [cause, changes.map(({ target: { id } }) => id)])).toEqual([
      ['new', ['i-4', 'i-3', 'i-1', 'i-0']],
      ['new', ['i-2']]
    ])
    expect(look(told, failing(6, words))).toEqual([])
    expect(look(told, failing(20, words))).toEqual(['19/40 Install Failed (known)'])
  })

  test('that only name their own instances have the same cause', () => {
    const words = (id: string): Diagnostics => failedDiagnostics({ message: `The instance ${id} is ill` })
    expect(look(nothingTold(), failing(30, words))).toEqual(['30/40 Install Failed (new)'])
  })

  test('of the sixth cause and all others are counted together', () => {
    const told = nothingTold()
    const words = (_: string, index: number): Diagnostics => failedDiagnostics({ message: `${index}` })
    expect(look(told, failing(40, words)).sort()).toEqual([
      ...Array.from({ length: 5 }, () => '1/40 Install Failed (new)'),
      '35/40 Install Failed (other)'
    ])
  })

  test('make the rest of their instances skipped, which is told once', () => {
    const told = nothingTold()
    expect(look(told, fleetOf({ Succeeded: 10, Skipped: 2, InProgress: 28 }))).toEqual([
      '10/40 Install Succeeded'
    ])
    expect(look(told, fleetOf({ Succeeded: 37, Skipped: 3 }))).toEqual([
      '37/40 Install Succeeded',
      '3/40 Install Skipped'
    ])
  })
})
