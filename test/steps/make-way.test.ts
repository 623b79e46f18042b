import { describe, expect, test } from '@jest/globals'
import type { Target } from '../../src/domain/event.js'
import { UserError } from '../../src/errors.js'
import { refuseBeforeStoring, resolveConflict, type ConflictOptions } from '../../src/steps/conflict.js'
import { noSignal, START, virtualClock } from '../fakes/clock.js'
import { blocked, deployment, green, refusal, served, waits } from '../fakes/nouns.js'
import { UTC } from '../fakes/times.js'

const ID = 'd-HOLDER000'
const installing = [green('i-1', 3, 'InProgress')]
const waiting = [served('i-1'), blocked('i-8')]

/** The end of AllowTraffic in `served`. */
const SERVES_AFTER_MS = (served('i-1').events[8]?.endTime?.getTime() ?? 0) - START

/** The service leaves out the times of its events. */
const timeless = (target: Target): Target => ({
  ...target,
  events: target.events.map(({ name, status }) => ({ name, status }))
})

interface Story {
  policy: ConflictOptions['policy']
  endTerminationWait?: number
  sparesServing?: boolean
  targets?: Target[]
  /** From here on only the termination wait is left. */
  waitsAt?: number
  overAt?: number
  refuses?: Error
  minutes?: number
  terminationMinutes?: number | 'unknown'
  description?: string
}

const play = async (story: Story) => {
  const clock = virtualClock()
  const done: string[] = []
  const told: string[] = []
  let overAt = story.overAt ?? Infinity
  const since = (): number => clock.now() - START
  const act = (name: string) => {
    done.push(name)
    if (story.refuses !== undefined) return Promise.reject(story.refuses)
    overAt = Math.min(overAt, since() + 3_000)
    return Promise.resolve()
  }
  const holder = () =>
    deployment({
      id: ID,
      description: story.description ?? 'Friday',
      status: since() >= overAt ? 'Stopped' : 'InProgress',
      waits:
        story.terminationMinutes === 'unknown'
          ? undefined
          : waits({ terminationMinutes: story.terminationMinutes ?? 480 })
    })
  const controller = new AbortController()
  const making = resolveConflict(
    holder(),
    {
      deployment: () => Promise.resolve(holder()),
      targetIds: () => Promise.resolve(['i-1', 'i-8']),
      targets: () =>
        Promise.resolve(since() >= (story.waitsAt ?? Infinity) ? (story.targets ?? waiting) : installing),
      stop: async (_, rollback) => {
        await act(`stop ${rollback ? 'with' : 'without'} rollback`)
        return { pending: true, message: '' }
      },
      endWait: (_, wait) => act(wait)
    },
    {
      policy: story.policy,
      endTerminationWait: story.endTerminationWait,
      sparesServing: story.sparesServing ?? false,
      zone: UTC,
      clock,
      signal: noSignal(),
      deadline: START + (story.minutes ?? 60) * 60_000,
      pollMs: 5_000,
      tellHolder: (latest) => told.push(`holder ${latest.status}`),
      tell: (sentence) => {
        told.push(sentence)
      }
    }
  )
  const error: unknown = await making.then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  return { error, done, told, tookMs: since(), controller }
}

describe('a group that is held', () => {
  test('wait: until the holder is over, logging it after a minute and then every five', async () => {
    const { error, done, told, tookMs } = await play({ policy: 'wait', overAt: 1_200_000 })
    expect([error, done]).toEqual([undefined, []])
    expect(tookMs).toBeGreaterThanOrEqual(1_200_000)
    const lines = told.filter((line) => line.startsWith('holder'))
    // At first, then after 1, 5, 10 and 15 minutes.
    expect(lines).toHaveLength(5)
    expect(told.at(-1)).toBe(`${ID} is over: Stopped.`)
  })

  test('fail: at once, with who holds it', async () => {
    const { error, tookMs } = await play({ policy: 'fail' })
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({
      message: `shop/web is held by ${ID} (InProgress, started by user: Friday).`,
      hint: 'Run again when that deployment is over, or set `on-conflict` to `wait` or `supersede`.'
    })
    expect(tookMs).toBe(0)
    const { error: plain } = await play({ policy: 'fail', description: '' })
    expect((plain as UserError).message).toContain('started by user: no description)')
  })

  test('supersede: stops it and waits for its end', async () => {
    const { error, done } = await play({ policy: 'supersede' })
    expect([error, done]).toEqual([undefined, ['stop without rollback']])
  })

  test('supersede in the termination wait ends the wait, and says what that costs', async () => {
    const { done, told } = await play({ policy: 'supersede', waitsAt: 0 })
    expect(done).toEqual(['TERMINATION_WAIT'])
    expect(told[1]).toBe(
      `Ending the termination wait of ${ID}: its old fleet is terminated now, so an instant rollback to it is no longer possible.`
    )
  })

  test('supersede, refused during the shift, ends the termination wait once it begins', async () => {
    const { done } = await play({
      policy: 'supersede',
      waitsAt: 60_000,
      overAt: 600_000,
      refuses: refusal('InvalidDeploymentStatusException', 'too late')
    })
    expect(done).toEqual(['stop without rollback', 'TERMINATION_WAIT'])
  })

  test('wait in the termination wait says how to end it, once', async () => {
    const { done, told } = await play({ policy: 'wait', waitsAt: 0, overAt: 300_000, terminationMinutes: 30 })
    expect(done).toEqual([])
    expect(told.filter((line) => line.includes('`end-termination-wait: true`'))).toHaveLength(1)
  })

  test('wait with end-termination-wait ends it, even if it begins later', async () => {
    const now = await play({ policy: 'wait', endTerminationWait: 0, waitsAt: 0 })
    const later = await play({ policy: 'wait', endTerminationWait: 0, waitsAt: 150_000 })
    expect([now.done, later.done]).toEqual([['TERMINATION_WAIT'], ['TERMINATION_WAIT']])
    expect(later.tookMs).toBeLessThan(240_000)
  })

  test('wait with minutes ends it to the second once the holder has served for so long, and says when', async () => {
    const { done, told, tookMs } = await play({ policy: 'wait', endTerminationWait: 15, waitsAt: 0 })
    expect(done).toEqual(['TERMINATION_WAIT'])
    // The holder took its traffic 63.3 seconds after noon.
    expect(told.filter((line) => !line.startsWith('holder'))).toEqual([
      `${ID} is only waiting to terminate its old fleet. It has served since 2026-11-22 12:01; this run ends that wait at 2026-11-22 12:16, after 15 min (\`end-termination-wait: 15\`).`,
      `Ending the termination wait of ${ID}: its old fleet is terminated now, so an instant rollback to it is no longer possible.`,
      `${ID} is over: Stopped.`
    ])
    expect(tookMs).toBeGreaterThanOrEqual(SERVES_AFTER_MS + 15 * 60_000)
    expect(tookMs).toBeLessThan(SERVES_AFTER_MS + 16 * 60_000)
  })

  test('wait with minutes ends it at once when the holder has served for longer', async () => {
    const { done, told, tookMs } = await play({ policy: 'wait', endTerminationWait: 15, waitsAt: 1_020_000 })
    expect(done).toEqual(['TERMINATION_WAIT'])
    expect(told.join()).not.toContain('this run ends that wait at')
    expect(tookMs).toBeLessThan(1_060_000)
  })

  test('wait with minutes leaves a holder alone when it is not known since when it serves', async () => {
    const targets = [timeless(served('i-1')), blocked('i-8')]
    const { error, done, told } = await play({
      ...{ policy: 'wait', endTerminationWait: 1, waitsAt: 0, overAt: 600_000, terminationMinutes: 30 },
      targets
    })
    expect([error, done]).toEqual([undefined, []])
    expect(told.filter((line) => line.includes('does not say since when it serves'))).toHaveLength(1)
  })

  test('supersede ends the wait at once, whatever the minutes', async () => {
    const { done, tookMs } = await play({ policy: 'supersede', endTerminationWait: 15, waitsAt: 0 })
    expect(done).toEqual(['TERMINATION_WAIT'])
    expect(tookMs).toBeLessThan(60_000)
  })

  const SUPERSEDE = '`on-conflict: supersede` (at once).'
  const SOONER = 'To deploy sooner, and give up the option of an instant rollback, set'
  test.each<[string, Partial<Story>, string, string, number]>([
    // The termination wait counts from the last event, 63.7 seconds after noon.
    [
      'at once',
      { waitsAt: 0 },
      'until 2026-11-22 20:01 (UTC), when its old fleet is terminated; this run may wait only until 2026-11-22 13:00. No deployment was created.',
      `Run again after 2026-11-22 20:01. ${SOONER} \`end-termination-wait: 15\` (a holder that has served 15 min is let go) or ${SUPERSEDE}`,
      0
    ],
    [
      'as soon as it is known',
      { waitsAt: 150_000 },
      'until 2026-11-22 20:01 (UTC)',
      'Run again after',
      180_000
    ],
    [
      'with minutes that are too many',
      { waitsAt: 0, endTerminationWait: 90 },
      'until 2026-11-22 13:31 (UTC), when `end-termination-wait: 90` lets it go; this run may wait only until 2026-11-22 13:00.',
      `Run again after 2026-11-22 13:31. ${SOONER} ${SUPERSEDE}`,
      0
    ],
    [
      'with minutes of which nobody knows when they began',
      { waitsAt: 0, endTerminationWait: 15, targets: [timeless(served('i-1')), blocked('i-8')] },
      'until 2026-11-22 20:00 (UTC), when its old fleet is terminated',
      `Run again after 2026-11-22 20:00. ${SOONER} ${SUPERSEDE}`,
      0
    ],
    [
      'for a revision that failed before, whatever `supersede`',
      { waitsAt: 0, policy: 'supersede', endTerminationWait: 90, sparesServing: true },
      'until 2026-11-22 13:31 (UTC)',
      `Run again after 2026-11-22 13:31. ${SOONER} \`end-termination-wait: true\` (at once).`,
      0
    ]
  ])('wait that would end too late is refused: %s', async (_, story, words, hint, tookAtMost) => {
    const { error, done, tookMs } = await play({ policy: 'wait', ...story })
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toContain(`${ID} holds shop/web ${words}`)
    expect((error as UserError).hint).toContain(hint)
    expect([done, tookMs <= tookAtMost]).toEqual([[], true])
  })

  test.each<[string, Partial<Story>]>([
    ['it ends in time', { terminationMinutes: 58 }],
    ['its end is not known', { terminationMinutes: 'unknown' }],
    ['its events have no times', { targets: [timeless(served('i-1')), timeless(blocked('i-8'))] }],
    ['this run ends it', { endTerminationWait: 0, refuses: refusal('InvalidDeploymentStatusException') }],
    [
      'this run ends it in time',
      { endTerminationWait: 58, refuses: refusal('InvalidDeploymentStatusException') }
    ]
  ])('a termination wait is waited for if %s', async (_, story) => {
    const { error, tookMs } = await play({ policy: 'wait', waitsAt: 0, overAt: 3_570_000, ...story })
    expect([error, tookMs >= 3_570_000]).toEqual([undefined, true])
  })

  test.each([
    ['DeploymentAlreadyCompletedException'],
    ['InvalidDeploymentStatusException'],
    ['UnsupportedActionForDeploymentTypeException'],
    ['DeploymentIsNotInReadyStateException']
  ])('%s: past that point, the run waits for the holder', async (name) => {
    const { error, told } = await play({
      policy: 'supersede',
      overAt: 30_000,
      refuses: refusal(name, 'the words')
    })
    expect(error).toBeUndefined()
    expect(told[2]).toBe(
      `The service refused that: the words (${name}). Waiting for ${ID} to finish instead.`
    )
  })

  test.each([
    ['AccessDenied', refusal('AccessDeniedException', 'no codedeploy:StopDeployment')],
    // 403 says it too, whatever the name is.
    ['a denial under another name', refusal('InvalidAccess', 'no', 403)],
    ['an error of the service', refusal('InternalFailure', 'sorry', 500)],
    ['an unknown exception', refusal('RegionPausedException', 'later')]
  ])('%s ends the run instead of waiting', async (_, refused) => {
    const { error, tookMs } = await play({ policy: 'supersede', overAt: 30_000, refuses: refused })
    expect([error, tookMs]).toEqual([refused, 0])
  })

  test('time is up: says that nothing was deployed, and what to do', async () => {
    const { error, tookMs } = await play({ policy: 'wait', minutes: 10 })
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({
      message: `${ID} (InProgress) still holds shop/web, and the time to wait has run out. No deployment was created.`,
      hint: 'Run again later, raise `wait-for-minutes`, or set `on-conflict: supersede`.'
    })
    expect(tookMs).toBe(600_000)
    expect((await play({ policy: 'wait', minutes: 0.25 })).tookMs).toBe(15_000)
  })
})

describe('before a bundle is stored', () => {
  const LATE = 'until 2026-11-22 20:01 (UTC), when its old fleet is terminated'
  const HELD = 'is held by d-HOLDER000'

  test.each<[string, Partial<Story>, string | undefined]>([
    ['a wait that would end too late is refused', {}, LATE],
    ['with `on-conflict: fail`, the holder is', { policy: 'fail' }, HELD],
    ['with too many minutes, too', { endTerminationWait: 90 }, 'lets it go'],
    // From the deadline on, ten minutes are left for packing, from whose end the time of the run counts.
    [
      'one that ends ten minutes after the deadline is left to the later look',
      { terminationMinutes: 68 },
      undefined
    ],
    ['one that ends after that is refused', { terminationMinutes: 69 }, 'until 2026-11-22 13:10'],
    ['a holder that still installs may be done soon', { targets: installing }, undefined],
    ['a holder that will be let go is no obstacle', { policy: 'supersede' }, undefined],
    ['nor is one whose wait this run ends', { endTerminationWait: 0 }, undefined],
    [
      '`on-conflict: fail` waits for the later look if that may find the group free',
      { policy: 'fail', terminationMinutes: 58 },
      undefined
    ]
  ])(
    '%s',
    (_, { policy = 'wait', endTerminationWait, targets = waiting, terminationMinutes = 480 }, words) => {
      const terminates = { terminationMinutes: Number(terminationMinutes) }
      const holder = deployment({ id: ID, waits: waits(terminates) })
      const look = () =>
        refuseBeforeStoring(
          { holder, targets },
          { policy, endTerminationWait, zone: UTC, clock: virtualClock(), deadline: START + 3_600_000 }
        )
      if (words === undefined) expect(look).not.toThrow()
      else expect(look).toThrow(words)
    }
  )
})
