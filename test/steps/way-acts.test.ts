import { expect, test } from '@jest/globals'
import { actFor, ACTS } from '../../src/steps/conflict.js'
import { blocked, deployment, green, served } from '../fakes/nouns.js'

const installing = [green('i-1', 3, 'InProgress')]
const shifting = [served('i-1'), green('i-2', 8, 'InProgress')]
const waiting = [served('i-1'), blocked('i-8')]

test.each([
  ['supersede, while it installs', 'supersede', 'user', installing, 'stop'],
  ['supersede, while traffic moves', 'supersede', 'user', shifting, 'stop-and-return'],
  ['supersede, a rollback of the service', 'supersede', 'codeDeployRollback', shifting, 'let-end'],
  ['supersede, in the termination wait', 'supersede', 'user', waiting, 'end-wait'],
  ['wait, while it installs', 'wait', 'user', installing, undefined],
  ['wait, in the termination wait', 'wait', 'user', waiting, 'offer']
] as const)('%s', (_, policy, creator, targets, act) => {
  const holder = deployment({ status: 'InProgress', creator })
  expect(actFor(holder, [...targets], { policy, endTerminationWait: false, tell: () => undefined })).toBe(act)
})

test.each([
  ['while it installs, it is stopped', 'supersede', false, installing, 'stop'],
  ['while traffic moves', 'supersede', false, shifting, 'give-up'],
  ['in the termination wait', 'supersede', false, waiting, 'give-up'],
  ['in the termination wait, if its end is allowed', 'supersede', true, waiting, 'end-wait'],
  ['in the termination wait, for which there is time', 'wait', false, waiting, 'offer']
] as const)('what serves is spared: %s', (_, policy, endTerminationWait, targets, act) => {
  const options = { policy, endTerminationWait, sparesServing: true, tell: () => undefined }
  expect(actFor(deployment({ status: 'InProgress' }), [...targets], options)).toBe(act)
})

test('a rollback of the service is let end, even if what serves is spared', () => {
  const holder = deployment({ status: 'InProgress', creator: 'codeDeployRollback' })
  const options = { policy: 'supersede', endTerminationWait: false, sparesServing: true } as const
  expect(actFor(holder, [...shifting], { ...options, tell: () => undefined })).toBe('let-end')
})

test('giving up names the holder and what can be done', async () => {
  const given: unknown = await ACTS['give-up'](deployment({ id: 'd-HOLDER000' })).catch(
    (error: unknown) => error
  )
  expect(given).toMatchObject({
    message: expect.stringContaining('d-HOLDER000 (InProgress) has traffic'),
    hint: expect.stringContaining('`end-termination-wait: true`')
  })
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
    policy: 'supersede',
    endTerminationWait: false,
    tell: (sentence: string) => void told.push(sentence)
  } as const
  await ACTS[act](deployment({ id: 'd-HOLDER000' }), service, options)
  expect(stops).toEqual(asked)
  expect(told.join()).toContain('d-HOLDER000')
  expect(told.join().includes('its traffic moves back first')).toBe(act === 'stop-and-return')
})
