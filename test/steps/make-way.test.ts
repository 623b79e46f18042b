import { describe, expect, test } from '@jest/globals'
import { UserError } from '../../src/errors.js'
import { resolveConflict, type ConflictOptions } from '../../src/steps/conflict.js'
import { noSignal, START, virtualClock } from '../fakes/clock.js'
import { blocked, deployment, green, refusal, served } from '../fakes/nouns.js'

const ID = 'd-HOLDER000'
const installing = [green('i-1', 3, 'InProgress')]
const waiting = [served('i-1'), blocked('i-8')]

interface Story {
  policy: ConflictOptions['policy']
  endTerminationWait?: boolean
  /** From here on only the termination wait is left. */
  waitsAt?: number
  overAt?: number
  refuses?: Error
  minutes?: number
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
      status: since() >= overAt ? 'Stopped' : 'InProgress'
    })
  const controller = new AbortController()
  const making = resolveConflict(
    holder(),
    {
      deployment: () => Promise.resolve(holder()),
      targetIds: () => Promise.resolve(['i-1', 'i-8']),
      targets: () => Promise.resolve(since() >= (story.waitsAt ?? Infinity) ? waiting : installing),
      stop: async (_, rollback) => {
        await act(`stop ${rollback ? 'with' : 'without'} rollback`)
        return { pending: true, message: '' }
      },
      endWait: (_, wait) => act(wait)
    },
    {
      policy: story.policy,
      endTerminationWait: story.endTerminationWait ?? false,
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
    expect((error as UserError).message).toContain(`held by ${ID} (InProgress, started by user: Friday)`)
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
    expect(told.join()).toContain('an instant rollback to it is no longer possible')
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
    const { done, told } = await play({ policy: 'wait', waitsAt: 0, overAt: 300_000 })
    expect(done).toEqual([])
    expect(told.filter((line) => line.includes('`end-termination-wait: true`'))).toHaveLength(1)
  })

  test('wait with end-termination-wait ends it, even if it begins later', async () => {
    const now = await play({ policy: 'wait', endTerminationWait: true, waitsAt: 0 })
    const later = await play({ policy: 'wait', endTerminationWait: true, waitsAt: 150_000 })
    expect([now.done, later.done]).toEqual([['TERMINATION_WAIT'], ['TERMINATION_WAIT']])
    expect(later.tookMs).toBeLessThan(240_000)
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
    expect(told.join()).toContain(`the words (${name})`)
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
    expect((error as UserError).message).toMatch(/^d-HOLDER000 \(InProgress\) still holds shop\/web/)
    expect((error as UserError).hint).toContain('wait-for-minutes')
    expect(tookMs).toBe(600_000)
    expect((await play({ policy: 'wait', minutes: 0.25 })).tookMs).toBe(15_000)
  })
})
