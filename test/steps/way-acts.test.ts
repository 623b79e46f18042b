import { expect, test } from '@jest/globals'
import { actFor, ACTS, refuseIfSpared } from '../../src/steps/conflict-acts.js'
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
  expect(actFor({ holder, targets: targets }, { ...OPTIONS, policy })).toBe(act)
})

test.each([
  ['while it installs, it is stopped', 'supersede', undefined, installing, 'stop'],
  ['while traffic moves', 'supersede', undefined, shifting, 'give-up'],
  ['while traffic moves, whatever its wait', 'supersede', 0, shifting, 'give-up'],
  ['in the termination wait', 'supersede', undefined, waiting, 'give-up'],
  ['in the termination wait, if its end is allowed', 'supersede', 0, waiting, 'end-wait'],
  ['in the termination wait, if its end is allowed later', 'supersede', 15, waiting, 'end-later'],
  ['in the termination wait, for which there is time', 'wait', undefined, waiting, 'offer']
] as const)('what serves is spared: %s', (_, policy, endTerminationWait, targets, act) => {
  const options = { ...OPTIONS, policy, endTerminationWait, sparesServing: true }
  expect(actFor({ holder: deployment({ status: 'InProgress' }), targets: targets }, options)).toBe(act)
})

test('a rollback of the service is let end, even if what serves is spared', () => {
  const holder = deployment({ status: 'InProgress', creator: 'codeDeployRollback' })
  const options = { ...OPTIONS, policy: 'supersede', sparesServing: true } as const
  expect(actFor({ holder, targets: shifting }, options)).toBe('let-end')
})

test('giving up names the holder and what can be done', async () => {
  const holder = deployment({ id: 'd-HOLDER000' })
  const given: unknown = await ACTS['give-up']({ holder, targets: [] }).catch((error: unknown) => error)
  expect(given).toMatchObject({
    message: expect.stringContaining('d-HOLDER000 (InProgress) has traffic'),
    hint: expect.stringContaining('`end-termination-wait: true`')
  })
})

test.each([
  ['stop', ['stop'], 'Stopping d-HOLDER000 because of `on-conflict: supersede`.'],
  [
    'stop-and-return',
    ['stop with rollback'],
    'Stopping d-HOLDER000 because of `on-conflict: supersede`; its traffic moves back first, so that only one revision serves.'
  ],
  [
    'let-end',
    [],
    'd-HOLDER000 is restoring the previous revision, so we let it finish: stopping it would leave two revisions serving.'
  ],
  [
    'end-wait',
    ['TERMINATION_WAIT'],
    'Ending the termination wait of d-HOLDER000: its old fleet is terminated now, so an instant rollback to it is no longer possible.'
  ],
  [
    'offer',
    [],
    'It is only waiting to terminate its old fleet. `end-termination-wait: true` would end that wait at once (`15` once it has served 15 min), but also the option of an instant rollback.'
  ]
] as const)('%s asks the service for %j, and says what it means', async (act, asked, sentence) => {
  const calls: string[] = []
  const told: string[] = []
  const service = {
    stop: (_: string, rollback: boolean) => {
      calls.push(rollback ? 'stop with rollback' : 'stop')
      return Promise.resolve({ pending: false, message: '' })
    },
    endWait: (_: string, wait: string) => {
      calls.push(wait)
      return Promise.resolve()
    }
  }
  const options = {
    ...OPTIONS,
    policy: 'supersede',
    tell: (sentence: string) => void told.push(sentence)
  } as const
  await ACTS[act]({ holder: deployment({ id: 'd-HOLDER000' }), targets: [] }, service, options)
  expect([calls, told]).toEqual([asked, [sentence]])
})

test.each([
  ['nobody holds the group', undefined, [], 'supersede', true],
  ['the holder installs', deployment(), installing, 'supersede', true],
  ['the holder has traffic', deployment(), shifting, 'supersede', false],
  ['the holder has traffic, and there is time', deployment(), shifting, 'wait', true]
] as const)('before anything is noted or stopped: %s', async (_, holder, targets, onConflict, mayGoOn) => {
  const held = holder === undefined ? undefined : { holder, targets: [...targets] }
  const checked = refuseIfSpared(held, { ...OPTIONS, policy: onConflict })
  const refused = await checked.then(
    () => undefined,
    (error: unknown) => error
  )
  expect(refused === undefined).toBe(mayGoOn)
})
