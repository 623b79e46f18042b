import { describe, expect, test } from '@jest/globals'
import type { Target } from '../../src/domain/event.js'
import { watch } from '../../src/steps/watch.js'
import { at, noSignal, START, virtualClock } from '../fakes/clock.js'
import { blocked, blue, deployment, green, GREEN_EVENTS, ID, served, target, unrun } from '../fakes/nouns.js'
import { inTurn, overTime, scripted, type Snapshot } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'

const shown = (targets: Target[], status = 'InProgress'): Snapshot => ({
  deployment: deployment({ status }),
  targets
})

const whole: Snapshot[] = [
  shown([], 'Created'),
  shown([green('i-1'), green('i-2')]),
  shown([green('i-1', 2, 'InProgress'), green('i-2', 1, 'InProgress')]),
  shown([green('i-1', 7), green('i-2', 6, 'InProgress')], 'Ready'),
  shown([served('i-1'), green('i-2', 8, 'InProgress'), blue('i-8'), blue('i-9')]),
  shown([served('i-1'), served('i-2'), blocked('i-8'), blue('i-9', 1, 'InProgress')]),
  shown([served('i-1'), served('i-2'), blocked('i-8'), blocked('i-9')]),
  shown([served('i-1'), served('i-2'), blocked('i-8'), blocked('i-9')], 'Succeeded')
]

describe('what is reported', () => {
  test('each event of each instance once, in the end each as succeeded', async () => {
    const run = watching()
    const { end } = await watch(ID, inTurn(whole), run)
    expect(end).toBe('over')
    const told = run.told()
    expect(new Set(told).size).toBe(told.length)
    expect(told.filter((line) => line.endsWith('Succeeded'))).toHaveLength(2 * 10 + 2 * 3)
  })

  test('the phases in their order, each once', async () => {
    const run = watching()
    await watch(ID, inTurn(whole), run)
    expect(run.news.flatMap((one) => (one.kind === 'phase' ? [one.phase] : []))).toEqual([
      'provision',
      'install',
      'ready',
      'traffic',
      'termination-wait',
      'over'
    ])
  })

  test('the traffic whenever an instance enters or leaves service', async () => {
    const run = watching()
    await watch(ID, inTurn(whole), run)
    expect(run.news.filter(({ kind }) => kind === 'traffic')).toHaveLength(3)
  })

  test('no traffic while only the hooks before the load balancer ran', async () => {
    const run = watching()
    await watch(ID, inTurn([shown([green('i-1', 8)]), shown([green('i-1', 8, 'Failed')], 'Failed')]), run)
    expect(run.told()).toContain('i-1 BeforeAllowTraffic Succeeded')
    expect(run.news.filter(({ kind }) => kind === 'traffic')).toEqual([])
  })

  test('until traffic: the end is the traffic on green, with blue still alive', async () => {
    const run = watching({ until: 'traffic' })
    const { end, deployment: last } = await watch(ID, inTurn(whole), run)
    expect([end, last.status]).toEqual(['traffic', 'InProgress'])
    expect(run.told().filter((line) => line.endsWith('Succeeded'))).toHaveLength(26)
  })

  test('the failed event of the final look is reported, and before the end', async () => {
    const run = watching()
    const { end, targets } = await watch(
      ID,
      inTurn([shown([green('i-1', 3, 'InProgress')]), shown([green('i-1', 3, 'Failed')], 'Failed')]),
      run
    )
    expect(run.told().at(-1)).toBe('i-1 Install Failed')
    expect([end, targets[0]?.status]).toEqual(['over', 'Failed'])
  })

  test('an instance that first shows up in the final look is reported too', async () => {
    const run = watching()
    await watch(
      ID,
      inTurn([shown([green('i-1', 2)]), shown([green('i-1', 2), green('i-2', 1, 'Failed')], 'Failed')]),
      run
    )
    expect(run.told()).toContain('i-2 DownloadBundle Failed')
  })

  test('an instance that Auto Scaling replaced is dropped, its successor is reported', async () => {
    const run = watching()
    const { targets } = await watch(
      ID,
      inTurn([
        shown([green('i-1', 3, 'InProgress'), green('i-2', 3)]),
        shown([green('i-2', 4), green('i-3', 1)]),
        { deployment: deployment({ overview: { Pending: 1 } }), targets: [green('i-2', 5), green('i-3', 2)] },
        shown([served('i-2'), served('i-3')], 'Succeeded')
      ]),
      run
    )
    expect(targets.map(({ id }) => id).sort()).toEqual(['i-2', 'i-3'])
    expect(run.told().filter((line) => line.startsWith('i-3') && line.endsWith('Succeeded'))).toHaveLength(10)
  })

  test('what was already known about this deployment is not reported again', async () => {
    const known = { deployment: deployment(), targets: [served('i-1'), green('i-2', 8, 'InProgress')] }
    const run = watching({ known })
    await watch(ID, inTurn([shown(known.targets), shown([served('i-1'), served('i-2')], 'Succeeded')]), run)
    expect(run.told()).toEqual(['i-2 AllowTraffic Succeeded', 'i-2 AfterAllowTraffic Succeeded'])
    expect(run.news.filter(({ kind }) => kind !== 'change')).toEqual([
      expect.objectContaining({ kind: 'traffic' }),
      expect.objectContaining({ kind: 'phase', phase: 'over' })
    ])
  })

  test('what is known about another deployment hides nothing', async () => {
    const known = { deployment: deployment({ id: 'd-OTHER0000' }), targets: [served('i-1')] }
    const run = watching({ known })
    await watch(ID, inTurn([shown([served('i-1')], 'Succeeded')]), run)
    expect(run.told()).toHaveLength(10)
  })

  test('changes of one look are reported by the clock of the service, each phase before its events', async () => {
    const run = watching()
    const installed: Target = {
      ...green('i-1'),
      status: 'Succeeded',
      events: [
        // No times: it is told last, and begins no phase.
        { name: 'BeforeAllowTraffic', status: 'Skipped' },
        { name: 'AllowTraffic', status: 'Succeeded', startTime: at(5), endTime: at(9) },
        { name: 'Install', status: 'Succeeded', startTime: at(1), endTime: at(9) },
        { name: 'AfterInstall', status: 'InProgress', startTime: at(3) },
        { name: 'DownloadBundle', status: 'Succeeded', startTime: at(0), endTime: at(1) }
      ]
    }
    await watch(ID, inTurn([shown([installed], 'Succeeded')]), run)
    const lines = run.news.map((one) =>
      one.kind === 'change' ? one.change.event.name : one.kind === 'phase' ? one.phase : one.kind
    )
    expect(lines).toEqual([
      'install',
      ...['DownloadBundle', 'AfterInstall', 'Install'],
      ...['traffic', 'AllowTraffic', 'BeforeAllowTraffic'],
      'traffic',
      'over'
    ])
  })

  test('an outdated answer changes nothing that was reported', async () => {
    const run = watching()
    await watch(
      ID,
      inTurn([
        shown([green('i-1', 5)]),
        shown([green('i-1', 2, 'InProgress')]),
        shown([green('i-1', 5)]),
        shown([served('i-1')], 'Succeeded')
      ]),
      run
    )
    expect(run.told()).toHaveLength(10)
  })
})

describe('a heartbeat', () => {
  const beats = async (snapshots: [number, Snapshot][], minutes: number): Promise<number[]> => {
    const clock = virtualClock()
    const said: number[] = []
    await watch(ID, overTime(clock, { [ID]: snapshots }), {
      ...watching({ clock, deadline: START + minutes * 60_000 }),
      tell: ({ kind }) => {
        if (kind === 'waiting') said.push(Math.floor((clock.now() - START) / 60_000))
      }
    })
    return said
  }
  const moved = shown([served('i-1'), blocked('i-8')])

  test('nine hours of silence print 40 lines: after 1 minute, then every 5, then every 15', async () => {
    const said = await beats([[0, moved]], 9 * 60)
    expect(said.slice(0, 10)).toEqual([1, 5, 10, 15, 20, 25, 30, 45, 60, 75])
    expect([said.length, said.at(-1)]).toEqual([40, 525])
  })

  test('starts again with each change, and none comes while events flow', async () => {
    const step = (seconds: number, count: number): [number, Snapshot] => [
      seconds * 1000,
      shown([green('i-1', count, 'InProgress')])
    ]
    expect(await beats([step(0, 1), step(50, 2), step(100, 3), step(150, 4)], 4.2)).toEqual([3])
    expect(await beats([step(0, 1), step(50, 2), step(100, 3)], 2.5)).toEqual([])
  })

  test('says since when nothing has changed, and until when it is watched', async () => {
    const run = watching({ deadline: START + 120_000 })
    await watch(
      ID,
      scripted(() => moved),
      run
    )
    expect(run.news.filter(({ kind }) => kind === 'waiting')).toEqual([
      {
        kind: 'waiting',
        waiting: expect.objectContaining({ ...moved, since: START, until: START + 120_000 })
      }
    ])
  })
})

describe('what a look costs', () => {
  const fleet = (size: number, side: (id: string, count: number) => Target, count: number): Target[] =>
    Array.from({ length: size }, (_, at) =>
      side(`i-${side === blue ? 'b' : 'g'}${at}`, Math.min(count, side === blue ? 3 : 10))
    )

  const moving = (size: number): Snapshot[] =>
    Array.from({ length: 30 }, (_, at): Snapshot => ({
      deployment: deployment({ overview: { Succeeded: at }, status: at === 29 ? 'Succeeded' : 'InProgress' }),
      targets: [
        ...fleet(size, green, Math.min(10, at)),
        ...(at < 8 ? [] : fleet(size, blue, Math.floor((at - 8) / 5)))
      ]
    }))

  test.each([
    [1, 3],
    [2, 3],
    [10, 3],
    [25, 4],
    [200, 11]
  ])('%d instances on each side: at most %d calls', async (size, most) => {
    const service = inTurn(moving(size))
    const run = watching()
    await watch(ID, service, run)
    const calls = service.looks.map((look) => look.deployment + look.lists + look.batches)
    expect(Math.max(...calls)).toBeLessThanOrEqual(most)
    expect(run.told().filter((line) => line.endsWith('Succeeded'))).toHaveLength(size * 13)
  })

  test('200 instances on each side: what each look lists and reads', async () => {
    const service = inTurn(moving(200))
    await watch(ID, service, watching())
    const times = (count: number, lists: number, batches: number) =>
      Array.from({ length: count }, () => [lists, batches])
    expect(service.looks.map(({ lists, batches }) => [lists, batches])).toEqual([
      // Nobody knows yet how many fit a look; then one fleet, and from the ninth look on both, in turns.
      ...times(2, 2, 4),
      ...times(6, 2, 8),
      ...times(16, 4, 6),
      [4, 2],
      ...times(5, 4, 0)
    ])
  })

  test('new instances are listed when the overview or the status changes, and every tenth look', async () => {
    const targets = [green('i-1', 3, 'InProgress')]
    const calm: Snapshot = { deployment: deployment({ overview: { InProgress: 1 } }), targets }
    const hint: Snapshot = { deployment: deployment({ overview: { InProgress: 1, Pending: 1 } }), targets }
    const baking: Snapshot = { deployment: { ...hint.deployment, status: 'Baking' }, targets }
    const service = inTurn([
      calm,
      calm,
      hint,
      hint,
      baking,
      ...Array.from({ length: 6 }, () => baking),
      whole[7] ?? calm
    ])
    await watch(ID, service, watching())
    expect(service.looks.map(({ lists }) => lists)).toEqual([1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1])
  })

  test.each([
    ['all known ones are done, but blue must come', [served('i-1')], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    ['the traffic has moved', [served('i-1'), blocked('i-8')], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]]
  ])('how often new instances are listed while %s', async (_, targets, lists) => {
    const same = Array.from({ length: 12 }, () => shown(targets))
    const service = inTurn([...same, shown(targets, 'Succeeded')])
    await watch(ID, service, watching())
    expect(service.looks.map((look) => look.lists)).toEqual(lists)
  })

  test('new instances are listed after an answer that lacks one', async () => {
    const targets = [green('i-1', 3, 'InProgress'), green('i-2', 3, 'InProgress')]
    const service = inTurn([...Array.from({ length: 5 }, () => shown(targets)), shown(targets, 'Failed')])
    let reads = 0
    const lacking = async (id: string, ids: readonly string[]): Promise<Target[]> =>
      (await service.targets(id, ids)).slice(++reads === 2 ? 1 : 0)
    await watch(ID, { ...service, targets: lacking }, watching())
    expect(service.looks.map(({ lists }) => lists)).toEqual([1, 0, 1, 0, 0, 1])
  })

  test('when 200 end at once in failure, each is still read once more', async () => {
    const skipped = (id: string): Target => target(id, 'green', unrun(GREEN_EVENTS, 'Skipped'), 'Skipped')
    const ids = Array.from({ length: 400 }, (_, at) => `i-${at}`)
    const service = inTurn([
      shown(ids.map((id) => green(id))),
      shown(ids.map((id) => green(id))),
      shown(ids.map(skipped), 'Failed')
    ])
    const run = watching()
    const { targets } = await watch(ID, service, run)
    expect(targets.every(({ status }) => status === 'Skipped')).toBe(true)
    expect(run.told()).toHaveLength(4_000)
    expect(service.looks.map(({ lists, batches }) => [lists, batches])).toEqual([
      [4, 6],
      [0, 8],
      [4, 12],
      [0, 4]
    ])
  })

  test('a target that never settles does not keep a watch from ending', async () => {
    const service = inTurn([
      shown([green('i-1', 3, 'Unknown')]),
      shown([green('i-1', 3, 'Unknown')], 'Failed')
    ])
    expect((await watch(ID, service, watching())).end).toBe('over')
    expect(service.looks).toHaveLength(2)
  })

  test('a termination wait of eight hours makes few calls', async () => {
    const clock = virtualClock()
    const service = overTime(clock, {
      [ID]: [
        [0, shown([served('i-1'), blocked('i-8')])],
        [8 * 3_600_000, shown([served('i-1'), blocked('i-8')], 'Succeeded')]
      ]
    })
    await watch(ID, service, watching({ clock }))
    const calls = service.looks.reduce((sum, look) => sum + look.deployment + look.lists + look.batches, 0)
    expect(service.looks.length).toBeLessThan(1_100)
    expect(calls).toBeLessThan(service.looks.length * 1.2)
  })
})

describe('when it looks', () => {
  const pauses = async (snapshot: Snapshot, minutes: number): Promise<number[]> => {
    const clock = virtualClock()
    await watch(
      ID,
      scripted(() => snapshot),
      watching({ clock, deadline: START + minutes * 60_000 })
    )
    return clock.slept.slice(0, -1)
  }
  const near = (ms: number) => ({ least: ms * 0.9, most: ms * 1.1 })
  const expectNear = (values: number[], ms: number): void => {
    for (const value of values) {
      expect(value).toBeGreaterThanOrEqual(near(ms).least)
      expect(value).toBeLessThanOrEqual(near(ms).most)
    }
  }

  test('every 5 s while events flow, every 15 s after two quiet minutes', async () => {
    const slept = await pauses(shown([green('i-1', 3, 'InProgress')]), 10)
    const early = slept.filter((_, at) => slept.slice(0, at).reduce((sum, ms) => sum + ms, 0) <= 120_000)
    expectNear(early, 5_000)
    expectNear(slept.slice(early.length), 15_000)
    expect(slept.length).toBeGreaterThan(early.length + 10)
  })

  test.each([
    ['the ready wait', shown([green('i-1', 7)], 'Ready')],
    ['the termination wait', shown([served('i-1'), blocked('i-8')])]
  ])('every 30 s in %s', async (_, snapshot) => {
    expectNear(await pauses(snapshot, 10), 30_000)
  })

  test('at the deadline it ends and leaves the deployment alone', async () => {
    const clock = virtualClock()
    const { end } = await watch(
      ID,
      scripted(() => shown([green('i-1')])),
      watching({ clock, deadline: START + 61_000 })
    )
    expect([end, clock.now()]).toEqual(['deadline', START + 61_000])
  })

  test('a deadline that has passed still allows one look', async () => {
    const service = scripted(() => shown([served('i-1')], 'Succeeded'))
    expect((await watch(ID, service, watching({ deadline: START - 1 }))).end).toBe('over')
  })

  test('a cancel ends it at once, in the middle of a pause', async () => {
    const clock = virtualClock()
    const controller = new AbortController()
    const reason = new Error('canceled')
    clock.at(START + 7_000, () => {
      controller.abort(reason)
    })
    await expect(
      watch(
        ID,
        scripted(() => shown([green('i-1')])),
        watching({ clock, signal: controller.signal })
      )
    ).rejects.toBe(reason)
    expect(clock.now()).toBe(START + 7_000)
  })

  test('a cancel before the first look makes no call', async () => {
    const service = scripted(() => shown([]))
    const signal = AbortSignal.abort(new Error('canceled'))
    await expect(watch(ID, service, watching({ signal }))).rejects.toThrow('canceled')
    expect(service.looks).toEqual([])
  })

  test('often in a wait that was just asked to end', async () => {
    const clock = virtualClock()
    const snapshot = shown([served('i-1'), blocked('i-8')])
    const known = { deployment: snapshot.deployment, targets: snapshot.targets ?? [] }
    await watch(
      ID,
      scripted(() => snapshot),
      watching({ clock, known, deadline: START + 60_000 })
    )
    expectNear(clock.slept.slice(0, -1), 5_000)
  })

  test('an error of a read is not swallowed', async () => {
    const service = { ...scripted(() => shown([])), deployment: () => Promise.reject(new Error('final')) }
    await expect(watch(ID, service, watching({ signal: noSignal() }))).rejects.toThrow('final')
  })
})
