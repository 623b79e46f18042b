import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Deployment, DeploymentFilter } from '../../src/domain/deployment.js'
import { byAge, newestDeployments, newestFirst, take } from '../../src/steps/history.js'
import { START } from '../fakes/clock.js'
import { deployment } from '../fakes/nouns.js'

const DAY_MS = 86_400_000
const SECOND_MS = 1000

/** What nobody has seen of ListDeployments: its page size, its order, and how it treats the edges of a span of time. */
interface Manner {
  pageSize: number
  order: 'none' | 'newest first' | 'oldest first'
  edges: 'inclusive' | 'exclusive' | 'whole seconds'
}

const USUAL: Manner = { pageSize: 100, order: 'none', edges: 'inclusive' }

const isWithin = (time: number, { since, until }: DeploymentFilter, edges: Manner['edges']): boolean => {
  const [from, to] = [since ?? -Infinity, until ?? Infinity]
  if (edges === 'exclusive') return time > from && time < to
  const at = edges === 'whole seconds' ? Math.floor(time / SECOND_MS) * SECOND_MS : time
  return at >= from && at <= to
}

/** The service with deployments at these times (milliseconds before the start of the test), and the calls to it. */
const service = (ages: readonly number[], manner: Partial<Manner> = {}) => {
  const { pageSize, order, edges } = { ...USUAL, ...manner }
  const all = new Map<string, Deployment>()
  for (const [at, age] of ages.entries()) {
    // A factor that shares no divisor with the modulus gives ids in no order of time.
    const id = `d-${String((at * 7919) % 100_003).padStart(6, '0')}`
    all.set(id, deployment({ id, status: 'Succeeded', createdAt: new Date(START - age) }))
  }
  const rank = { none: 0, 'newest first': 1, 'oldest first': -1 }[order]
  const listed = [...all.values()].sort((one, other) =>
    rank === 0 ? one.id.localeCompare(other.id) : rank * byAge(one, other)
  )
  const calls = { lists: 0, batches: 0 }
  return {
    calls,
    newest: [...all.values()].sort(byAge).map(({ id }) => id),
    deploymentIds: (
      filter: DeploymentFilter,
      isEnough: (found: readonly string[]) => boolean = () => false
    ) => {
      const found = listed.filter(({ createdAt }) => isWithin(createdAt.getTime(), filter, edges))
      for (let end = pageSize; ; end += pageSize) {
        calls.lists++
        const ids = found.slice(0, end).map(({ id }) => id)
        if (end >= found.length || isEnough(ids)) return Promise.resolve(ids)
      }
    },
    deployments: (ids: readonly string[]) => {
      calls.batches += Math.ceil(ids.length / 25)
      return Promise.resolve(ids.flatMap((id) => all.get(id) ?? []))
    }
  }
}

const place = { application: 'shop', group: 'web' }
const many = (count: number, age: (at: number) => number): number[] =>
  Array.from({ length: count }, (_, at) => Math.round(age(at)))

const PASTS: Record<string, number[]> = {
  '5,000 within 20 days': many(5000, (at) => (at * 20 * DAY_MS) / 5000),
  '5,000, the newest 200 days old': many(5000, (at) => 200 * DAY_MS + (at * 800 * DAY_MS) / 5000),
  '5,000 in one second': many(5000, (at) => at % SECOND_MS),
  '5,000 in one minute': many(5000, (at) => at * 12),
  '4,990 long ago, 10 today': [
    ...many(10, (at) => at * 3_600_000),
    ...many(4990, (at) => 1000 * DAY_MS + at * 60_000)
  ],
  'ever more often': many(5000, (at) => 1000 * DAY_MS * (at / 5000) ** 4),
  'ever more rarely': many(5000, (at) => 1000 * DAY_MS * (1 - (1 - at / 5000) ** 4)),
  'a burst every week': many(5000, (at) => Math.floor(at / 50) * 7 * DAY_MS + (at % 50) * 1000),
  '26, one more than a sample': many(26, (at) => at * DAY_MS),
  one: [5],
  none: []
}

describe('the newest deployments, whatever the order and the size of the pages', () => {
  test.each(Object.keys(PASTS))('%s', async (name) => {
    for (const order of ['none', 'newest first', 'oldest first'] as const) {
      const fake = service(PASTS[name] ?? [], { order })
      const found = await newestDeployments(fake, { ...place, limit: 20 })
      expect(found.map(({ id }) => id)).toEqual(fake.newest.slice(0, 20))
    }
  })

  test.each<[string, Manner['order'], number]>([
    ['5,000 within 20 days', 'none', 16],
    ['5,000, the newest 200 days old', 'none', 16],
    ['5,000 within 20 days', 'newest first', 8],
    ['5,000, the newest 200 days old', 'newest first', 8],
    ['5,000 in one minute', 'none', 16],
    ['4,990 long ago, 10 today', 'none', 24],
    ['ever more often', 'none', 16],
    ['ever more rarely', 'none', 16],
    ['a burst every week', 'none', 16]
  ])('20 of %s, listed in this order: %s, take at most %i calls', async (name, order, most) => {
    const fake = service(PASTS[name] ?? [], { order })
    await newestDeployments(fake, { ...place, limit: 20 })
    expect(fake.calls.lists + fake.calls.batches).toBeLessThanOrEqual(most)
  })

  test('a group whose deployments fit on one page takes one list, and reads each once', async () => {
    const fake = service(many(60, (at) => at * DAY_MS))
    await newestDeployments(fake, { ...place, limit: 20 })
    expect(fake.calls).toEqual({ lists: 1, batches: 3 })
  })

  test('taken on, it goes on where it stopped, and comes to an end', async () => {
    const fake = service(PASTS['5,000 within 20 days'] ?? [])
    const list = newestFirst(fake, place)
    const parts = [await take(list, 50), await take(list, 450), await take(list, 9999), await take(list, 1)]
    expect(parts.map(({ length }) => length)).toEqual([50, 450, 4500, 0])
    expect(parts.flat().map(({ id }) => id)).toEqual(fake.newest)
    // Everything is read once; what is far back is listed page after page.
    expect(fake.calls.batches).toBeLessThan(5000 / 25 + 40)
    expect(fake.calls.lists).toBeLessThan(5000 / 100 + 60)
  })

  test('the statuses and the span that are asked for are kept', async () => {
    const asked: DeploymentFilter[] = []
    const fake = service(PASTS['5,000 within 20 days'] ?? [])
    const since = START - 10 * DAY_MS
    const list = newestFirst(
      {
        ...fake,
        deploymentIds: (filter, isEnough) => {
          asked.push(filter)
          return fake.deploymentIds(filter, isEnough)
        }
      },
      { ...place, since, statuses: ['Failed'] }
    )
    expect(await take(list, 9999)).toHaveLength(2501)
    expect(asked.every((filter) => (filter.since ?? 0) >= since)).toBe(true)
    expect(asked.every(({ statuses }) => statuses?.[0] === 'Failed')).toBe(true)
  })
})

test('always the same as sorting everything', async () => {
  const spread = fc.oneof(
    fc.integer({ min: 0, max: 900 }),
    fc.integer({ min: 0, max: 5_000 }),
    fc.integer({ min: 0, max: 400 * DAY_MS })
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(spread, { maxLength: 160 }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom<Manner['order']>('none', 'newest first', 'oldest first'),
      fc.constantFrom<Manner['edges']>('inclusive', 'exclusive', 'whole seconds'),
      fc.integer({ min: 1, max: 200 }),
      async (ages, pageSize, order, edges, limit) => {
        const fake = service(ages, { pageSize, order, edges })
        const found = await newestDeployments(fake, { ...place, limit })
        expect(found.map(({ id }) => id)).toEqual(fake.newest.slice(0, limit))
      }
    ),
    { numRuns: 300 }
  )
})
