import { describe, expect, test } from '@jest/globals'
import type { LifecycleEvent, Target } from '../../src/domain/event.js'
import { blueLivesUntil, trafficMovedAt } from '../../src/domain/phase.js'
import { eventLine, phaseHeading } from '../../src/report/lines.js'
import { painter } from '../../src/report/style.js'
import { serves, trafficLine } from '../../src/report/traffic.js'
import { heartbeatLine, holderLine, waitLine } from '../../src/report/waits.js'
import { at } from '../fakes/clock.js'
import { failing, outcome } from '../fakes/endings.js'
import { timesAt } from '../fakes/times.js'
import {
  ALLOW,
  BLOCK,
  blocked,
  deployment,
  events,
  failedDiagnostics,
  ID,
  INSTALL,
  instance,
  served,
  target,
  unrun,
  waits
} from '../fakes/nouns.js'

const line = (event: LifecycleEvent, colored = false): string =>
  eventLine(
    { target: target(instance(1), 'green', [event]), event },
    { paint: painter(colored), ...timesAt(at(500)) }
  )

describe('one line for each change', () => {
  test.each([
    [
      'ended',
      { name: 'AfterInstall', status: 'Succeeded', startTime: at(218), endTime: at(221.2) },
      '12:03:41  green     i-0a1b2c3d4e5f60001  AfterInstall        Succeeded         3.2 s'
    ],
    [
      'begun',
      { name: 'Install', status: 'InProgress', startTime: at(218) },
      '12:03:38  green     i-0a1b2c3d4e5f60001  Install             InProgress'
    ],
    [
      'skipped, without times',
      { name: 'AllowTraffic', status: 'Skipped' },
      '12:08:20  green     i-0a1b2c3d4e5f60001  AllowTraffic        Skipped'
    ],
    [
      'clocks that disagree',
      { name: 'Install', status: 'Succeeded', startTime: at(221), endTime: at(220) },
      '12:03:40  green     i-0a1b2c3d4e5f60001  Install             Succeeded         0.0 s'
    ],
    [
      'failed',
      {
        name: 'AfterInstall',
        status: 'Failed',
        startTime: at(0),
        endTime: at(125),
        diagnostics: failedDiagnostics()
      },
      '12:02:05  green     i-0a1b2c3d4e5f60001  AfterInstall        Failed       2 min 05 s  ScriptFailed scripts/validate.sh'
    ],
    [
      'a word of tomorrow',
      { name: 'Warm\nUp', status: 'Baking' },
      '12:08:20  green     i-0a1b2c3d4e5f60001  Warm↵Up             Baking'
    ]
  ])('%s', (_, event, expected) => {
    expect(line(event)).toBe(expected)
  })

  test('colors do not shift the columns', () => {
    const event = { name: 'Install', status: 'Failed', startTime: at(0), endTime: at(1) }
    // eslint-disable-next-line no-control-regex
    expect(line(event, true).replace(/\u001b\[\d+m/g, '')).toBe(line(event))
    expect(line(event, true)).toContain('\u001b[31mFailed')
  })

  test.each([
    ['provision', 'Provision the green fleet'],
    ['install', 'Install on the green fleet'],
    ['traffic', 'Shift the traffic'],
    ['termination-wait', 'The blue fleet is waiting to be terminated']
  ] as const)('the phase %s is headed %j', (phase, expected) => {
    expect(phaseHeading(phase, deployment())).toBe(expected)
  })

  test('headings of an in-place deployment mention no fleets', () => {
    expect(phaseHeading('install', deployment({ style: 'IN_PLACE' }))).toBe('Update the instances')
  })
})

describe('which instances serve', () => {
  const inPlace = (its: LifecycleEvent[]): Target => target(instance(1), 'in-place', its)
  test.each([
    ['green before', target(instance(1), 'green', unrun([...INSTALL, ...ALLOW])), false],
    ['green after', served(instance(1), 0), true],
    ['blue before', target(instance(1), 'blue', unrun(BLOCK)), true],
    [
      'blue while it drains',
      target(instance(1), 'blue', [{ name: 'BlockTraffic', status: 'InProgress' }]),
      false
    ],
    ['blue after', blocked(instance(1), 0), false],
    ['blue that was let back', target(instance(1), 'blue', events(ALLOW, 0)), true],
    ['in-place before', inPlace(unrun([...BLOCK, ...INSTALL, ...ALLOW])), true],
    ['in-place while it is updated', inPlace([...events(BLOCK, 0), ...unrun(ALLOW)]), false],
    ['in-place after', inPlace([...events(BLOCK, 0), ...events(ALLOW, 60)]), true],
    ['no balancer', inPlace(unrun(INSTALL)), false]
  ])('%s: %s', (_, its, expected) => {
    expect(serves(its)).toBe(expected)
  })

  const waiting = target(instance(2), 'green', unrun([...INSTALL, ...ALLOW]))
  test.each([
    [
      'both fleets',
      [
        served(instance(1), 0),
        waiting,
        target(instance(3), 'blue', unrun(BLOCK)),
        target(instance(4), 'blue', unrun(BLOCK))
      ],
      'traffic: green 1/2 · blue 2/2'
    ],
    ['blue not named yet', [served(instance(1), 0), waiting], 'traffic: green 1/2 · blue serves'],
    ['in place', [inPlace(unrun([...BLOCK, ...ALLOW]))], 'traffic: 1/1 in service'],
    ['no balancer', [inPlace(unrun(INSTALL))], ''],
    ['nothing', [], '']
  ])('the line for %s', (_, targets, expected) => {
    expect(trafficLine(targets)).toBe(expected)
  })

  test('the traffic has moved when the last new instance takes it, not counting failed ones', () => {
    const last = served(instance(2), 10)
    expect(trafficMovedAt([served(instance(1), 0), last])).toEqual(last.events[8]?.endTime)
    expect(trafficMovedAt([served(instance(1), 0), waiting])).toBeUndefined()
    expect(trafficMovedAt([served(instance(1), 0), { ...waiting, status: 'Failed' }])).toBeDefined()
    expect(trafficMovedAt([])).toBeUndefined()
  })
})

describe('waits', () => {
  const { targets } = outcome()
  test('the termination wait counts from the last event', () => {
    expect(blueLivesUntil(deployment(), targets)?.toISOString()).toBe('2026-11-22T20:03:18.800Z')
    expect(blueLivesUntil(deployment({ status: 'Succeeded' }), targets)).toBeUndefined()
    expect(blueLivesUntil(deployment(), [])).toBeUndefined()
  })

  test.each([
    [
      'provision',
      deployment(),
      [],
      'provisioning the green fleet (5 min so far): instances are starting and their agents are connecting'
    ],
    ['install', deployment(), [target(instance(1), 'green', events(INSTALL, 0), 'InProgress')], ''],
    [
      'ready, then moves',
      deployment({
        status: 'Ready',
        waits: waits({ readyMinutes: 10 })
      }),
      [target(instance(1), 'green', [...events(INSTALL.slice(0, 1), 0), ...unrun(ALLOW)], 'Ready')],
      'the green fleet is ready; in 5 min (12:10) the traffic moves'
    ],
    [
      'ready, then stops',
      deployment({
        status: 'Ready',
        waits: waits({ readyMinutes: 10, readyAction: 'STOP_DEPLOYMENT' })
      }),
      [target(instance(1), 'green', [...events(INSTALL.slice(0, 1), 0), ...unrun(ALLOW)], 'Ready')],
      'the green fleet is ready; in 5 min (12:10) the service stops the deployment unless someone continues it'
    ],
    [
      'termination',
      deployment(),
      targets,
      'the blue fleet keeps running until 20:03 (7 h 58 min left); traffic stays on green'
    ],
    [
      'kept running',
      deployment({
        waits: waits({ terminationMinutes: 0, blueAction: 'KEEP_ALIVE' })
      }),
      targets,
      'the blue fleet is kept running, out of service; it costs money until someone deletes it'
    ]
  ])('%s', (_, its, its_targets, expected) => {
    expect(waitLine(its, its_targets, timesAt(at(300)))).toBe(expected)
  })

  const heartbeat = (its: ReturnType<typeof deployment>, on: readonly Target[]): string =>
    heartbeatLine(
      {
        deployment: its,
        targets: [...on],
        since: at(0).getTime(),
        changedAt: at(0).getTime(),
        until: at(7200).getTime()
      },
      timesAt(at(300))
    )
  const busy = target(instance(2), 'green', [
    ...events(INSTALL.slice(0, 6), 0),
    { name: 'ValidateService', status: 'InProgress', startTime: at(60) },
    ...unrun(ALLOW)
  ])
  test.each<[string, ReturnType<typeof deployment>, Target[], string]>([
    [
      'a fleet that does not exist yet',
      deployment(),
      [],
      'provisioning the green fleet (5 min so far): instances are starting and their agents are connecting'
    ],
    [
      'agents that have not answered',
      deployment(),
      [target(instance(1), 'green', unrun([...INSTALL, ...ALLOW]))],
      'provisioning the green fleet (5 min so far): instances are starting and their agents are connecting; 0 of 1 instance answered'
    ],
    [
      'a slow script',
      deployment(),
      [target(instance(1), 'green', [...events(INSTALL, 0), ...unrun(ALLOW)]), busy],
      `1 of 2 instances installed; ValidateService is running on ${instance(2)} since 12:01`
    ],
    [
      'a script beside one that failed',
      deployment(),
      [busy, failing(3, 0)],
      `0 of 2 instances installed, 1 failed; ValidateService is running on ${instance(2)} since 12:01`
    ],
    [
      'two slow scripts',
      deployment(),
      [busy, { ...busy, id: instance(3) }],
      `0 of 2 instances installed; ValidateService is running on ${instance(2)} since 12:01, and 1 more event`
    ],
    [
      'the traffic',
      deployment(),
      [
        served(instance(1), 0),
        target(instance(3), 'blue', [{ name: 'BlockTraffic', status: 'InProgress', startTime: at(90) }])
      ],
      `traffic: green 1/1 · blue 0/1; BlockTraffic is running on ${instance(3)} since 12:01`
    ],
    [
      'the end of blue',
      deployment(),
      targets,
      'the blue fleet keeps running until 20:03 (7 h 58 min left); traffic stays on green'
    ]
  ])('the heartbeat of %s', (_, its, on, awaited) => {
    expect(heartbeat(its, on)).toBe(
      `Waiting for ${ID}: ${awaited} · no news since 12:00 (5 min) · watched until 14:00 at most`
    )
  })

  test('who holds the group, since when, in which phase, and for how long at most', () => {
    expect(
      holderLine(deployment({ description: 'aaaaaaaa Fix | run 42.1 by mina' }), targets, timesAt(at(900)))
    ).toBe(
      'd-AAAAAAAAA has held shop/web since 12:00 (15 min) · started by user: aaaaaaaa Fix | run 42.1 by mina · InProgress, already serving; its blue fleet is waiting to be terminated · at most 7 h 48 min more (until 20:03, termination wait 480 min)'
    )
    expect(holderLine(deployment(), [], timesAt(at(60)))).toBe(
      'd-AAAAAAAAA has held shop/web since 12:00 (1 min) · started by user · InProgress, provisioning its green fleet · its waits add at most 8 h (termination wait 480 min)'
    )
  })
})
