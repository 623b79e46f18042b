import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import { liveByDeployments } from '../../src/domain/live.js'
import { followInstances, type Attempt } from '../../src/domain/serving.js'
import type { LiveReading } from '../../src/steps/live.js'
import { planRollback, rollBackFast } from '../../src/steps/rollback.js'
import { START, virtualClock } from '../fakes/clock.js'
import {
  attempt,
  blocked,
  blue,
  deployment,
  events,
  green,
  ID,
  INSTALL,
  NOT_REQUIRED,
  refusal,
  returned,
  served,
  serviceRollback,
  sha,
  stored,
  target
} from '../fakes/nouns.js'
import { overTime, shown, type Snapshot } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'

const goal = { location: stored(sha('a')), commit: sha('a') }

/** The newest first, as the history gives them, one a minute: the digit is the revision. */
const past = (...given: [string, Partial<Deployment>, Target[]?][]): Attempt[] =>
  given.map((one, minutes) => attempt(minutes, ...one))

/** What the deployments say of themselves; the load balancer is not asked. */
const reading = (attempts: Attempt[]): LiveReading => {
  const course = followInstances([...attempts].reverse())
  return { attempts, course, live: liveByDeployments(course.end) }
}

const running = { status: 'InProgress' }
const installing = [green('i-1', 3)]
const moved = [served('i-1'), blocked('i-8')]
const halfMoved = [served('i-1'), blue('i-8', 0, 'Failed')]

describe('which of the three ways', () => {
  test.each<[string, Attempt[], object]>([
    ['the target is live', past(['a', {}], ['b', {}]), { way: 'already-live', live: { id: 'd-A0' } }],
    ['another one is live', past(['b', {}], ['a', {}]), { way: 'redeploy' }],
    ['nothing was ever deployed', [], { way: 'redeploy' }],
    ['nothing ever succeeded', past(['a', { status: 'Failed' }]), { way: 'redeploy' }],
    [
      'it is being replaced: installing',
      past(['b', running, installing], ['a', {}]),
      { way: 'fast', replacing: { id: 'd-B0' } }
    ],
    [
      'it was replaced: only the termination wait is left',
      past(['b', running, moved], ['a', {}]),
      { way: 'fast', replacing: { id: 'd-B0' } }
    ],
    [
      'it is being replaced after a failure that moved nobody',
      past(['b', running], ['c', { status: 'Failed' }, installing], ['a', {}]),
      { way: 'fast' }
    ],
    [
      'a running one replaces another revision',
      past(['c', running, installing], ['b', {}], ['a', {}]),
      { way: 'redeploy' }
    ],
    ['the target itself is being deployed', past(['a', running, installing], ['b', {}]), { way: 'redeploy' }],
    [
      'the target only waits to terminate its blue fleet',
      past(['a', running, moved], ['b', {}]),
      { way: 'already-live' }
    ],
    [
      'an in-place deployment runs',
      past(['b', { ...running, style: 'IN_PLACE' }], ['a', {}]),
      { way: 'redeploy' }
    ],
    [
      "the service's own rollback runs",
      past(['b', { ...running, creator: 'codeDeployRollback' }], ['a', {}]),
      { way: 'redeploy' }
    ],
    [
      'an instance catches up beside it',
      past(['a', { ...running, creator: 'autoscaling' }], ['a', {}]),
      { way: 'already-live' }
    ],
    [
      'a newer one was stopped in its termination wait: that one is live',
      past(['b', { status: 'Stopped' }, moved], ['a', {}]),
      { way: 'redeploy' }
    ],
    [
      'the target was stopped in its termination wait: it is live',
      past(['a', { status: 'Stopped' }, moved], ['b', {}]),
      { way: 'already-live' }
    ],
    [
      'a newer one failed in the middle of the shift: both serve',
      past(['b', { status: 'Failed' }, halfMoved], ['a', {}]),
      { way: 'redeploy' }
    ],
    [
      'a newer one failed in place: some instances have it',
      past(
        [
          'b',
          { status: 'Failed', style: 'IN_PLACE' },
          [target('i-1', 'in-place', events(INSTALL, 0, ['Succeeded', 'Failed']))]
        ],
        ['a', {}]
      ),
      { way: 'redeploy' }
    ],
    [
      'a newer one failed before the shift',
      past(['b', { status: 'Failed' }, installing], ['a', {}]),
      { way: 'already-live' }
    ],
    [
      'a shift that failed and was rolled back by the service',
      past(
        ['a', { creator: 'codeDeployRollback', rollback: { of: 'd-B1' } }],
        ['b', { status: 'Failed' }, halfMoved],
        ['a', {}]
      ),
      { way: 'already-live' }
    ],
    [
      'blue of the running one was half replaced before',
      past(['c', running, installing], ['b', { status: 'Failed' }, halfMoved], ['a', {}]),
      { way: 'redeploy' }
    ],
    [
      'the target is redeployed over itself: installing',
      past(['a', running, installing], ['a', {}]),
      { way: 'redeploy' }
    ],
    [
      'the target is redeployed over itself, and both fleets serve',
      past(['a', running, [served('i-1'), blue('i-8', 1, 'InProgress')]], ['a', {}, [served('i-8')]]),
      { way: 'already-live' }
    ],
    [
      'it was replaced, and an instance catches up beside the one that did',
      past(['a', { ...running, creator: 'autoscaling' }], ['b', running, moved], ['a', {}]),
      { way: 'fast', replacing: { id: 'd-B1' }, targets: moved }
    ],
    ['blue runs another revision', past(['c', running, moved], ['b', {}], ['a', {}]), { way: 'redeploy' }],
    ['nobody knows what blue runs', past(['b', running, moved]), { way: 'redeploy' }],
    ['no blue target shows yet', past(['b', running, [served('i-1')]], ['a', {}]), { way: 'redeploy' }],
    [
      'one of two blue instances got another revision in place',
      past(
        ['c', running, [...moved, blocked('i-9')]],
        ['b', { status: 'Failed', style: 'IN_PLACE' }, [target('i-9', 'in-place', events(INSTALL))]],
        ['a', {}, [served('i-8'), served('i-9')]]
      ),
      { way: 'redeploy' }
    ],
    [
      'blue was left broken when the target was redeployed in place',
      past(
        ['b', running, moved],
        [
          'a',
          { status: 'Failed', style: 'IN_PLACE' },
          [target('i-8', 'in-place', events(INSTALL, 0, ['Succeeded', 'Failed']))]
        ],
        ['a', {}, [served('i-8')]]
      ),
      { way: 'redeploy' }
    ],
    [
      'the same commit in another bundle is live',
      past(['a', { revision: stored(sha('a'), { version: 'v-2' }) }]),
      { way: 'redeploy' }
    ]
  ])('%s', (_, seen, expected) => {
    expect(planRollback(goal, reading(seen))).toMatchObject(expected)
  })
})

const { id: BACK } = serviceRollback()

const goBack = async (
  scripts: Record<string, (readonly [number, Snapshot])[]>,
  stop?: Error,
  known?: { deployment: Deployment; targets: Target[] }
) => {
  const clock = virtualClock()
  const said: string[] = []
  const stops: [string, boolean][] = []
  const options = {
    ...watching({ clock, deadline: START + 1_800_000, pollMs: 1_000 }),
    ...(known === undefined ? {} : { known })
  }
  const service = {
    ...overTime(clock, scripts),
    stop: (id: string, rollback: boolean) => {
      stops.push([id, rollback])
      return stop === undefined ? Promise.resolve({ pending: true, message: '' }) : Promise.reject(stop)
    }
  }
  const outcome = await rollBackFast(deployment(), service, {
    ...options,
    say: (sentence) => {
      said.push(sentence)
    }
  })
  return { outcome, stops, said: said.join('\n'), tookMs: clock.now() - START }
}

describe('every end of a fast rollback', () => {
  test('a termination wait that continues after the stop is abandoned after a minute', async () => {
    const waiting = shown({}, moved)
    const { outcome, said, tookMs } = await goBack({ [ID]: [[0, waiting]] }, undefined, waiting)
    expect(outcome).toBeUndefined()
    expect(said.split('\n')).toEqual([
      `Stopping ${ID} with rollback: its blue fleet is still running, so traffic can move back without a new fleet.`,
      `${ID} was asked to stop 60 s ago, but its termination wait continues. The stored bundle will be redeployed instead.`
    ])
    expect(tookMs).toBe(60_000)
  })

  test('stopped before the shift: traffic never left', async () => {
    const { outcome, stops } = await goBack({
      [ID]: [
        [0, shown({}, installing)],
        [
          3_000,
          shown({ status: 'Stopped', rollback: { message: NOT_REQUIRED } }, [
            green('i-1', 3, 'Failed'),
            blue('i-8')
          ])
        ]
      ]
    })
    expect(outcome).toMatchObject({ name: 'stopped' })
    expect(stops).toEqual([[ID, true]])
  })

  test('stopped while a hook before the load balancer ran: traffic never left either', async () => {
    const { outcome } = await goBack({
      [ID]: [
        [0, shown({ status: 'Stopped', rollback: { message: NOT_REQUIRED } }, [green('i-1', 7, 'Failed')])]
      ]
    })
    expect(outcome?.name).toBe('stopped')
  })

  test('after the shift: the rollback of the service is followed, and its instances prove it', async () => {
    const waiting = shown({}, moved)
    const scripts = {
      [ID]: [
        [0, waiting],
        [2_000, shown({ status: 'Stopped', rollback: { by: BACK } }, moved)]
      ],
      [BACK]: [
        [0, shown(serviceRollback())],
        [8_000, shown(serviceRollback({ status: 'Succeeded' }), [returned('i-8')])]
      ]
    } satisfies Parameters<typeof goBack>[0]
    const { outcome, tookMs } = await goBack(scripts, undefined, waiting)
    expect(outcome).toMatchObject({ name: 'rolled-back', rollback: { id: BACK } })
    expect(tookMs).toBeLessThan(12_000)
  })

  test('the rollback had succeeded before the first look', async () => {
    const { outcome } = await goBack({
      [ID]: [[0, shown({ status: 'Stopped', rollback: { by: BACK } }, moved)]],
      [BACK]: [[0, shown(serviceRollback({ status: 'Succeeded' }), [returned('i-8')])]]
    })
    expect(outcome?.name).toBe('rolled-back')
  })

  const BY_ALARM = { code: 'ALARM_ACTIVE', message: 'Activated alarms: <5xx>' }

  test.each<[string, Record<string, (readonly [number, Snapshot])[]>, string]>([
    [
      'the stop came too late',
      { [ID]: [[0, shown({ status: 'Succeeded' }, moved)]] },
      'had succeeded before the stop came'
    ],
    [
      'stopped after the shift without any rollback',
      { [ID]: [[0, shown({ status: 'Stopped' }, moved)]] },
      'ended as Stopped after traffic had begun to move'
    ],
    [
      'stopped in the middle of the shift without any rollback',
      {
        [ID]: [
          [
            0,
            shown({ status: 'Stopped', rollback: { message: 'cannot be rolled back' } }, [
              served('i-1'),
              green('i-2', 8)
            ])
          ]
        ]
      },
      'the service started no rollback'
    ],
    [
      'the rollback fails',
      {
        [ID]: [[0, shown({ status: 'Stopped', rollback: { by: BACK } }, moved)]],
        [BACK]: [[0, shown(serviceRollback({ status: 'Failed' }))]]
      },
      'd-BACK00000, which should have brought it back, ended as Failed. Its stored'
    ],
    [
      'an alarm stops the rollback',
      {
        [ID]: [[0, shown({ status: 'Stopped', rollback: { by: BACK } }, moved)]],
        [BACK]: [[0, shown(serviceRollback({ status: 'Stopped', error: BY_ALARM }))]]
      },
      'd-BACK00000, which should have brought it back, ended as Stopped, stopped by the alarm 5xx'
    ],
    [
      'the rollback succeeds without an instance in service',
      {
        [ID]: [[0, shown({ status: 'Stopped', rollback: { by: BACK } }, moved)]],
        [BACK]: [[0, shown(serviceRollback({ status: 'Succeeded' }))]]
      },
      'd-BACK00000 succeeded, but no instance of the former fleet took traffic'
    ],
    ['it does not end in time', { [ID]: [[0, shown({}, moved)]] }, 'is still InProgress']
  ])('%s: the bundle will be redeployed, and the log says so', async (_, scripts, words) => {
    const { outcome, said } = await goBack(scripts)
    expect(outcome).toBeUndefined()
    expect(said).toContain(words)
    expect(said).toContain('stored bundle will be redeployed')
  })

  test('the service refuses the stop', async () => {
    const { outcome, said, tookMs } = await goBack(
      {},
      refusal('InvalidDeploymentStatusException', 'it cannot be stopped anymore')
    )
    expect([outcome, tookMs]).toEqual([undefined, 0])
    expect(said).toContain('it cannot be stopped anymore (InvalidDeploymentStatusException)')
  })

  test('the stop worked but its answer was lost, so the second one is refused', async () => {
    const { outcome } = await goBack(
      {
        [ID]: [[0, shown({ status: 'Stopped', rollback: { message: NOT_REQUIRED } }, installing)]]
      },
      refusal('DeploymentAlreadyCompletedException')
    )
    expect(outcome?.name).toBe('stopped')
  })

  test('AccessDenied ends the run', async () => {
    await expect(
      goBack({}, refusal('AccessDeniedException', 'no codedeploy:StopDeployment'))
    ).rejects.toThrow('no codedeploy:StopDeployment')
  })
})
