import type { TargetHealth } from '../../src/ports.js'
import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import type { DeploymentGroup } from '../../src/domain/group.js'
import type { Live } from '../../src/domain/live.js'
import type { Attempt } from '../../src/domain/serving.js'
import { askBalancer } from '../../src/steps/balancer.js'
import { confirmLive, mayServe, readLive } from '../../src/steps/live.js'
import { at, noSignal, START, virtualClock } from '../fakes/clock.js'
import { historyOf } from '../fakes/history.js'
import {
  attempt,
  BLOCK,
  blocked,
  blue,
  broken,
  deployment,
  events,
  fleet,
  green,
  GREEN_EVENTS,
  group,
  NOT_REQUIRED,
  refusal,
  returned,
  served,
  serviceRollback,
  sha,
  stored,
  target,
  unrun
} from '../fakes/nouns.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const shifted = (newer: string, older: string): Target[] => [served(newer), blocked(older)]

const NONE: TargetHealth = () =>
  Promise.reject(
    refusal('AccessDenied', 'not authorized to perform: elasticloadbalancing:DescribeTargetHealth', 403)
  )
const healthy =
  (...ids: string[]): TargetHealth =>
  () =>
    Promise.resolve(ids.map((id) => ({ id, state: 'healthy' })))

const groupOf = (all: readonly Attempt[], members: Partial<DeploymentGroup> = {}): DeploymentGroup => {
  const good = all.find((one) => one.deployment.status === 'Succeeded')?.deployment
  return group({
    ...(all[0] === undefined ? {} : { lastAttempted: { id: all[0].deployment.id } }),
    ...(good === undefined ? {} : { lastSuccessful: { id: good.id, createdAt: good.createdAt } }),
    ...members
  })
}

const read = async (
  all: readonly Attempt[],
  health: TargetHealth = NONE,
  members: Partial<DeploymentGroup> = {}
) => {
  const { service, listed } = historyOf(all)
  const { live } = await readLive(groupOf(all, members), { service, health })
  return { live, reads: listed }
}

/** `commit d-A1`, `mixed d-B1+d-A2`, or `unknown`. */
const shown = (live: Live): string =>
  live.kind === 'commit'
    ? `commit ${live.deployment.id}`
    : live.kind === 'mixed'
      ? `mixed ${live.parts.map((part) => part.deployment?.id ?? '?').join('+')}`
      : 'unknown'

/** A rollback that the service itself started. */
const back = (minutes: number, of: string, targets: Target[] = []): Attempt => ({
  deployment: serviceRollback({
    id: `d-R${minutes}`,
    status: 'Succeeded',
    rollback: { of },
    createdAt: at(-60 * minutes)
  }),
  targets
})

/** In place, the application is installed, and nothing else happens. */
const installed = (id: string): Target => target(id, 'in-place', events(['Install']))

test('before the first deployment, it says that there was none, and never when one failed', async () => {
  const failed = [attempt(1, 'a', { status: 'Failed' })]
  const unknown = { kind: 'unknown', evidence: { from: 'deployments' } }
  expect((await read([])).live).toMatchObject({ ...unknown, neverDeployed: true })
  const { live } = await read(failed)
  expect(live).toMatchObject(unknown)
  expect(live).not.toHaveProperty('neverDeployed')
})

test('a group that names a last deployment has had one, though the list is empty', async () => {
  const { service } = historyOf([])
  const named = { ...groupOf([]), lastAttempted: { id: 'd-A1', status: 'Failed' } }
  const { live } = await readLive(named, { service, health: NONE })
  expect(live).not.toHaveProperty('neverDeployed')
})

describe('what the deployments say', () => {
  test.each<[string, Attempt[], string]>([
    ['nothing was ever deployed', [], 'unknown'],
    ['one that succeeded, though its targets are gone', [attempt(1, 'a', {})], 'commit d-A1'],
    [
      'a deployment that was stopped in its termination wait serves',
      [
        attempt(1, 'b', { status: 'Stopped' }, shifted('i-2', 'i-1')),
        attempt(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'commit d-B1'
    ],
    [
      "the service's own rollback brings back what served before, not what succeeded last",
      [
        back(1, 'd-C2', [returned('i-2'), target('i-3', 'green', events(BLOCK))]),
        attempt(2, 'c', { status: 'Stopped', rollback: { by: 'd-R1' } }, shifted('i-3', 'i-2')),
        attempt(5, 'b', { status: 'Stopped' }, shifted('i-2', 'i-1')),
        attempt(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'commit d-B5'
    ],
    [
      'the same when the targets of the rollback are gone',
      [
        back(1, 'd-C2'),
        attempt(2, 'c', { status: 'Stopped', rollback: { by: 'd-R1' } }, shifted('i-3', 'i-2')),
        attempt(5, 'b', { status: 'Stopped' }, shifted('i-2', 'i-1')),
        attempt(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'commit d-B5'
    ],
    [
      'a stop in the middle of the shift leaves both',
      [
        attempt(1, 'b', { status: 'Stopped' }, [served('i-2'), blue('i-1')]),
        attempt(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'mixed d-A9+d-B1'
    ],
    [
      'instances left by an unfinished deployment before the last success still serve beside it',
      [
        attempt(1, 'c', {}, shifted('i-3', 'i-1')),
        attempt(5, 'b', { status: 'Failed' }, [served('i-2'), blue('i-1')]),
        attempt(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'mixed d-B5+d-C1'
    ],
    [
      'a failure before the shift moved nobody',
      [
        attempt(1, 'b', { status: 'Failed' }, [green('i-2', 3, 'Failed')]),
        attempt(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'commit d-A9'
    ],
    [
      'an instance that Auto Scaling replaced before the next deployment is gone with its fleet',
      [
        attempt(1, 'b', {}, [served('i-4'), blocked('i-1'), blocked('i-3')]),
        attempt(5, 'a', { creator: 'autoscaling', style: 'IN_PLACE' }, [
          target('i-3', 'in-place', unrun(GREEN_EVENTS), 'Succeeded')
        ]),
        attempt(9, 'a', {}, [served('i-1'), served('i-2'), blocked('i-0')])
      ],
      'commit d-B1'
    ],
    [
      'in place, those that a failed deployment did not reach run the former revision',
      [
        attempt(1, 'b', { status: 'Failed', style: 'IN_PLACE' }, [installed('i-1')]),
        attempt(9, 'a', { style: 'IN_PLACE' }, [installed('i-1'), installed('i-2')])
      ],
      'mixed d-B1+d-A9'
    ],
    [
      'in place, a half-installed instance is not known to run anything',
      [
        attempt(1, 'b', { status: 'Failed', style: 'IN_PLACE' }, [
          target('i-1', 'in-place', events(['Install'], 0, ['Failed']))
        ]),
        attempt(9, 'a', { style: 'IN_PLACE' }, [installed('i-1')])
      ],
      'unknown'
    ]
  ])('%s', async (_, all, expected) => {
    expect(shown((await read(all)).live)).toBe(expected)
  })

  test('reads only the last success if nothing was left open', async () => {
    const all = Array.from({ length: 30 }, (_, index) =>
      attempt(index + 1, 'a', {}, shifted(`i-${index}`, `i-${index + 1}`))
    )
    expect((await read(all)).reads).toEqual(['d-A1'])
  })

  test('reads an unfinished one once, and not at all if the service says that no traffic moved', async () => {
    const all = [
      attempt(1, 'c', {}, shifted('i-3', 'i-1')),
      attempt(2, 'b', { status: 'Failed', rollback: { message: NOT_REQUIRED } }),
      attempt(3, 'b', { status: 'Stopped' }, [green('i-2', 3)]),
      attempt(9, 'a', {}, shifted('i-1', 'i-0'))
    ]
    expect((await read(all)).reads.sort()).toEqual(['d-B3', 'd-C1'])
  })

  test('lists from a second before the last success, and the unfinished ones of the 30 days before it', async () => {
    const all = [attempt(1, 'c', {}, shifted('i-3', 'i-1')), attempt(9, 'a', {}, shifted('i-1', 'i-0'))]
    const { service, since } = historyOf(all)
    await readLive(groupOf(all), { service, health: NONE })
    expect(since).toEqual([START - MINUTE - 1000, START - MINUTE - 30 * DAY])
  })

  test('reads everything since the oldest unfinished one that may still serve', async () => {
    const all = [
      attempt(1, 'e', {}, shifted('i-5', 'i-3')),
      attempt(3, 'd', {}, shifted('i-3', 'i-1')),
      attempt(5, 'b', { status: 'Failed' }, [served('i-2'), blue('i-1')]),
      attempt(7, 'b', { status: 'Failed' }, [green('i-6', 3, 'Failed')]),
      attempt(9, 'a', {}, shifted('i-1', 'i-0'))
    ]
    const { live, reads } = await read(all)
    expect(reads.sort()).toEqual(['d-B5', 'd-B7', 'd-D3', 'd-E1'])
    expect(shown(live)).toBe('mixed d-B5+d-E1')
  })

  test('reads at most the newest 60, where none has ever succeeded', async () => {
    const all = Array.from({ length: 70 }, (_, index) => attempt(index, 'a', { status: 'Failed' }))
    expect((await read(all)).reads).toEqual(all.slice(0, 60).map(({ deployment: { id } }) => id))
  })

  test.each<[string, Partial<Deployment>, boolean]>([
    ['failed', { status: 'Failed' }, true],
    ['was stopped', { status: 'Stopped' }, true],
    ['succeeded', { status: 'Succeeded' }, false],
    ['runs', { status: 'InProgress' }, false],
    ['failed in place', { status: 'Failed', style: 'IN_PLACE' }, false],
    ['failed before any traffic', { status: 'Failed', rollback: { message: NOT_REQUIRED } }, false]
  ])('an unfinished one that may serve: one that %s', (_, members, may) => {
    expect(mayServe(deployment(members))).toBe(may)
  })

  test('does not look for an unfinished one more than 30 days before the last success', async () => {
    const all = [
      attempt(1, 'c', {}, shifted('i-3', 'i-1')),
      attempt((31 * DAY) / MINUTE, 'b', { status: 'Failed' }, [served('i-2'), blue('i-1')])
    ]
    expect(shown((await read(all)).live)).toBe('commit d-C1')
  })
})

describe('what the load balancer says', () => {
  const left = [
    attempt(1, 'c', {}, shifted('i-3', 'i-1')),
    attempt(5, 'b', { status: 'Failed' }, [served('i-2'), blue('i-1')]),
    attempt(9, 'a', {}, shifted('i-1', 'i-0'))
  ]

  test('wins: unfinished leftovers that are gone do not count', async () => {
    const { live } = await read(left, healthy('i-3'))
    expect(live).toMatchObject({ kind: 'commit', evidence: { from: 'load-balancer' } })
  })

  test('looks for an instance of an older deployment until it is found', async () => {
    expect(shown((await read(left, healthy('i-3', 'i-2'))).live)).toBe('mixed d-C1+d-B5')
  })

  test('an instance that no deployment knows leaves the answer open, by name', async () => {
    const { live } = await read(left, healthy('i-3', 'i-foreign'))
    expect(live).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('i-foreign') as unknown })
  })

  test('an instance of a fixed fleet runs what was last installed on it, though the deployment failed before any traffic', async () => {
    const failed = { status: 'Failed', rollback: { message: NOT_REQUIRED } }
    const all = (members: Partial<Deployment>) => [
      attempt(1, 'c', { ...failed, ...members }, [green('i-1', 3, 'Failed'), blue('i-2')]),
      attempt(5, 'b', members, shifted('i-2', 'i-1')),
      attempt(9, 'a', members, shifted('i-1', 'i-2'))
    ]
    const fixed = all({ fixedGreen: [fleet('green-fleet')] })
    expect((await read(fixed, healthy('i-1'))).live).toMatchObject({
      kind: 'unknown',
      reason: 'd-C1 did not finish on i-1'
    })
    expect(shown((await read(fixed, healthy('i-2'))).live)).toBe('commit d-B5')
    expect(shown((await read(fixed)).live)).toBe('commit d-B5')
  })

  test('each instance once that it sends requests to, in all target groups, also without health checks', async () => {
    const states = ['healthy', 'unhealthy', 'unavailable', 'draining', 'initial', 'healthy']
    const ids = ['i-1', 'i-2', 'i-3', 'i-4', 'i-5', 'i-1']
    const health: TargetHealth = () =>
      Promise.resolve(states.map((state, index) => ({ id: ids[index] ?? '', state })))
    expect(await askBalancer(group(), health)).toEqual({ healthy: ['i-1', 'i-3'] })
  })

  test('for an instance that nobody knows, six successes are read, and each once', async () => {
    const all = Array.from({ length: 30 }, (_, index) =>
      attempt(index + 1, 'a', {}, shifted(`i-${index}`, `i-${index + 1}`))
    )
    const { reads } = await read(all, healthy('i-foreign'))
    expect(reads).toEqual(['d-A1', 'd-A2', 'd-A3', 'd-A4', 'd-A5', 'd-A6'])
  })

  test('no healthy instance proves nothing', async () => {
    const sick: TargetHealth = () => Promise.resolve([{ id: 'i-3', state: 'unhealthy' }])
    expect((await read(left, sick)).live).toMatchObject({
      kind: 'unknown',
      reason: 'the load balancer reports no healthy instance'
    })
  })

  test.each<[string, TargetHealth, Partial<DeploymentGroup>, string | undefined]>([
    [
      'the permission is missing',
      NONE,
      {},
      'to ask the load balancer, allow the role elasticloadbalancing:DescribeTargetHealth, as docs/iam/optional-target-health.json does'
    ],
    [
      'it does not answer',
      () => Promise.reject(broken()),
      {},
      'the load balancer did not answer: socket hang up (ECONNRESET)'
    ],
    [
      'an address is registered beside an instance',
      healthy('i-3', '10.0.0.1'),
      {},
      'the target group registers addresses instead of instances'
    ],
    ['the group has no target group', healthy('i-2'), { targetGroups: [] }, undefined]
  ])('the deployments answer if %s', async (_, health, members, note) => {
    const { live } = await read(left.slice(0, 1), health, members)
    expect(shown(live)).toBe('commit d-C1')
    expect(live.evidence.from).toBe('deployments')
    expect(live.evidence.note).toBe(note)
  })

  test('a cancel is passed on, not mistaken for a missing permission', async () => {
    const canceled = Object.assign(new Error('aborted'), { name: 'AbortError' })
    await expect(read(left, () => Promise.reject(canceled))).rejects.toBe(canceled)
  })
})

describe('whether the target of a rollback is live', () => {
  const confirm = async (health: TargetHealth, deadline = START + DAY) => {
    const clock = virtualClock()
    const all = [attempt(1, 'a', {}, shifted('i-2', 'i-1')), attempt(9, 'b', {}, shifted('i-1', 'i-0'))]
    const live = await confirmLive(
      stored(sha('a')),
      { group: groupOf(all), sources: { service: historyOf(all).service, health } },
      { clock, signal: noSignal(), deadline }
    )
    return { live: shown(live), waitedMs: clock.now() - START }
  }

  test('the load balancer is given time to notice', async () => {
    let looks = 0
    const late: TargetHealth = () => healthy(...(++looks < 4 ? ['i-1', 'i-2'] : ['i-2']))([])
    expect(await confirm(late)).toEqual({ live: 'commit d-A1', waitedMs: 9_000 })
  })

  test('but not forever', async () => {
    const { live, waitedMs } = await confirm(healthy('i-1', 'i-2'))
    expect([live, waitedMs]).toEqual(['mixed d-B9+d-A1', 30_000])
  })

  test('nor beyond the deadline', async () => {
    const { live, waitedMs } = await confirm(healthy('i-1', 'i-2'), START + 5_000)
    expect([live, waitedMs]).toEqual(['mixed d-B9+d-A1', 6_000])
  })

  test('another revision that is live alone is no reason to stop asking', async () => {
    let looks = 0
    const late: TargetHealth = () => healthy(++looks < 3 ? 'i-1' : 'i-2')([])
    expect(await confirm(late)).toEqual({ live: 'commit d-A1', waitedMs: 6_000 })
  })

  test('the answer of the deployments is given at once', async () => {
    expect(await confirm(NONE)).toEqual({ live: 'commit d-A1', waitedMs: 0 })
  })
})
