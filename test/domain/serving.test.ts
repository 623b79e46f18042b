import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import { type Attempt, followInstances, type ServedInstance, stateBefore } from '../../src/domain/serving.js'
import {
  ALLOW,
  attempt,
  BLOCK,
  blocked,
  blue,
  done,
  events,
  green,
  INSTALL,
  returned,
  served,
  target
} from '../fakes/nouns.js'

// Deployments are named after their revision and the minutes since: d-A9 came before d-B5.

const a = (targets: Target[] = [], members: Partial<Deployment> = {}): Attempt =>
  attempt(9, 'a', members, targets)
const b = (targets: Target[] = [], members: Partial<Deployment> = {}): Attempt =>
  attempt(5, 'b', members, targets)
const c = (targets: Target[] = [], members: Partial<Deployment> = {}): Attempt =>
  attempt(1, 'c', members, targets)

const FAILED = { status: 'Failed' }
const STOPPED = { status: 'Stopped' }
const IN_PLACE = { style: 'IN_PLACE' } as const
const SCALED = { creator: 'autoscaling', ...IN_PLACE } as const
const backFrom = (of: string): Partial<Deployment> => ({ creator: 'codeDeployRollback', rollback: { of } })

/** An in-place instance behind a load balancer, whose events have come this far: it leaves, installs and comes back. */
const inTurnOf = (id: string, count: number, last?: string, status?: string): Target =>
  target(id, 'in-place', events([...BLOCK, ...INSTALL, ...ALLOW], 0, done(count, last)), status)
const installed = (id: string, count: number = INSTALL.length, last?: string, status?: string): Target =>
  target(id, 'in-place', events(INSTALL, 0, done(count, last)), status)

/** `i-1 in d-A9`: whether it serves, what it runs (`?` when unknown, `broken` when it did not finish). */
const say = ({ id, traffic, installedBy, intact }: ServedInstance): string =>
  `${id} ${traffic} ${installedBy?.id ?? '?'}${intact ? '' : ' broken'}`

const FIRST = a([served('i-1'), served('i-2')])

describe('which instances serve after', () => {
  test.each<[string, Attempt[], instances: string[], current: string | undefined]>([
    ['the first deployment', [FIRST], ['i-1 in d-A9', 'i-2 in d-A9'], 'd-A9'],
    ['one of which no target is known any longer', [a()], ['all of d-A9 in d-A9'], 'd-A9'],
    [
      'the next one of which no target is known any longer',
      [FIRST, b()],
      ['i-1 out d-A9', 'i-2 out d-A9', 'all of d-B5 in d-B5'],
      'd-B5'
    ],
    [
      'one that failed, of which no target is known',
      [FIRST, b([], FAILED)],
      ['i-1 in d-A9', 'i-2 in d-A9'],
      'd-A9'
    ],
    [
      'an instance that caught up, of which no target is known',
      [FIRST, b([], SCALED)],
      ['i-1 in d-A9', 'i-2 in d-A9'],
      'd-A9'
    ],
    [
      'the replacement of a fleet that nobody knows by name',
      [a(), b([served('i-3'), blocked('i-1'), blue('i-2')], STOPPED)],
      ['all of d-A9 in d-A9', 'i-3 in d-B5', 'i-1 out d-A9', 'i-2 in d-A9'],
      'd-A9'
    ],
    [
      'a replacement, though Auto Scaling had ended one instance before',
      [FIRST, b([served('i-3'), blocked('i-1')])],
      ['i-1 out d-A9', 'i-2 out d-A9', 'i-3 in d-B5'],
      'd-B5'
    ],
    [
      'a replacement whose blue targets do not show: the fleet that served is gone',
      [FIRST, b([served('i-3')])],
      ['i-1 out d-A9', 'i-2 out d-A9', 'i-3 in d-B5'],
      'd-B5'
    ],
    [
      'a stop in the termination wait: all traffic had moved, and which fleet is the next blue is open',
      [FIRST, b([served('i-3'), blocked('i-1')], STOPPED)],
      ['i-1 out d-A9', 'i-2 out d-A9', 'i-3 in d-B5'],
      undefined
    ],
    [
      'a failure while the traffic moved',
      [FIRST, b([served('i-3'), green('i-4', 8, 'Failed'), blue('i-1', 1, 'InProgress')], FAILED)],
      ['i-1 maybe d-A9', 'i-2 in d-A9', 'i-3 in d-B5', 'i-4 maybe d-B5'],
      'd-A9'
    ],
    [
      'a failure to install',
      [FIRST, b([green('i-3', 3, 'Failed'), green('i-4', 1), blue('i-1')], FAILED)],
      ['i-1 in d-A9', 'i-2 in d-A9', 'i-3 out d-B5 broken', 'i-4 out ?'],
      'd-A9'
    ],
    [
      "the service's own rollback",
      [
        FIRST,
        b([served('i-3'), blocked('i-1'), blocked('i-2')], STOPPED),
        c([returned('i-1'), returned('i-2'), target('i-3', 'green', events(BLOCK))], backFrom('d-B5'))
      ],
      ['i-1 in d-A9', 'i-2 in d-A9', 'i-3 out d-B5'],
      'd-A9'
    ],
    [
      'one that shows only what it brought back: the fleet that it undid is gone',
      [
        FIRST,
        b([served('i-3'), blocked('i-1'), blocked('i-2')], STOPPED),
        c([returned('i-1'), returned('i-2')], backFrom('d-B5'))
      ],
      ['i-1 in d-A9', 'i-2 in d-A9', 'i-3 out d-B5'],
      'd-A9'
    ],
    [
      'one that failed: which fleet is the next blue is open',
      [
        FIRST,
        b([served('i-3'), blocked('i-1')], STOPPED),
        c([target('i-1', 'blue', events(ALLOW, 0, ['Succeeded', 'Failed']))], {
          ...FAILED,
          ...backFrom('d-B5')
        })
      ],
      ['i-1 maybe d-A9', 'i-2 out d-A9', 'i-3 in d-B5'],
      undefined
    ],
    [
      'one whose targets are gone: what served before',
      [FIRST, b([served('i-3'), blocked('i-1')], STOPPED), c([], backFrom('d-B5'))],
      ['i-1 in d-A9', 'i-2 in d-A9'],
      'd-A9'
    ],
    [
      'a deployment back to the fleet that served before',
      [
        FIRST,
        b([served('i-3'), blocked('i-1'), blocked('i-2')]),
        c([served('i-1'), served('i-2'), blocked('i-3')])
      ],
      ['i-1 in d-C1', 'i-2 in d-C1', 'i-3 out d-B5'],
      'd-C1'
    ],
    [
      'a rollback of it by the service, which shows only what it brought back',
      [
        FIRST,
        b([served('i-3'), served('i-4'), blocked('i-1'), blocked('i-2')]),
        c([served('i-1'), served('i-2'), blocked('i-3'), blocked('i-4')], STOPPED),
        attempt(0, 'b', backFrom('d-C1'), [returned('i-3'), returned('i-4')])
      ],
      ['i-1 out d-C1', 'i-2 out d-C1', 'i-3 in d-B5', 'i-4 in d-B5'],
      'd-B5'
    ],
    [
      'a failure to install on a fleet that had served',
      [
        FIRST,
        b([served('i-3'), blocked('i-1'), blocked('i-2')]),
        c([green('i-1', 3, 'Failed'), green('i-2', 1), blue('i-3')], FAILED)
      ],
      ['i-1 out d-C1 broken', 'i-2 out d-A9', 'i-3 in d-B5'],
      'd-B5'
    ],
    ['one of a deployment that was not read', [FIRST, c([], backFrom('d-B5'))], [], undefined],
    ['one of the first deployment that was read', [FIRST, c([], backFrom('d-A9'))], [], undefined]
  ])('%s', (_, attempts, instances, current) => {
    const { end } = followInstances(attempts)
    expect([...end.instances.values()].map(say)).toEqual(instances)
    expect(end.current).toBe(current)
  })

  test.each<[string, Attempt[], instances: string[]]>([
    ['without a load balancer', [a([installed('i-1')], IN_PLACE)], ['i-1 in d-A9']],
    [
      'that succeeded: what it did not reach is gone',
      [a([installed('i-1'), installed('i-2')], IN_PLACE), b([installed('i-1')], IN_PLACE)],
      ['i-1 in d-B5', 'i-2 out d-A9']
    ],
    [
      'that failed: what it did not reach still serves',
      [
        a([installed('i-1'), installed('i-2')], IN_PLACE),
        b([installed('i-1', 4, 'Failed')], { ...FAILED, ...IN_PLACE })
      ],
      ['i-1 in d-B5 broken', 'i-2 in d-A9']
    ],
    [
      'that failed before it touched anything',
      [
        FIRST,
        b([installed('i-1', 0), target('i-2', 'in-place', events(['DownloadBundle'], 0, ['Failed']))], {
          ...FAILED,
          ...IN_PLACE
        })
      ],
      ['i-1 in d-A9', 'i-2 in d-A9']
    ],
    [
      'whose only work was a hook before it',
      [FIRST, b([installed('i-1', 0, 'Failed')], { ...FAILED, ...IN_PLACE })],
      ['i-1 in d-B5 broken', 'i-2 in d-A9']
    ],
    [
      'that validated, though its target does not say so yet',
      [a([installed('i-1', INSTALL.length, undefined, 'InProgress')], { status: 'InProgress', ...IN_PLACE })],
      ['i-1 in d-A9']
    ],
    [
      'behind a load balancer, in the middle of it',
      [
        a([installed('i-1'), installed('i-2'), installed('i-3'), installed('i-4')], IN_PLACE),
        b(
          [
            inTurnOf('i-1', 13),
            inTurnOf('i-2', 11, 'InProgress'),
            inTurnOf('i-3', 5, 'InProgress'),
            inTurnOf('i-4', 1, 'InProgress')
          ],
          { status: 'InProgress', ...IN_PLACE }
        )
      ],
      ['i-1 in d-B5', 'i-2 maybe d-B5', 'i-3 out d-B5 broken', 'i-4 maybe d-A9']
    ],
    [
      'behind a load balancer that has not begun',
      [a([installed('i-1')], IN_PLACE), b([inTurnOf('i-1', 0)], { status: 'InProgress', ...IN_PLACE })],
      ['i-1 in d-A9']
    ],
    [
      'of Auto Scaling for a new instance',
      [FIRST, b([installed('i-3')], SCALED)],
      ['i-1 in d-A9', 'i-2 in d-A9', 'i-3 in d-B5']
    ],
    [
      'of Auto Scaling for a new instance, which it ends after a failure',
      [FIRST, b([installed('i-3', 4, 'Failed')], { ...FAILED, ...SCALED })],
      ['i-1 in d-A9', 'i-2 in d-A9', 'i-3 out d-B5 broken']
    ],
    [
      'that only restarts: what is installed stays what it is',
      [a([installed('i-1')], IN_PLACE), b([installed('i-1')], { restart: true, ...IN_PLACE })],
      ['i-1 in d-A9']
    ],
    [
      'that only restarts, in vain',
      [
        a([installed('i-1')], IN_PLACE),
        b([installed('i-1', 5, 'Failed')], { ...FAILED, restart: true, ...IN_PLACE })
      ],
      ['i-1 in d-A9 broken']
    ]
  ])('a deployment in place %s', (_, attempts, instances) => {
    expect([...followInstances(attempts).end.instances.values()].map(say)).toEqual(instances)
  })
})

describe('who put an instance in place', () => {
  const placing = (...attempts: Attempt[]) =>
    Object.fromEntries(
      [...followInstances(attempts).end.instances].map(([id, { placedBy }]) => [id, placedBy?.id])
    )

  test.each<[string, Attempt[], Record<string, string | undefined>]>([
    ['who installed on it', [FIRST], { 'i-1': 'd-A9', 'i-2': 'd-A9' }],
    [
      'who installed last',
      [a([installed('i-1')], IN_PLACE), b([installed('i-1')], IN_PLACE)],
      { 'i-1': 'd-B5' }
    ],
    [
      'a rollback that only gave it the traffic back',
      [FIRST, b([served('i-3'), blocked('i-1')], STOPPED), c([returned('i-1')], backFrom('d-B5'))],
      { 'i-1': 'd-C1', 'i-2': 'd-A9', 'i-3': 'd-B5' }
    ],
    [
      'nobody else when Auto Scaling installs on it again',
      [FIRST, b([installed('i-1')], SCALED)],
      { 'i-1': 'd-A9', 'i-2': 'd-A9' }
    ],
    [
      'Auto Scaling where nobody else did',
      [FIRST, b([installed('i-3')], SCALED)],
      { 'i-1': 'd-A9', 'i-2': 'd-A9', 'i-3': 'd-B5' }
    ],
    [
      'nobody, of what a replacement found and nothing is known of',
      [b([served('i-3'), blue('i-1')], STOPPED)],
      { 'i-3': 'd-B5', 'i-1': undefined }
    ]
  ])('%s', (_, attempts, expected) => {
    expect(placing(...attempts)).toEqual(expected)
  })
})

test('the state before a deployment is that after the one before it', () => {
  const { after } = followInstances([FIRST, b([served('i-3'), blocked('i-1')])])
  expect(stateBefore('d-B5', after)).toBe(after.get('d-A9'))
  expect(stateBefore('d-A9', after)).toEqual({ instances: new Map(), current: undefined })
  expect(stateBefore('d-X', after)).toBeUndefined()
  expect(stateBefore(undefined, after)).toBeUndefined()
})
