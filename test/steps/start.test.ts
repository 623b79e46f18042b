import { describe, expect, test } from '@jest/globals'
import type { Deployment, Started } from '../../src/domain/deployment.js'
import { describeDeploy } from '../../src/domain/description.js'
import { UserError } from '../../src/errors.js'
import { holderBeforehand, start, type StartOptions } from '../../src/steps/start.js'
import { noSignal, START, virtualClock, type VirtualClock } from '../fakes/clock.js'
import { groupWorld, type GroupWorld } from '../fakes/codedeploy-group.js'
import { broken, deployment, order, refusal, sha, stored } from '../fakes/nouns.js'

const by = (id: string) => ({ id, attempt: '1', actor: 'kim' })
const described = (run: string): string =>
  describeDeploy(sha('a'), 'Fix', { location: stored(sha('a')), run: by(run) })

const other = (members: Partial<Deployment> = {}): Deployment =>
  deployment({
    id: 'd-OTHER0000',
    revision: stored(sha('b')),
    createdAt: new Date(START - 60_000),
    ...members
  })

interface Run {
  ways: string[]
  told: string[]
  clock: VirtualClock
  begin: (members?: Partial<StartOptions>) => Promise<Started>
}

const run = (world: GroupWorld, clock: VirtualClock): Run => {
  const ways: string[] = []
  const told: string[] = []
  return {
    ways,
    told,
    clock,
    begin: (members) =>
      start(order({ description: described('100') }), world, {
        clock,
        signal: noSignal(),
        runId: '100',
        checkOrder: true,
        resolveConflict: (holder) => {
          ways.push(holder.id)
          world.set(holder.id, { status: 'Succeeded' })
          return Promise.resolve()
        },
        tell: (sentence) => {
          told.push(sentence)
        },
        ...members
      })
  }
}

const scene = (...given: Parameters<typeof groupWorld> extends [unknown, (infer G)?] ? [G?] : never) => {
  const clock = virtualClock()
  const world = groupWorld(clock, given[0])
  return { world, ...run(world, clock) }
}

const ours = (members: Partial<Deployment> = {}): Deployment =>
  deployment({
    id: 'd-OURS00000',
    description: described('90'),
    createdAt: new Date(START - 30_000),
    ...members
  })

describe('a group that is free', () => {
  test('the first deployment ever', async () => {
    const { world, begin } = scene()
    expect(await begin()).toMatchObject({
      attached: false,
      deployment: { id: 'd-MADE00000', description: described('100') }
    })
    expect(world.all).toHaveLength(1)
  })

  test('after others', async () => {
    const { world, begin } = scene({
      deployments: [other({ status: 'Failed' }), ours({ status: 'Succeeded' })]
    })
    expect((await begin()).attached).toBe(false)
    expect(world.all).toHaveLength(3)
  })

  test('a cancel before anything was created creates nothing', async () => {
    const { world, begin } = scene()
    await expect(begin({ signal: AbortSignal.abort(new Error('canceled')) })).rejects.toThrow('canceled')
    expect(world.all).toHaveLength(0)
  })

  test('a cancel before the group was read asks the service nothing', async () => {
    const { world, begin } = scene()
    let asked = 0
    world.group = () => Promise.reject(new Error(`asked ${++asked} times`))
    await expect(begin({ signal: AbortSignal.abort(new Error('canceled')) })).rejects.toThrow('canceled')
    expect(asked).toBe(0)
  })

  test('a cancel while the group is read sends no order', async () => {
    const { world, begin } = scene()
    const controller = new AbortController()
    const read = world.group.bind(world)
    world.group = (...names) => {
      controller.abort(new Error('canceled'))
      return read(...names)
    }
    await expect(begin({ signal: controller.signal })).rejects.toThrow('canceled')
    expect(world.creates).toBe(0)
  })

  test('a new deployment may not be readable at once', async () => {
    const { world, begin } = scene()
    const read = world.deployment.bind(world)
    let looks = 0
    world.deployment = (id) =>
      looks++ < 3 ? Promise.reject(refusal('DeploymentDoesNotExistException')) : read(id)
    expect((await begin()).deployment.id).toBe('d-MADE00000')
  })

  test.each([
    ['never becomes readable', 'DeploymentDoesNotExistException', 5],
    ['may not be read', 'AccessDeniedException', 0]
  ])('a new deployment that %s is an error, after %s more looks', async (_, name, pauses) => {
    const { world, begin, clock } = scene()
    world.deployment = () => Promise.reject(refusal(name))
    await expect(begin()).rejects.toMatchObject({ name })
    expect(clock.slept).toEqual(Array.from({ length: pauses }, () => 1_000))
  })
})

describe('this revision is deployed already', () => {
  test.each(['Created', 'Queued', 'InProgress', 'Ready', 'Baking'])(
    'a running one (%s) is followed',
    async (status) => {
      const { world, begin, ways } = scene({ deployments: [ours({ status })] })
      expect(await begin()).toMatchObject({ attached: true, deployment: { id: 'd-OURS00000' } })
      expect([world.creates, ways]).toEqual([0, []])
    }
  )

  test('a job rerun after its success only reports it', async () => {
    const { world, begin } = scene({
      deployments: [ours({ status: 'Succeeded', description: described('100') })]
    })
    expect(await begin()).toMatchObject({ attached: true, deployment: { status: 'Succeeded' } })
    expect(world.creates).toBe(0)
  })

  test('a job rerun after its failure deploys again', async () => {
    const { begin } = scene({ deployments: [ours({ status: 'Failed', description: described('100') })] })
    expect((await begin()).attached).toBe(false)
  })

  test('the same key with another pin is another bundle', async () => {
    const { begin, ways } = scene({
      deployments: [ours({ revision: stored(sha('a'), { version: 'v-other' }) })]
    })
    expect((await begin()).attached).toBe(false)
    expect(ways).toEqual(['d-OURS00000'])
  })

  test("the service's own rollback to it does not count as ours", async () => {
    const { begin, ways } = scene({ deployments: [ours({ creator: 'codeDeployRollback' })] })
    expect((await begin()).attached).toBe(false)
    expect(ways).toEqual(['d-OURS00000'])
  })
})

describe('a group that is held', () => {
  test.each(['user', 'codeDeployRollback', 'CodeDeployAutoUpdate'])(
    'by a deployment of %s: resolves the conflict, then starts',
    async (creator) => {
      const { begin, ways } = scene({ deployments: [other({ creator })] })
      expect((await begin()).attached).toBe(false)
      expect(ways).toEqual(['d-OTHER0000'])
    }
  )

  test('by one that no list shows: the refusal names it', async () => {
    const { begin, ways, world } = scene({ deployments: [other()], hidden: ['d-OTHER0000'] })
    expect((await begin()).attached).toBe(false)
    expect([ways, world.creates]).toEqual([['d-OTHER0000'], 2])
  })

  test('by an instance that catches up: only if the service itself refuses', async () => {
    const { begin, ways } = scene({ deployments: [other({ creator: 'autoscaling' })] })
    await begin()
    expect(ways).toEqual(['d-OTHER0000'])
  })

  test.each([
    ['Failed', false],
    ['Stopped', false],
    ['Succeeded', true]
  ])('by one of this revision that is %s when it is read: followed: %s', async (status, attached) => {
    const { begin, ways, world } = scene({ deployments: [ours()], hidden: ['d-OURS00000'] })
    const read = world.deployment.bind(world)
    world.deployment = (id) => {
      if (world.creates === 1) world.set(id, { status })
      return read(id)
    }
    expect((await begin()).attached).toBe(attached)
    expect([ways, world.creates]).toEqual([[], attached ? 1 : 2])
  })

  test('by another that is over when it is read: no conflict to resolve, so it retries later', async () => {
    const { begin, ways, world, clock } = scene({ deployments: [other()], hidden: ['d-OTHER0000'] })
    const read = world.deployment.bind(world)
    world.deployment = (id) => {
      if (world.creates === 1) world.set(id, { status: 'Succeeded' })
      return read(id)
    }
    expect((await begin()).attached).toBe(false)
    expect([ways, clock.slept]).toEqual([[], [15_000]])
  })

  test('and meanwhile another run starts this revision: follows it and orders nothing', async () => {
    const { begin, world } = scene({ deployments: [other()] })
    const resolveConflict = (): Promise<void> => {
      world.set('d-OTHER0000', { status: 'Succeeded' })
      world.all.push(ours())
      return Promise.resolve()
    }
    expect(await begin({ resolveConflict })).toMatchObject({
      attached: true,
      deployment: { id: 'd-OURS00000' }
    })
    expect(world.creates).toBe(0)
  })

  test('and meanwhile a newer run deploys: it is not overtaken after the wait', async () => {
    const { begin, world } = scene({ deployments: [other()] })
    const resolveConflict = (): Promise<void> => {
      world.set('d-OTHER0000', { status: 'Succeeded' })
      const description = describeDeploy(sha('c'), 'Newer', { location: stored(sha('b')), run: by('200') })
      world.all.push(other({ id: 'd-NEWER0000', status: 'Succeeded', description }))
      return Promise.resolve()
    }
    await expect(begin({ resolveConflict })).rejects.toThrow('the newer run 200')
    expect(world.creates).toBe(0)
  })

  test('by no named holder (an account limit): retries, logs it once, and not forever', async () => {
    const limit = refusal('DeploymentLimitExceededException', 'The account has reached its limit')
    const { begin, told, clock, world } = scene({ fates: Array.from({ length: 1_000 }, () => limit) })
    const error: unknown = await begin().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toBe(
      'The service has refused another deployment for 10 minutes: The account has reached its limit. No deployment was created.'
    )
    expect(told).toEqual([
      'The service refuses another deployment right now (The account has reached its limit). Retrying for up to 10 minutes.'
    ])
    expect(clock.now() - START).toBe(39 * 15_000)
    expect([world.all.length, world.creates]).toEqual([0, 40])
  })

  test('for a moment: starts as soon as the service allows it', async () => {
    const limit = refusal('DeploymentLimitExceededException', 'limit')
    const { begin, world } = scene({ fates: [limit, limit, undefined] })
    expect((await begin()).attached).toBe(false)
    expect(world.creates).toBe(3)
  })

  test('a conflict that cannot be resolved ends the run', async () => {
    const { begin, world } = scene({ deployments: [other()] })
    await expect(
      begin({ resolveConflict: () => Promise.reject(new UserError('held', 'wait')) })
    ).rejects.toThrow('held')
    expect(world.creates).toBe(0)
  })
})

describe('exactly one', () => {
  test.each([0, 3_000])(
    'the answer is lost after success (listed after %d ms): found, not created twice',
    async (listedAfterMs) => {
      const { begin, world, told } = scene({
        deployments: [other({ status: 'Succeeded' })],
        fates: [{ lost: broken(), listedAfterMs }]
      })
      expect(await begin()).toMatchObject({ attached: true, deployment: { id: 'd-MADE00001' } })
      expect([world.all.length, world.creates]).toEqual([2, 1])
      expect(told[0]).toContain('did not answer: socket hang up (ECONNRESET)')
    }
  )

  test('the answer is lost and it is listed only much later: the second order meets it', async () => {
    const { begin, world } = scene({ fates: [{ lost: broken(), listedAfterMs: 60_000 }] })
    expect(await begin()).toMatchObject({ attached: true, deployment: { id: 'd-MADE00000' } })
    expect(world.all).toHaveLength(1)
  })

  test('the answer is lost and the deployment is over before the lookup: found', async () => {
    const { begin, world } = scene({ fates: [{ lost: broken() }] })
    const read = world.deploymentIds.bind(world)
    world.deploymentIds = (filter) => {
      if (world.creates > 0) world.set('d-MADE00000', { status: 'Failed' })
      return read(filter)
    }
    expect(await begin()).toMatchObject({ attached: true, deployment: { id: 'd-MADE00000' } })
    expect([world.all.length, world.creates]).toEqual([1, 1])
  })

  test('the order is lost after an earlier run deployed this revision: that one does not count', async () => {
    const { begin, world } = scene({ deployments: [ours({ status: 'Succeeded' })], fates: [broken()] })
    expect(await begin()).toMatchObject({ attached: false, deployment: { id: 'd-MADE00001' } })
    expect([world.all.length, world.creates]).toEqual([2, 2])
  })

  test.each([
    ['a reset', broken()],
    ['a 500', refusal('InternalFailure', 'sorry', 500)],
    [
      'an HTML page',
      Object.assign(new SyntaxError('Unexpected token <'), { $metadata: { httpStatusCode: 502 } })
    ]
  ])('the order itself was lost (%s): sent again', async (_, error) => {
    const { begin, world } = scene({ fates: [error, error] })
    expect((await begin()).attached).toBe(false)
    expect([world.all.length, world.creates]).toEqual([1, 3])
  })

  test('lost once after success, once before', async () => {
    const { begin, world } = scene({ fates: [broken(), { lost: broken() }] })
    expect((await begin()).attached).toBe(true)
    expect(world.all).toHaveLength(1)
  })

  test('throttled: logged once, created once', async () => {
    const slow = refusal('ThrottlingException', 'Rate exceeded')
    const { begin, world, told } = scene({ fates: [slow, slow, slow] })
    expect((await begin()).attached).toBe(false)
    expect(world.all).toHaveLength(1)
    expect(told).toEqual([
      'CreateDeployment was rejected temporarily: Rate exceeded (ThrottlingException). Retrying up to 7 times.'
    ])
  })

  test('throttled forever: its own error, after about a minute', async () => {
    const { begin, clock, world } = scene({
      fates: Array.from({ length: 50 }, () => refusal('ThrottlingException', 'Rate exceeded'))
    })
    await expect(begin()).rejects.toThrow('Rate exceeded')
    expect(clock.now() - START).toBeLessThan(120_000)
    expect(world.creates).toBe(8)
  })

  test.each(['AccessDeniedException', 'InvalidRevisionException', 'DescriptionTooLongException'])(
    '%s is final at once',
    async (name) => {
      const { begin, world, clock } = scene({ fates: [refusal(name)] })
      await expect(begin()).rejects.toThrow('refused')
      expect([world.creates, clock.now()]).toEqual([1, START])
    }
  )

  test('a cancel while it is throttled creates nothing', async () => {
    const { begin, world, clock } = scene({
      fates: Array.from({ length: 50 }, () => refusal('ThrottlingException'))
    })
    const controller = new AbortController()
    clock.at(START + 3_000, () => {
      controller.abort(new Error('canceled'))
    })
    await expect(begin({ signal: controller.signal })).rejects.toThrow('canceled')
    expect(world.all).toHaveLength(0)
  })

  test('a cancel while the answer is lost still finds the deployment', async () => {
    const { begin, clock } = scene({ fates: [{ lost: broken() }] })
    const controller = new AbortController()
    clock.at(START + 1_000, () => {
      controller.abort(new Error('canceled'))
    })
    expect((await begin({ signal: controller.signal })).deployment.id).toBe('d-MADE00000')
  })

  test.each<[string, Error | Promise<string>, string]>([
    ['was lost, and nothing was created', broken(), 'socket hang up'],
    ['was cut off by the cancel', Object.assign(new Error('aborted'), { name: 'AbortError' }), 'aborted'],
    ['does not come', new Promise(() => undefined), 'no answer before the job ended']
  ])(
    'a cancel while the answer %s reports within seconds that the result is unknown',
    async (_, answer, cause) => {
      const { begin, world, clock } = scene()
      const controller = new AbortController()
      world.create = async () => {
        await clock.sleep(1_000)
        controller.abort(new Error('canceled'))
        if (answer instanceof Error) throw answer
        return answer
      }
      await expect(begin({ signal: controller.signal })).rejects.toMatchObject({
        message: expect.stringContaining('no deployment of this revision has shown up since'),
        hint: expect.stringContaining('run this job again to follow it'),
        cause: { message: cause }
      })
      expect(clock.now() - START).toBeLessThan(1_000 + 2_500)
    }
  )

  test('a cancel while the answer is on its way takes it, when it comes within a second', async () => {
    const { begin, world, clock } = scene()
    const controller = new AbortController()
    const create = world.create.bind(world)
    world.create = async (wanted) => {
      await clock.sleep(1_000)
      controller.abort(new Error('canceled'))
      await clock.sleep(500)
      return create(wanted)
    }
    expect(await begin({ signal: controller.signal })).toMatchObject({ attached: false })
    expect(clock.slept).not.toContain(400)
  })

  test('a cancel after the answer no longer concerns the order', async () => {
    const { begin, clock } = scene()
    const controller = new AbortController()
    await begin({ signal: controller.signal })
    controller.abort(new Error('canceled'))
    await Promise.resolve()
    await Promise.resolve()
    expect(clock.slept).toEqual([])
  })

  test('two runs of one commit at once: one deployment, both follow it', async () => {
    const clock = virtualClock()
    const world = groupWorld(clock)
    const [one, two] = [run(world, clock), run(world, clock)]
    const started = await Promise.all([one.begin(), two.begin({ runId: '101' })])
    expect(world.all).toHaveLength(1)
    expect(started.map(({ deployment: made }) => made.id)).toEqual(['d-MADE00000', 'd-MADE00000'])
    expect(started.filter(({ attached }) => attached)).toHaveLength(1)
    expect([...one.ways, ...two.ways]).toEqual([])
  })
})

describe('the order of runs', () => {
  const newer = other({
    status: 'Succeeded',
    description: describeDeploy(sha('b'), 'Newer', { location: stored(sha('b')), run: by('200') })
  })

  test('an older run never overtakes a newer one', async () => {
    const { begin, world } = scene({ deployments: [newer] })
    const error: unknown = await begin().catch((thrown: unknown) => thrown)
    expect((error as UserError).message).toContain(
      'This is run 100, but the newer run 200 has already deployed to shop/web (d-OTHER0000'
    )
    expect((error as UserError).hint).toContain('`skip-order-check: true`')
    expect(world.creates).toBe(0)
  })

  test('an older run is refused before it waits for the newer one, not after', async () => {
    const holding = { ...newer, status: 'InProgress' }
    const { begin, world, ways } = scene({ deployments: [holding] })
    const error: unknown = await begin().catch((thrown: unknown) => thrown)
    expect((error as UserError).message).toContain('the newer run 200')
    expect([ways, world.creates]).toEqual([[], 0])
  })

  test.each<[string, Partial<Deployment>[], Partial<StartOptions>, boolean]>([
    ['unless the check is skipped', [newer], { checkOrder: false }, true],
    ['the same run again', [{ ...newer, description: described('100') }], {}, true],
    ['outside a workflow', [newer], { runId: '' }, true],
    ['after one by hand', [{ ...newer, description: 'by hand' }], {}, true],
    [
      'run ids beyond 2^53 are compared exactly',
      [
        {
          ...newer,
          description: describeDeploy(sha('b'), 'x', {
            location: stored(sha('b')),
            run: by('90071992547409930')
          })
        }
      ],
      { runId: '90071992547409929' },
      false
    ],
    [
      'a newer run whose rollback is the last',
      [
        { ...newer, status: 'Failed' },
        {
          id: 'd-BACK00000',
          creator: 'codeDeployRollback',
          status: 'Succeeded',
          rollback: { of: 'd-OTHER0000' }
        }
      ],
      {},
      false
    ],
    [
      'a newer run that failed after an older one had succeeded',
      [
        { id: 'd-GOOD00000', status: 'Succeeded', description: described('50') },
        { ...newer, status: 'Failed' }
      ],
      {},
      false
    ],
    [
      'a newer run after which an instance caught up',
      [newer, { id: 'd-SCALE0000', creator: 'autoscaling', status: 'Failed' }],
      {},
      false
    ]
  ])('%s', async (_, deployments, options, starts) => {
    const { begin, world } = scene({ deployments: deployments.map((one) => other(one)) })
    const refused = await begin(options).then(
      () => false,
      () => true
    )
    expect([refused, world.creates]).toEqual([!starts, starts ? 1 : 0])
  })
})

describe('who will hold the group, before there is a bundle', () => {
  const newer = other({
    status: 'InProgress',
    description: describeDeploy(sha('b'), 'Later', { location: stored(sha('b')), run: by('101') })
  })
  const asked = (
    deployments: readonly Deployment[],
    members: { runId?: string; checkOrder?: boolean } = {}
  ) => holderBeforehand(deployments, sha('a'), { runId: '100', checkOrder: true, ...members })

  test('the one that runs', () => {
    const holder = other({ status: 'InProgress' })
    expect(asked([other({ id: 'd-OVER', status: 'Succeeded' }), holder])).toBe(holder)
  })

  test.each<[string, Deployment[]]>([
    ['all are over', [other({ status: 'Failed' })]],
    ['none was ever made', []],
    ['an instance catches up', [other({ status: 'InProgress', creator: 'autoscaling' })]],
    ['one of this commit runs, and will be followed', [ours({ status: 'InProgress' })]]
  ])('nobody, if %s', (_, deployments) => {
    expect(asked(deployments)).toBeUndefined()
  })

  test('a newer run is not overtaken, unless that is asked for', () => {
    expect(() => asked([newer])).toThrow('the newer run 101 has already deployed')
    expect(asked([newer], { checkOrder: false })).toBe(newer)
  })
})
