import { expect, test } from '@jest/globals'
import { actFor, ACTS } from '../../src/steps/conflict.js'
import { virtualClock } from '../fakes/clock.js'
import { blocked, deployment, green, served } from '../fakes/nouns.js'
import { UTC } from '../fakes/times.js'

const installing = [green('i-1', 3, 'InProgress')]
const shifting = [served('i-1'), green('i-2', 8, 'InProgress')]
const waiting = [served('i-1'), blocked('i-8')]

const OPTIONS = {
  endTerminationWait: undefined,
  clock: virtualClock(),
  zone: UTC,
  tell: () => undefined
}

test.each([
  ['supersede, while it installs', 'supersede', 'user', installing, 'stop'],
  ['supersede, while traffic moves', 'supersede', 'user', shifting, 'stop-and-return'],
  ['supersede, a rollback of the service', 'supersede', 'codeDeployRollback', shifting, 'let-end'],
  ['supersede, in the termination wait', 'supersede', 'user', waiting, 'end-wait'],
  ['wait, while it installs', 'wait', 'user', installing, undefined],
  ['wait, in the termination wait', 'wait', 'user', waiting, 'offer']
] as const)('%s', (_, policy, creator, targets, act) => {
  const holder = deployment({ status: 'InProgress', creator })
  expect(actFor({ holder, targets: [...targets] }, { ...OPTIONS, policy })).toBe(act)
})

test.each([
  ['stop', [false]],
  ['stop-and-return', [true]],
  ['let-end', []]
] as const)('%s asks the service for a rollback: %j', async (act, asked) => {
  const stops: boolean[] = []
  const told: string[] = []
  const service = {
    stop: (_: string, rollback: boolean) => {
      stops.push(rollback)
      return Promise.resolve({ pending: false, message: '' })
    },
    endWait: () => Promise.resolve()
  }
  const options = {
    ...OPTIONS,
    policy: 'supersede',
    tell: (sentence: string) => void told.push(sentence)
  } as const
  await ACTS[act]({ holder: deployment({ id: 'd-HOLDER000' }), targets: [] }, service, options)
  expect(stops).toEqual(asked)
  expect(told.join()).toContain('d-HOLDER000')
  expect(told.join().includes('its traffic moves back first')).toBe(act === 'stop-and-return')
})
