import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Target } from '../../src/domain/event.js'
import type { Health } from '../../src/domain/health.js'
import type { GroupState, LaunchAttempt } from '../../src/domain/launch.js'
import type { Machine } from '../../src/domain/machine.js'
import type { Reason } from '../../src/domain/reason.js'
import type { FleetFacts } from '../../src/ports.js'
import type { Waits } from '../../src/steps/asking.js'
import { type Reasons, reasonsOf, type Waited } from '../../src/steps/reasons.js'
import { at, virtualClock } from '../fakes/clock.js'
import { deployment, target } from '../fakes/nouns.js'

const MINUTE = 60_000

let clock = virtualClock()
let asked: string[] = []
/** What the services answer; a test replaces some of it. */
let health: () => Promise<Health[]>
let launches: () => Promise<LaunchAttempt[]>
let group: () => Promise<GroupState | undefined>
let refusal: FleetFacts['refusal']
let machines: () => Promise<Machine[]>
let before: Target[]

const noted = <T>(name: string, answer: () => Promise<T>): Promise<T> => {
  asked.push(name)
  return answer()
}

const reasonsWith = (waits: Partial<Waits> = {}): Reasons =>
  reasonsOf(
    {
      health: (names) => noted(`health of ${names.join()}`, () => health()),
      fleets: {
        launches: (name) => noted(`launches of ${name}`, () => launches()),
        group: (name) => noted(`group ${name}`, () => group()),
        refusal: (encoded) => noted(`refusal ${encoded}`, () => refusal(encoded)),
        tagged: () => Promise.resolve([]),
        machines: (ids) => noted(`machines ${ids.join()}`, () => machines()),
        drainSeconds: (names) => noted(`delay of ${names.join()}`, () => Promise.resolve(300))
      },
      service: {
        targetIds: () => Promise.resolve(before.map(({ id }) => id)),
        targets: () => noted('the last deployment', () => Promise.resolve(before))
      }
    },
    { clock, targetGroups: ['web'], stopAfterMs: Number.POSITIVE_INFINITY, ...waits }
  )

let reasons: Reasons
beforeEach(() => {
  clock = virtualClock()
  asked = []
  health = () => Promise.resolve([])
  launches = () => Promise.resolve([])
  group = () => Promise.resolve(undefined)
  refusal = () => Promise.reject(new Error('not asked'))
  machines = () => Promise.resolve([])
  before = []
  reasons = reasonsWith()
})

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** One look, and a second one, which knows what the first one has asked. */
const looks = async (...targets: Target[]): Promise<Waited & { told: Reason[] }> => {
  const look = { deployment: deployment(), targets }
  const first = reasons(look)
  await settled()
  const second = reasons(look)
  await settled()
  return { ...second, told: [...first.news, ...second.news] }
}

/** Looks every five seconds for so long, and returns what was told. */
const watching = async (ms: number, ...targets: Target[]): Promise<Waited & { told: Reason[] }> => {
  const told: Reason[] = []
  let last = await looks(...targets)
  told.push(...last.told)
  for (const end = clock.now() + ms; clock.now() < end;) {
    await clock.sleep(5_000)
    last = await looks(...targets)
    told.push(...last.told)
  }
  return { ...last, told }
}

const denied = (): Promise<never> =>
  Promise.reject(Object.assign(new Error('not authorized to perform: ec2:X'), { name: 'AccessDenied' }))

describe('while instances wait for the load balancer', () => {
  const allowing = (id: string, status = 'InProgress'): Target =>
    target(id, 'green', [
      { name: 'Install', status: 'Succeeded', startTime: at(10), endTime: at(20) },
      { name: 'AllowTraffic', status, startTime: at(30) }
    ])
  const sick = (id: string, reason = 'Target.Timeout', description = ''): Health => ({
    ...{ id, state: 'unhealthy', reason, description }
  })

  test('each cause is told once, with all who share it and since when', async () => {
    health = () => Promise.resolve([sick('i-1'), sick('i-2'), sick('i-3', 'Target.ResponseCodeMismatch')])
    const { told } = await looks(allowing('i-1'), allowing('i-2'), allowing('i-3'), allowing('i-4'))
    expect(told).toEqual([
      { kind: 'sick', sick: { ids: ['i-1', 'i-2'], health: sick('i-1'), since: at(30) } },
      {
        kind: 'sick',
        sick: { ids: ['i-3'], health: sick('i-3', 'Target.ResponseCodeMismatch'), since: at(30) }
      }
    ])
    await clock.sleep(15_000)
    expect((await looks(allowing('i-1'), allowing('i-2'))).told).toEqual([])
  })

  test('another cause is news', async () => {
    health = () => Promise.resolve([sick('i-1')])
    expect((await looks(allowing('i-1'))).told).toHaveLength(1)
    for (const code of ['503', '500']) {
      await clock.sleep(15_000)
      health = () => Promise.resolve([sick('i-1', 'Target.ResponseCodeMismatch', code)])
      expect((await looks(allowing('i-1'))).told).toMatchObject([{ sick: { health: { description: code } } }])
    }
  })

  test('the load balancer is asked four times a minute, however often the service is', async () => {
    for (let second = 0; second < 60; second++) {
      await looks(allowing('i-1'))
      await clock.sleep(1_000)
    }
    expect(asked).toEqual(Array(4).fill('health of web'))
  })

  test('two target groups are asked half as often', async () => {
    reasons = reasonsWith({ targetGroups: ['web', 'api'] })
    for (let second = 0; second < 60; second++) {
      await looks(allowing('i-1'))
      await clock.sleep(1_000)
    }
    expect(asked).toEqual(['health of web,api', 'health of web,api'])
  })

  test('a question without an answer is not asked again, and nobody waits for it', async () => {
    health = () => new Promise(() => undefined)
    expect((await watching(10 * MINUTE, allowing('i-1'))).told).toEqual([])
    expect(asked).toEqual(['health of web'])
  })

  test('a question that fails is asked half as often each time, down to every two minutes', async () => {
    health = () => Promise.reject(new Error('throttled'))
    expect((await watching(10 * MINUTE, allowing('i-1'))).told).toEqual([])
    // After 0, 30, 90, 210, 330, 450 and 570 seconds.
    expect(asked).toHaveLength(7)
    health = () => Promise.resolve([sick('i-1')])
    expect((await watching(2 * MINUTE, allowing('i-1'))).told).toHaveLength(1)
  })

  test.each([
    ['healthy', { id: 'i-1', state: 'healthy' }],
    ['before its first checks', { id: 'i-1', state: 'initial', reason: 'Elb.RegistrationInProgress' }],
    ['not checked', { id: 'i-1', state: 'unavailable', reason: 'Target.HealthCheckDisabled' }],
    ['not among those that wait', sick('i-9')]
  ])('nothing is said of an instance that is %s', async (_, one) => {
    health = () => Promise.resolve([one])
    expect((await looks(allowing('i-1'))).told).toEqual([])
  })

  test.each([
    ['waits', [allowing('i-1', 'Succeeded')], ['web']],
    ['has a target group', [allowing('i-1')], []]
  ])('nobody is asked where nothing %s', async (_, targets, targetGroups) => {
    reasons = reasonsWith({ targetGroups })
    expect((await looks(...targets)).told).toEqual([])
    expect(asked).toEqual([])
  })

  describe('for so long that there is no hope', () => {
    beforeEach(() => {
      reasons = reasonsWith({ stopAfterMs: 5 * MINUTE })
    })

    test('and all are sick', async () => {
      health = () => Promise.resolve([sick('i-1'), sick('i-2')])
      const targets = [allowing('i-1'), allowing('i-2')]
      expect((await watching(5 * MINUTE - 5_000, ...targets)).hopeless).toBeUndefined()
      expect((await watching(5_000, ...targets)).hopeless).toMatchObject({
        forMs: 5 * MINUTE,
        reason: { kind: 'sick' }
      })
    })

    test.each([
      ['one is healthy', [sick('i-1'), { id: 'i-2', state: 'healthy' }], 'InProgress'],
      ['one already serves', [sick('i-1')], 'Succeeded'],
      ['nothing is known of one', [sick('i-1')], 'InProgress'],
      ['one has not been checked yet', [sick('i-1'), { id: 'i-2', state: 'initial' }], 'InProgress'],
      ['nobody answers', [], 'InProgress']
    ])('but %s', async (_, found, status) => {
      health = () => Promise.resolve(found)
      expect((await watching(20 * MINUTE, allowing('i-1'), allowing('i-2', status))).hopeless).toBeUndefined()
    })

    test('but the wait began anew', async () => {
      health = () => Promise.resolve([sick('i-1')])
      await watching(4 * MINUTE, allowing('i-1'))
      await looks(allowing('i-1', 'Succeeded'))
      expect((await watching(4 * MINUTE, allowing('i-1'))).hopeless).toBeUndefined()
    })
  })
})

test('while instances leave the load balancer, its delay is a fact', async () => {
  const leaving = target('i-1', 'blue', [{ name: 'BlockTraffic', status: 'InProgress', startTime: at(30) }])
  expect((await watching(5 * MINUTE, leaving)).facts).toEqual({ delaySeconds: 300 })
  expect(asked).toEqual(['delay of web'])
})

describe('while the green fleet is provisioned', () => {
  const failed = (message: string, minute: number): LaunchAttempt => ({
    ...{ status: 'Failed', message, at: at(60 * minute) }
  })
  const GREEN = deployment().greenAutoScalingGroup ?? ''
  const CAPACITY = 'We currently do not have sufficient capacity. Launching EC2 instance failed.'

  test('each cause of a failed launch is told once, counted, with the first time', async () => {
    launches = () => Promise.resolve([failed(CAPACITY, 2), failed(CAPACITY, 1)])
    const { told } = await watching(MINUTE)
    expect(told).toEqual([
      { kind: 'launch', failure: { group: GREEN, message: CAPACITY, count: 2, since: at(60) } }
    ])
    launches = () => Promise.resolve([failed('No such image', 3), failed(CAPACITY, 2), failed(CAPACITY, 1)])
    expect((await watching(MINUTE)).told).toMatchObject([{ failure: { message: 'No such image' } }])
  })

  test('Auto Scaling is asked at most four times a minute', async () => {
    await watching(MINUTE - 5_000)
    expect(asked.sort()).toEqual([`group ${GREEN}`, ...Array<string>(3).fill(`launches of ${GREEN}`)])
  })

  test('an encoded refusal is decoded once, and told again when it is readable', async () => {
    const words = (end: string): string =>
      `You are not authorized to perform this operation. Encoded authorization failure message: ${end.repeat(20)}.`
    launches = () => Promise.resolve([failed(words('ab'), 2), failed(words('cd'), 1)])
    const told = { principal: 'the role', action: 'iam:PassRole', resource: 'another role' }
    refusal = () => Promise.resolve(told)
    const { reasons: known } = await watching(MINUTE)
    expect(known).toMatchObject([{ failure: { count: 2, refusal: told } }])
    expect(asked.filter((name) => name.startsWith('refusal'))).toEqual([`refusal ${'ab'.repeat(20)}`])
  })

  test('how far the group is, is a fact; a failure that is over is no reason any more', async () => {
    const state = { desired: 2, instances: [{ id: 'i-1', state: 'InService' }] }
    group = () => Promise.resolve(state)
    launches = () => Promise.resolve([{ status: 'Successful', message: '' }, failed(CAPACITY, 1)])
    expect(await watching(MINUTE)).toMatchObject({ reasons: [], facts: { group: state } })
  })

  test('an instance that a launch hook holds for two minutes is a reason', async () => {
    group = () => Promise.resolve({ desired: 1, instances: [{ id: 'i-1', state: 'Pending:Wait' }] })
    const since = clock.now()
    expect((await watching(2 * MINUTE - 5_000)).told).toEqual([])
    expect((await watching(5_000)).told).toEqual([{ kind: 'held', ids: ['i-1'], since }])
  })

  test('launches that have failed for long leave no hope', async () => {
    reasons = reasonsWith({ stopAfterMs: 5 * MINUTE })
    launches = () => Promise.resolve([failed(CAPACITY, 1)])
    expect((await watching(5 * MINUTE - 5_000)).hopeless).toBeUndefined()
    expect((await watching(5_000)).hopeless).toMatchObject({ reason: { kind: 'launch' } })
    launches = () => Promise.resolve([])
    expect((await watching(MINUTE)).hopeless).toBeUndefined()
  })

  test('without the right, nothing is asked again, and the facts say what to allow', async () => {
    launches = denied
    group = denied
    const { facts, told } = await watching(10 * MINUTE)
    expect(told).toEqual([])
    expect(facts.note).toBe(
      'To see more of what a deployment waits for, allow the role ec2:X, as docs/iam/action-policy.json does. Nothing else depends on it.'
    )
    expect(asked).toHaveLength(2)
  })
})

describe('while agents owe an answer', () => {
  const starting = (id: string, status = 'InProgress'): Target => ({
    ...target(id, 'green', [
      { name: 'ApplicationStop', status: 'Pending' },
      { name: 'Install', status: 'Pending' }
    ]),
    status
  })
  const running = (id: string, name = 'AfterInstall'): Target => ({
    ...target(id, 'green', [{ name, status: 'InProgress', startTime: at(0) }]),
    status: 'InProgress'
  })
  const machine = (id: string, members: Partial<Machine> = {}): Machine => ({
    ...{ id, state: 'running', profile: 'web', checks: 'ok' },
    ...members
  })

  test('after two minutes EC2 is asked, and those of which it says the same are told together', async () => {
    machines = () => Promise.resolve([machine('i-1'), machine('i-2'), machine('i-3', { profile: undefined })])
    const since = clock.now()
    const targets = [starting('i-1'), starting('i-2'), starting('i-3')]
    expect((await watching(2 * MINUTE - 5_000, ...targets)).told).toEqual([])
    expect(asked).toEqual([])
    const { told } = await watching(5_000, ...targets)
    expect(told).toMatchObject([
      { kind: 'silence', silence: { ids: ['i-1', 'i-2'], since, machine: { profile: 'web' } } },
      { kind: 'silence', silence: { ids: ['i-3'], since } }
    ])
    expect(asked).toEqual(['machines i-1,i-2,i-3'])
  })

  test('what EC2 says changes: that is news', async () => {
    machines = () => Promise.resolve([machine('i-1', { checks: 'initializing' })])
    expect((await watching(3 * MINUTE, starting('i-1'))).told).toHaveLength(1)
    machines = () => Promise.resolve([machine('i-1')])
    expect((await watching(MINUTE, starting('i-1'))).told).toMatchObject([
      { silence: { machine: { checks: 'ok' } } }
    ])
  })

  test('an instance whose turn has not come is not silent', async () => {
    expect((await watching(10 * MINUTE, running('i-1'), starting('i-2', 'Pending'))).told).toEqual([])
  })

  test('of a fleet in which nobody was started, all are silent', async () => {
    await watching(3 * MINUTE, starting('i-1', 'Pending'), starting('i-2', 'Pending'))
    expect(asked.slice(0, 1)).toEqual(['machines i-1,i-2'])
  })

  test('an event that runs a minute longer than its scripts may is told', async () => {
    reasons = reasonsWith({ limits: new Map([['AfterInstall', 300]]) })
    machines = () => Promise.resolve([machine('i-1')])
    expect((await watching(6 * MINUTE - 5_000, running('i-1'))).told).toEqual([])
    expect((await watching(5_000, running('i-1'))).told).toMatchObject([
      { silence: { ids: ['i-1'], event: { name: 'AfterInstall', limitSeconds: 300 } } }
    ])
  })

  test('without the right, it is told without what EC2 knows', async () => {
    machines = denied
    const { told, facts } = await watching(3 * MINUTE, starting('i-1'))
    expect(told).toMatchObject([{ silence: { ids: ['i-1'], machine: undefined } }])
    expect(facts.note).toContain('allow the role ec2:X')
  })

  test('an event that is slow is compared with the last deployment, which is read once', async () => {
    const took = (id: string, fleet: Target['fleet'], seconds: number): Target =>
      target(id, fleet, [
        { name: 'AfterInstall', status: 'Succeeded', startTime: at(0), endTime: at(seconds) },
        { name: 'Install', status: 'Failed', startTime: at(0), endTime: at(1) }
      ])
    before = [
      took('i-1', 'green', 3),
      took('i-2', 'green', 40),
      took('i-3', 'green', 4),
      took('i-4', 'blue', 9)
    ]
    reasons = reasonsWith({ lastSuccessful: 'd-BBBBBBBBB' })
    expect((await watching(25_000, running('i-9'))).facts).toEqual({})
    const { facts } = await watching(5 * MINUTE, running('i-9'))
    expect(facts.usual).toEqual(new Map([['AfterInstall', 4_000]]))
    expect(asked).toEqual(['the last deployment'])
  })

  test('the events that the service does itself are none of theirs', async () => {
    reasons = reasonsWith({ limits: new Map([['AllowTraffic', 60]]) })
    await watching(10 * MINUTE, running('i-1', 'AllowTraffic'))
    expect(asked.filter((name) => name.startsWith('machines'))).toEqual([])
  })
})
