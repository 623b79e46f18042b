import { afterEach, describe, expect, test } from '@jest/globals'
import type { Deployment } from '../cloud/codedeploy/model.js'
import type { StartOptions } from '../cloud/start.js'
import { openPlace, type Place } from './place.js'

const CALLER = { arn: 'arn:aws:iam::123456789012:user/tester', accountId: '123456789012' }

let place: Place
afterEach(() => place.close())

const newest = (): Deployment | undefined => place.cloud.planes.inspect.deployments().at(-1)

const until = async (holds: () => boolean): Promise<void> => {
  for (let step = 0; !holds() && step < 2_000; step++) await place.clock.advance(1_000)
  expect(holds()).toBe(true)
}

const inPhase = async (phase: Deployment['phase']): Promise<void> => {
  await place.deploy({ inputs: { 'wait-for': 'none' } })
  await until(() => newest()?.phase === phase)
}

interface Holder {
  options?: StartOptions
  /** Brings the group into the state that the run finds. */
  holds(): Promise<void>
  /** The exit code of a run that then deploys to this group; 0 by default. */
  comesTo?: number
  /** What the log line about the wait says about its phase and how long it may take. */
  says: readonly string[]
}

const HOLDERS: Readonly<Record<string, Holder>> = {
  'a deployment that provisions its fleet': {
    options: { script: { eventSeconds: 2, bootSeconds: 120 } },
    holds: () => inPhase('provision'),
    says: [
      'InProgress, provisioning its green fleet',
      'its waits add at most 30 min (termination wait 30 min)'
    ]
  },
  'a deployment that installs': {
    holds: () => inPhase('install'),
    says: ['InProgress, installing', 'termination wait 30 min']
  },
  'a deployment that is Ready': {
    options: { seed: { readyAction: 'STOP_DEPLOYMENT', readyWaitMinutes: 45 } },
    holds: () => inPhase('ready'),
    // Nobody continues the run's own deployment either, so it is stopped.
    comesTo: 3,
    says: ['Ready, waiting before its traffic moves', 'ready wait 45 min']
  },
  'a deployment that shifts its traffic': { holds: () => inPhase('traffic'), says: ['shifting its traffic'] },
  'a deployment in its termination wait': {
    holds: () => inPhase('termination-wait'),
    says: ['already serving; its blue fleet is waiting to be terminated', 'at most 30 min more']
  },
  "the service's own rollback": {
    holds: async () => {
      await inPhase('traffic')
      await until(() => newest()?.trafficBegan === true)
      await place.cloud.planes.codedeploy['StopDeployment']?.(
        { deploymentId: newest()?.id, autoRollbackEnabled: true },
        CALLER
      )
      await until(() => newest()?.creator === 'codeDeployRollback')
    },
    says: ['started by codeDeployRollback']
  },
  'a deployment to one new instance, if that locks': {
    options: { switches: { autoscalingLocks: 'yes' } as never },
    holds: async () => {
      const { fleets } = place.cloud.planes.inspect
      const name = fleets.allInstances()[0]?.group ?? ''
      await place.cloud.planes.autoscaling['SetDesiredCapacity']?.(
        { AutoScalingGroupName: name, DesiredCapacity: '3' },
        CALLER
      )
      await until(() => newest()?.creator === 'autoscaling')
    },
    says: ['started by autoscaling']
  }
}

const meet = async (holder: Holder): Promise<Deployment> => {
  place = await openPlace({ terminationWait: 30, script: { eventSeconds: 10 }, ...holder.options })
  await holder.holds()
  const held = newest()
  if (held === undefined) throw new Error('nobody holds the group')
  return held
}

const isOver = ({ status }: Deployment): boolean => ['Succeeded', 'Failed', 'Stopped'].includes(status)

describe.each(Object.entries(HOLDERS))('a group held by %s', (_, holder) => {
  test('wait: says who holds it, since when, in which phase and for how long at most; then deploys once', async () => {
    const held = await meet(holder)
    const before = place.made()
    const told = await place.deploy({ inputs: { 'on-conflict': 'wait' } })
    expect([told.code, told.words]).toEqual([holder.comesTo ?? 0, ''])
    expect(place.made() - before).toBe(1)
    const line = told.log.split('\n').find((one) => one.includes(' has held ')) ?? ''
    expect(line).toMatch(new RegExp(`${held.id} has held ExampleApp/ExampleGroup since \\d\\d:\\d\\d`))
    for (const words of holder.says) expect(line).toContain(words)
    expect(place.cloud.requests.map(({ operation }) => operation)).not.toContain('StopDeployment')
  })

  test('fail: ends at once, says who holds it, and creates nothing', async () => {
    const held = await meet(holder)
    const before = place.made()
    const told = await place.deploy({ inputs: { 'on-conflict': 'fail' } })
    expect(told.code).toBe(1)
    expect(told.words).toContain(held.id)
    expect(told.words).toContain('`on-conflict`')
    expect(place.made() - before).toBe(0)
    expect(isOver(held)).toBe(false)
  })

  test('supersede: ends it sooner than waiting would, and deploys', async () => {
    const held = await meet(holder)
    const told = await place.deploy({ inputs: { 'on-conflict': 'supersede' } })
    expect([told.code, told.words]).toEqual([holder.comesTo ?? 0, ''])
    expect(told.log).toContain(held.id)
    expect(isOver(held)).toBe(true)
    expect(told.log).not.toMatch(/has held .* \((?:about )?[2-9]\d min\)/)
  })
})

test('a deployment to one new instance does not hold the group', async () => {
  const holder = HOLDERS['a deployment to one new instance, if that locks']
  if (holder === undefined) throw new Error('no such holder')
  await meet({ ...holder, options: {} })
  const told = await place.deploy({ inputs: { 'on-conflict': 'fail' } })
  expect([told.code, told.words]).toEqual([0, ''])
})

test('end-termination-wait ends only that wait and says what that costs', async () => {
  const holder = HOLDERS['a deployment in its termination wait']
  if (holder === undefined) throw new Error('no such holder')
  await meet(holder)
  const told = await place.deploy({ inputs: { 'on-conflict': 'wait', 'end-termination-wait': 'true' } })
  expect(told.code).toBe(0)
  expect(told.log).toContain('an instant rollback to it is no longer possible')
  expect(told.tookMs).toBeLessThan(10 * 60_000)
})

test('without it the run waits until the end, and the log says once how to end the wait', async () => {
  const holder = HOLDERS['a deployment in its termination wait']
  if (holder === undefined) throw new Error('no such holder')
  await meet(holder)
  const told = await place.deploy({ inputs: { 'on-conflict': 'wait' } })
  expect(told.log.match(/`end-termination-wait: true` would end that wait/g)).toHaveLength(1)
  expect(told.tookMs).toBeGreaterThan(29 * 60_000)
})
