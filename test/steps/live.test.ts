import type { TargetHealth } from '../../src/ports.js'
import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import type { DeploymentGroup } from '../../src/domain/group.js'
import type { Live } from '../../src/domain/live.js'
import { confirmLive, readLive } from '../../src/steps/live.js'
import { noSignal, START, virtualClock } from '../fakes/clock.js'
import {
  blocked,
  blue,
  broken,
  deployment,
  green,
  group,
  refusal,
  served,
  sha,
  stored,
  target
} from '../fakes/nouns.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

interface Past {
  deployment: Deployment
  targets: Target[]
}

/** So many minutes ago a deployment of the revision of this digit. */
const past = (
  minutes: number,
  digit: string,
  members: Partial<Deployment>,
  targets: Target[] = []
): Past => ({
  deployment: deployment({
    id: `d-${digit.toUpperCase()}${minutes}`,
    revision: stored(sha(digit)),
    status: 'Succeeded',
    createdAt: new Date(START - minutes * MINUTE),
    ...members
  }),
  targets
})

const shifted = (newer: string, older: string): Target[] => [served(newer), blocked(older)]

const NONE: TargetHealth = () =>
  Promise.reject(
    refusal('AccessDenied', 'not authorized to perform: elasticloadbalancing:DescribeTargetHealth', 403)
  )
const healthy =
  (...ids: string[]): TargetHealth =>
  () =>
    Promise.resolve(ids.map((id) => ({ id, state: 'healthy' })))

const service = (all: readonly Past[]) => {
  const reads: string[] = []
  return {
    reads,
    service: {
      deploymentIds: ({ since = 0, statuses }: { since?: number; statuses?: readonly string[] }) =>
        Promise.resolve(
          all
            .map((one) => one.deployment)
            .filter(
              ({ createdAt, status }) => createdAt.getTime() >= since && (statuses?.includes(status) ?? true)
            )
            .map(({ id }) => id)
        ),
      deployments: (ids: readonly string[]) =>
        Promise.resolve(all.map((one) => one.deployment).filter(({ id }) => ids.includes(id))),
      targetIds: (id: string) => {
        reads.push(id)
        return Promise.resolve(
          all.find((one) => one.deployment.id === id)?.targets.map((one) => one.id) ?? []
        )
      },
      targets: (id: string) => Promise.resolve(all.find((one) => one.deployment.id === id)?.targets ?? [])
    }
  }
}

const groupOf = (all: readonly Past[], members: Partial<DeploymentGroup> = {}): DeploymentGroup => {
  const good = all.find((one) => one.deployment.status === 'Succeeded')?.deployment
  return group({
    ...(all[0] === undefined ? {} : { lastAttempted: { id: all[0].deployment.id } }),
    ...(good === undefined ? {} : { lastSuccessful: { id: good.id, createdAt: good.createdAt } }),
    ...members
  })
}

const read = async (
  all: readonly Past[],
  health: TargetHealth = NONE,
  members: Partial<DeploymentGroup> = {}
) => {
  const fake = service(all)
  const { live } = await readLive(groupOf(all, members), { service: fake.service, health })
  return { live, reads: fake.reads }
}

/** `commit d-A1`, `mixed d-B1+d-A2`, or `unknown`. */
const shown = (live: Live): string =>
  live.kind === 'commit'
    ? `commit ${live.deployment.id}`
    : live.kind === 'mixed'
      ? `mixed ${live.parts.map((part) => part.deployment?.id ?? '?').join('+')}`
      : 'unknown'

const back = (minutes: number, of: string, members: Partial<Deployment> = {}, targets: Target[] = []): Past =>
  past(
    minutes,
    'a',
    { id: `d-R${minutes}`, creator: 'codeDeployRollback', rollback: { of }, ...members },
    targets
  )

describe('what the deployments say', () => {
  test.each<[string, Past[], string]>([
    ['nothing was ever deployed', [], 'unknown'],
    ['one that succeeded, though its targets are gone', [past(1, 'a', {})], 'commit d-A1'],
    [
      'a deployment that was stopped in its termination wait serves',
      [past(1, 'b', { status: 'Stopped' }, shifted('i-2', 'i-1')), past(9, 'a', {}, shifted('i-1', 'i-0'))],
      'commit d-B1'
    ],
    [
      "the service's own rollback brings back what served before, not what succeeded last",
      [
        back(1, 'd-C2', {}, [
          target('i-2', 'blue', { names: ['AllowTraffic'], events: ['Succeeded'] }),
          target('i-3', 'green', { names: ['BlockTraffic'], events: ['Succeeded'] })
        ]),
        past(2, 'c', { status: 'Stopped', rollback: { by: 'd-R1' } }, shifted('i-3', 'i-2')),
        past(5, 'b', { status: 'Stopped' }, shifted('i-2', 'i-1')),
        past(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'commit d-B5'
    ],
    [
      'the same when the targets of the rollback are gone',
      [
        back(1, 'd-C2'),
        past(2, 'c', { status: 'Stopped', rollback: { by: 'd-R1' } }, shifted('i-3', 'i-2')),
        past(5, 'b', { status: 'Stopped' }, shifted('i-2', 'i-1')),
        past(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'commit d-B5'
    ],
    [
      'a stop in the middle of the shift leaves both',
      [
        past(1, 'b', { status: 'Stopped' }, [served('i-2'), blue('i-1')]),
        past(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'mixed d-A9+d-B1'
    ],
    [
      'instances left by an unfinished deployment before the last success still serve beside it',
      [
        past(1, 'c', {}, shifted('i-3', 'i-1')),
        past(5, 'b', { status: 'Failed' }, [served('i-2'), blue('i-1')]),
        past(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'mixed d-B5+d-C1'
    ],
    [
      'a failure before the shift moved nobody',
      [
        past(1, 'b', { status: 'Failed' }, [green('i-2', 3, 'Failed')]),
        past(9, 'a', {}, shifted('i-1', 'i-0'))
      ],
      'commit d-A9'
    ],
    [
      'an instance that Auto Scaling replaced before the next deployment is gone with its fleet',
      [
        past(1, 'b', {}, [served('i-4'), blocked('i-1'), blocked('i-3')]),
        past(5, 'a', { creator: 'autoscaling', style: 'IN_PLACE' }, [
          target('i-3', 'in-place', { status: 'Succeeded' })
        ]),
        past(9, 'a', {}, [served('i-1'), served('i-2'), blocked('i-0')])
      ],
      'commit d-B1'
    ],
    [
      'in place, those that a failed deployment did not reach run the former revision',
      [
        past(1, 'b', { status: 'Failed', style: 'IN_PLACE' }, [
          target('i-1', 'in-place', { status: 'Succeeded', names: ['Install'], events: ['Succeeded'] })
        ]),
        past(9, 'a', { style: 'IN_PLACE' }, [
          target('i-1', 'in-place', { status: 'Succeeded', names: ['Install'], events: ['Succeeded'] }),
          target('i-2', 'in-place', { status: 'Succeeded', names: ['Install'], events: ['Succeeded'] })
        ])
      ],
      'mixed d-B1+d-A9'
    ],
    [
      'in place, a half-installed instance is not known to run anything',
      [
        past(1, 'b', { status: 'Failed', style: 'IN_PLACE' }, [
          target('i-1', 'in-place', { status: 'Failed', names: ['Install'], events: ['Failed'] })
        ]),
        past(9, 'a', { style: 'IN_PLACE' }, [
          target('i-1', 'in-place', { status: 'Succeeded', names: ['Install'], events: ['Succeeded'] })
        ])
      ],
      'unknown'
    ]
  ])('%s', async (_, all, expected) => {
    expect(shown((await read(all)).live)).toBe(expected)
  })

  test('reads only the last success if nothing was left open', async () => {
    const all = Array.from({ length: 30 }, (_, at) =>
      past(at + 1, 'a', {}, shifted(`i-${at}`, `i-${at + 1}`))
    )
    expect((await read(all)).reads).toEqual(['d-A1'])
  })

  test('reads an unfinished one once, and not at all if the service says that no traffic moved', async () => {
    const message = 'Automatic rollback isn’t required because traffic hasn’t begun rerouting'
    const all = [
      past(1, 'c', {}, shifted('i-3', 'i-1')),
      past(2, 'b', { status: 'Failed', rollback: { message } }),
      past(3, 'b', { status: 'Stopped' }, [green('i-2', 3)]),
      past(9, 'a', {}, shifted('i-1', 'i-0'))
    ]
    expect((await read(all)).reads.sort()).toEqual(['d-B3', 'd-C1'])
  })

  test('does not look for an unfinished one more than 30 days before the last success', async () => {
    const all = [
      past(1, 'c', {}, shifted('i-3', 'i-1')),
      past((31 * DAY) / MINUTE, 'b', { status: 'Failed' }, [served('i-2'), blue('i-1')])
    ]
    expect(shown((await read(all)).live)).toBe('commit d-C1')
  })
})

describe('what the load balancer says', () => {
  const left = [
    past(1, 'c', {}, shifted('i-3', 'i-1')),
    past(5, 'b', { status: 'Failed' }, [served('i-2'), blue('i-1')]),
    past(9, 'a', {}, shifted('i-1', 'i-0'))
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

  test('no healthy instance proves nothing', async () => {
    const sick: TargetHealth = () => Promise.resolve([{ id: 'i-3', state: 'unhealthy' }])
    expect((await read(left, sick)).live).toMatchObject({
      kind: 'unknown',
      reason: 'the load balancer reports no healthy instance'
    })
  })

  test.each<[string, TargetHealth, Partial<DeploymentGroup>, string | undefined]>([
    ['the permission is missing', NONE, {}, 'elasticloadbalancing:DescribeTargetHealth'],
    ['it does not answer', () => Promise.reject(broken()), {}, 'ECONNRESET'],
    ['addresses are registered', healthy('10.0.0.1'), {}, 'addresses instead of instances'],
    ['the group has no target group', healthy('i-2'), { targetGroups: [] }, undefined]
  ])('the deployments answer if %s', async (_, health, members, note) => {
    const { live } = await read(left.slice(0, 1), health, members)
    expect(shown(live)).toBe('commit d-C1')
    expect(live.evidence.from).toBe('deployments')
    if (note === undefined) expect(live.evidence.note).toBeUndefined()
    else expect(live.evidence.note).toContain(note)
  })

  test('a cancel is passed on, not mistaken for a missing permission', async () => {
    const canceled = Object.assign(new Error('aborted'), { name: 'AbortError' })
    await expect(read(left, () => Promise.reject(canceled))).rejects.toBe(canceled)
  })
})

describe('whether the target of a rollback is live', () => {
  const confirm = async (health: TargetHealth) => {
    const clock = virtualClock()
    const all = [past(1, 'a', {}, shifted('i-2', 'i-1')), past(9, 'b', {}, shifted('i-1', 'i-0'))]
    const live = await confirmLive(
      stored(sha('a')),
      { group: groupOf(all), sources: { service: service(all).service, health } },
      { clock, signal: noSignal(), deadline: START + DAY }
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
    expect(live).toBe('mixed d-B9+d-A1')
    expect(waitedMs).toBeLessThanOrEqual(30_000)
  })

  test('the answer of the deployments is given at once', async () => {
    expect(await confirm(NONE)).toEqual({ live: 'commit d-A1', waitedMs: 0 })
  })
})
