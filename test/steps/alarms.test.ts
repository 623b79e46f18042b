import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Order } from '../../src/domain/order.js'
import { alarmsOff, type AlarmsOff } from '../../src/steps/alarms.js'
import { start } from '../../src/steps/start.js'
import { noSignal, virtualClock } from '../fakes/clock.js'
import { type Fate, groupWorld } from '../fakes/codedeploy-group.js'
import { broken, deployment, order, refusal } from '../fakes/nouns.js'

const rollback = order({ description: 'Rollback' })

const denied = (action = 'codedeploy:UpdateDeploymentGroup'): Error =>
  refusal('AccessDeniedException', `not authorized to perform: ${action}`)

/** Starts the order with alarms off on a group whose calls of CreateDeployment meet these fates. */
const begin = (fates: readonly (Fate | undefined)[], deployments: Deployment[] = []) => {
  const signal = noSignal()
  const clock = virtualClock()
  const world = groupWorld(clock, { fates, deployments })
  const sent: (boolean | undefined)[] = []
  const service = {
    ...world,
    create: (one: Order) => {
      sent.push(one.ignoreAlarms)
      return world.create(one)
    }
  }
  const off: AlarmsOff = alarmsOff(service, signal)
  const started = start(
    rollback,
    { ...service, create: off.create },
    {
      clock,
      signal,
      runId: '1',
      checkOrder: false,
      resolveConflict: () => Promise.resolve(),
      tell: () => undefined
    }
  )
  return { off, sent, world, started }
}

const throttled = refusal('ThrottlingException')
const lost: Fate = { lost: broken() }

describe('exactly one deployment, with the alarms off where that is allowed', () => {
  test.each<[string, (Fate | undefined)[], (true | undefined)[], ReturnType<AlarmsOff['sent']>, boolean]>([
    ['allowed', [], [true], 'with-alarms-off', false],
    ['throttled, then allowed', [throttled], [true, true], 'with-alarms-off', false],
    ['done, but the answer is lost', [lost], [true], 'with-alarms-off', true],
    ['lost before it was done', [broken()], [true, true], 'with-alarms-off', false],
    ['denied', [denied()], [true, undefined], 'as-it-is', false],
    ['denied without a name', [refusal('AccessDenied', '', 403)], [true, undefined], 'as-it-is', false],
    [
      'a broken alarm setting',
      [refusal('InvalidAlarmConfigException')],
      [true, undefined],
      'as-it-is',
      false
    ],
    ['denied, then the answer is lost', [denied(), lost], [true, undefined], 'as-it-is', true],
    ['denied, then throttled', [denied(), throttled], [true, undefined, undefined], 'as-it-is', false],
    ['lost, then denied', [broken(), denied()], [true, true, undefined], 'as-it-is', false]
  ])('%s', async (_, fates, orders, how, attached) => {
    const { off, sent, world, started } = begin(fates)
    expect(await started).toMatchObject({ deployment: { id: 'd-MADE00000' }, attached })
    expect(sent).toEqual(orders)
    expect(off.sent()).toBe(how)
    expect(off.refusal() === undefined).toBe(how === 'with-alarms-off')
    expect(world.all).toHaveLength(1)
  })

  test('an order that may not be created at all fails with the denial of that', async () => {
    const { started, sent } = begin([denied(), denied('codedeploy:CreateDeployment')])
    await expect(started).rejects.toThrow('codedeploy:CreateDeployment')
    expect(sent).toEqual([true, undefined])
  })

  test('a deployment of the same bundle is followed, and nothing is sent', async () => {
    const same = deployment({ id: 'd-OTHER0000', revision: rollback.location })
    const { off, started } = begin([], [same])
    expect(await started).toMatchObject({ deployment: { id: 'd-OTHER0000' }, attached: true })
    expect([off.sent(), off.refusal()]).toEqual([undefined, undefined])
  })

  test('an order that a held group refuses was not carried out, and says nothing about alarms', async () => {
    const create = () => Promise.reject(refusal('DeploymentLimitExceededException'))
    const off = alarmsOff({ create }, noSignal())
    await expect(off.create(rollback)).rejects.toThrow()
    expect([off.sent(), off.refusal()]).toEqual([undefined, undefined])
  })

  test('nothing is sent again after a cancel', async () => {
    const canceled = new AbortController()
    const sent: Order[] = []
    const off = alarmsOff(
      {
        create: (one) => {
          sent.push(one)
          canceled.abort(new Error('canceled'))
          return Promise.reject(denied())
        }
      },
      canceled.signal
    )
    await expect(off.create(rollback)).rejects.toThrow('canceled')
    expect(sent).toHaveLength(1)
  })
})
