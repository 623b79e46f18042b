import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import {
  firstFailure,
  phaseOf,
  phaseOfEvent,
  trafficHasBegun,
  trafficHasMoved,
  trafficHasShifted,
  type Phase
} from '../../src/domain/phase.js'
import {
  BLOCK,
  blocked,
  blue,
  deployment,
  events,
  green,
  GREEN_EVENTS,
  served,
  target,
  unrun
} from '../fakes/nouns.js'
import { START } from '../fakes/clock.js'

const installing = [green('i-1', 3, 'InProgress'), green('i-2')]
const ready = ['i-1', 'i-2'].map((id): Target => ({ ...green(id, 7), status: 'Ready' }))
const allServed = [served('i-1'), served('i-2')]
const allBlocked = [blocked('i-8'), blocked('i-9')]
const skippedBlue = target('i-8', 'blue', unrun(BLOCK, 'Skipped'), 'Skipped')
const waitStarted = deployment({ terminationWaitStarted: true })

interface Case {
  name: string
  deployment?: Deployment
  targets: Target[]
  moved: boolean
  phase: Phase
}

const cases: Case[] = [
  { name: 'no targets yet', targets: [], moved: false, phase: 'provision' },
  {
    name: 'only created',
    deployment: deployment({ status: 'Created' }),
    targets: [],
    moved: false,
    phase: 'provision'
  },
  {
    name: 'green waits for its agent',
    targets: [green('i-1'), green('i-2')],
    moved: false,
    phase: 'provision'
  },
  { name: 'green installs', targets: installing, moved: false, phase: 'install' },
  {
    name: 'green installs, blue listed from the start',
    targets: [...installing, blue('i-8')],
    moved: false,
    phase: 'install'
  },
  {
    name: 'ready wait',
    deployment: deployment({ status: 'Ready' }),
    targets: ready,
    moved: false,
    phase: 'ready'
  },
  {
    name: 'green takes traffic',
    targets: [green('i-1', 8, 'InProgress'), green('i-2', 7)],
    moved: false,
    phase: 'traffic'
  },
  { name: 'green serves, blue not listed yet', targets: allServed, moved: false, phase: 'traffic' },
  {
    name: 'green serves, blue pending',
    targets: [...allServed, blue('i-8'), blue('i-9')],
    moved: false,
    phase: 'traffic'
  },
  {
    name: 'blue leaves',
    targets: [...allServed, blocked('i-8'), blue('i-9', 1, 'InProgress')],
    moved: false,
    phase: 'traffic'
  },
  {
    name: 'interleaved: one of each done',
    targets: [served('i-1'), green('i-2', 7), blocked('i-8'), blue('i-9')],
    moved: false,
    phase: 'traffic'
  },
  {
    name: 'all moved, the flag stays false',
    targets: [...allServed, ...allBlocked],
    moved: true,
    phase: 'termination-wait'
  },
  {
    name: 'all moved, the flag is true',
    deployment: waitStarted,
    targets: [...allServed, ...allBlocked],
    moved: true,
    phase: 'termination-wait'
  },
  {
    name: 'the flag is true, blue never listed',
    deployment: waitStarted,
    targets: allServed,
    moved: true,
    phase: 'termination-wait'
  },
  {
    name: 'the flag is true, green not done',
    deployment: waitStarted,
    targets: [...installing, ...allBlocked],
    moved: false,
    phase: 'traffic'
  },
  {
    name: 'the flag is true, no targets',
    deployment: waitStarted,
    targets: [],
    moved: false,
    phase: 'provision'
  },
  {
    name: 'a green one failed, the rest serves',
    targets: [served('i-1'), green('i-2', 5, 'Failed'), ...allBlocked],
    moved: true,
    phase: 'termination-wait'
  },
  {
    name: 'every green one failed',
    targets: [green('i-1', 5, 'Failed'), skippedBlue],
    moved: false,
    phase: 'install'
  },
  {
    name: 'a blue one failed to leave',
    targets: [...allServed, blocked('i-8'), blue('i-9', 0, 'Failed')],
    moved: false,
    phase: 'traffic'
  },
  {
    name: 'a blue one left, and failed after it',
    targets: [...allServed, blocked('i-8'), blue('i-9', 2, 'Failed')],
    moved: false,
    phase: 'traffic'
  },
  {
    name: 'a hook of a blue one failed after it left, which the deployment ignores',
    targets: [...allServed, blocked('i-8'), { ...blue('i-9', 2, 'Failed'), status: 'Succeeded' }],
    moved: true,
    phase: 'termination-wait'
  },
  {
    name: 'in place, whatever its targets are called',
    deployment: deployment({ style: 'IN_PLACE' }),
    targets: [...allServed, ...allBlocked],
    moved: false,
    phase: 'traffic'
  },
  { name: 'blue was skipped', targets: [...allServed, skippedBlue], moved: false, phase: 'traffic' },
  {
    name: 'targets stay InProgress though all events are over',
    targets: [...allServed, ...allBlocked].map((one) => ({ ...one, status: 'InProgress' })),
    moved: true,
    phase: 'termination-wait'
  },
  {
    name: 'a target of unknown status',
    targets: [...allServed, ...allBlocked, { id: 'i-3', fleet: 'green', status: 'Hibernating', events: [] }],
    moved: false,
    phase: 'traffic'
  },
  {
    name: 'no labels: nobody knows which fleet it is',
    targets: [...allServed, ...allBlocked].map((one) => ({ ...one, fleet: 'in-place' })),
    moved: false,
    phase: 'install'
  },
  {
    name: 'in place, all done',
    deployment: deployment({ style: 'IN_PLACE' }),
    targets: [target('i-1', 'in-place', events(GREEN_EVENTS))],
    moved: false,
    phase: 'install'
  },
  {
    name: 'unknown status of the deployment',
    deployment: deployment({ status: 'Pondering' }),
    targets: installing,
    moved: false,
    phase: 'install'
  },
  ...(['Succeeded', 'Failed', 'Stopped'] as const).map((status): Case => ({
    name: `over: ${status}`,
    deployment: deployment({ status, terminationWaitStarted: true }),
    targets: [...allServed, ...allBlocked],
    moved: false,
    phase: 'over'
  }))
]

describe('what the last look shows', () => {
  test.each(cases.map((one) => [one.name, one] as const))(
    '%s',
    (_, { deployment: shown = deployment(), targets, moved, phase }) => {
      expect({ moved: trafficHasMoved(shown, targets), phase: phaseOf(shown, targets) }).toEqual({
        moved,
        phase
      })
    }
  )

  test('hooks before the load balancer begin the phase but move no traffic', () => {
    const hook = [green('i-1', 7, 'InProgress')]
    expect([trafficHasBegun(hook), trafficHasShifted(hook)]).toEqual([true, false])
    const balancer = [green('i-1', 8, 'InProgress')]
    expect([trafficHasBegun(balancer), trafficHasShifted(balancer)]).toEqual([true, true])
    expect(trafficHasShifted([skippedBlue])).toBe(false)
  })

  test('a blue instance that leaves moves traffic too', () => {
    expect(trafficHasShifted([blue('i-8', 1, 'InProgress')])).toBe(true)
  })

  test.each(['green', 'blue', 'in-place'] as const)('each event of a %s instance has its phase', (side) => {
    for (const name of [...GREEN_EVENTS, ...BLOCK]) {
      const one = target('i-1', side, events([name], 0, ['InProgress']))
      const isTraffic = name.endsWith('Traffic') && side !== 'in-place'
      expect(trafficHasBegun([one])).toBe(isTraffic)
      for (const event of one.events)
        expect(phaseOfEvent({ target: one, event })).toBe(isTraffic ? 'traffic' : 'install')
    }
  })

  test('a failure without an end time counts from its start', () => {
    const [timed] = [green('i-2', 2, 'Failed')]
    const running = target('i-1', 'green', events(['Install'], 0, ['Failed']))
    for (const event of running.events) delete event.endTime
    expect(firstFailure([timed, running])?.target.id).toBe('i-1')
  })

  test('the first failure is the earliest by the service clock, whatever the order of the answer', () => {
    const late = green('i-1', 6, 'Failed')
    const early = green('i-2', 2, 'Failed')
    expect(firstFailure([late, early])?.target.id).toBe('i-2')
    expect(firstFailure([served('i-1')])).toBeUndefined()
  })

  test('a failure without times comes after one with a time', () => {
    const timeless: Target = {
      id: 'i-1',
      fleet: 'green',
      status: 'Failed',
      events: [{ name: 'Install', status: 'Failed' }]
    }
    const timed: Target = {
      id: 'i-2',
      fleet: 'green',
      status: 'Failed',
      events: [{ name: 'Install', status: 'Failed', endTime: new Date(START) }]
    }
    expect(firstFailure([timeless, timed])?.target.id).toBe('i-2')
  })
})
