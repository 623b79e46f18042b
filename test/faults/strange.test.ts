import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { UserError } from '../../src/errors.js'
import type { JsonOperations } from '../cloud/contract.js'
import { ServiceError } from '../cloud/contract.js'
import { openPlace, type Place } from './place.js'

type Answer = Record<string, unknown>
/** What the service answers instead; `count` is the number of earlier calls of the operation. */
type Edit = (answer: Answer, count: number) => Answer

const AGAIN = 'again'

let place: Place
let restore: (() => void)[] = []
beforeAll(async () => {
  place = await openPlace()
})
afterEach(async () => {
  for (const undo of restore) undo()
  restore = []
  await place.settle()
})
afterAll(() => place.close())

/** Changes the service's answers before they are sent. */
const editing = (operation: string, edit: Edit): void => {
  const operations: JsonOperations = place.cloud.planes.codedeploy
  const original = operations[operation]
  if (original === undefined) throw new Error(`no operation ${operation}`)
  let count = 0
  operations[operation] = async (input, caller) => {
    // The service does not know the page token that is made up here.
    const { nextToken, ...asked } = input
    const own = nextToken === AGAIN ? asked : input
    const answer = JSON.parse(JSON.stringify(await original(own, caller))) as Answer
    return edit(answer, count++)
  }
  restore.push(() => {
    operations[operation] = original
  })
}

const within = (answer: Answer, name: string, change: (inner: Answer) => Answer): Answer => ({
  ...answer,
  [name]: change((answer[name] ?? {}) as Answer)
})

const each = (answer: Answer, name: string, change: (inner: Answer) => Answer): Answer => ({
  ...answer,
  [name]: ((answer[name] ?? []) as Answer[]).map(change)
})

const info =
  (change: Answer, from = 0, to = Infinity): Edit =>
  (answer, count) =>
    count >= from && count < to ? within(answer, 'deploymentInfo', (one) => ({ ...one, ...change })) : answer

const target =
  (change: Answer): Edit =>
  (answer) =>
    each(answer, 'deploymentTargets', (one) =>
      within(one, 'instanceTarget', (inner) => ({ ...inner, ...change }))
    )

const event =
  (change: Answer): Edit =>
  (answer) =>
    each(answer, 'deploymentTargets', (one) =>
      within(one, 'instanceTarget', (inner) =>
        each(inner, 'lifecycleEvents', (two) => ({ ...two, ...change }))
      )
    )

const refusing =
  (code: string, times: number): Edit =>
  (answer, count) => {
    if (count < times) throw new ServiceError(code, 'words of the service')
    return answer
  }

const NOTHING: Edit = () => ({})
const first =
  (times: number, edit: Edit): Edit =>
  (answer, count) =>
    count < times ? edit(answer, count) : answer

/** Odd answers with which a run still succeeds. */
const SURVIVED: readonly [string, string, Edit][] = [
  ['an unknown status', 'GetDeployment', info({ status: 'Pondering' }, 2, 4)],
  ['no status', 'GetDeployment', info({ status: null }, 2, 4)],
  ['an empty answer about a deployment', 'GetDeployment', first(2, NOTHING)],
  [
    'null for every optional member',
    'GetDeployment',
    info(
      {
        deploymentOverview: null,
        createTime: null,
        startTime: null,
        rollbackInfo: null,
        creator: null,
        description: null,
        blueGreenDeploymentConfiguration: null,
        targetInstances: null,
        revision: null
      },
      2
    )
  ],
  [
    'unknown members',
    'GetDeployment',
    info({ weather: { sky: 'blue' }, deploymentOverview: { Sleeping: 2, Odd: 'two' } }, 2)
  ],
  [
    'an error in a deployment that keeps running',
    'GetDeployment',
    info({ errorInformation: { code: 'BRAND_NEW', message: null } }, 2, 4)
  ],
  ['times before 1970', 'GetDeployment', info({ createTime: -62_135_596_800, startTime: 0 }, 2)],
  ['no list of targets', 'ListDeploymentTargets', first(1, () => ({ targetIds: null }))],
  [
    'the same target twice',
    'ListDeploymentTargets',
    (answer) => ({
      ...answer,
      targetIds: [...(answer['targetIds'] as string[]), ...(answer['targetIds'] as string[])]
    })
  ],
  ['the same page forever', 'ListDeploymentTargets', (answer) => ({ ...answer, nextToken: AGAIN })],
  [
    'an unknown target',
    'ListDeploymentTargets',
    (answer, count) =>
      count === 1
        ? { ...answer, targetIds: [...((answer['targetIds'] ?? []) as string[]), 'i-00000000000000000'] }
        : answer
  ],
  [
    'a target that has vanished',
    'BatchGetDeploymentTargets',
    refusing('DeploymentTargetDoesNotExistException', 3)
  ],
  ['no targets for the ids', 'BatchGetDeploymentTargets', first(2, NOTHING)],
  [
    'a target of another platform',
    'BatchGetDeploymentTargets',
    first(1, () => ({
      deploymentTargets: [{ deploymentTargetType: 'LambdaTarget', lambdaTarget: { targetId: 'x' } }, null]
    }))
  ],
  ['a target without events', 'BatchGetDeploymentTargets', first(1, target({ lifecycleEvents: null }))],
  [
    'a target without a label',
    'BatchGetDeploymentTargets',
    first(1, target({ instanceLabel: null, status: null, lastUpdatedAt: null }))
  ],
  ['events without times', 'BatchGetDeploymentTargets', event({ startTime: null, endTime: null })],
  [
    'events whose clocks run backwards',
    'BatchGetDeploymentTargets',
    event({ startTime: 1_800_000_000, endTime: 1_700_000_000 })
  ],
  [
    'an event with a new name',
    'BatchGetDeploymentTargets',
    (answer) =>
      each(answer, 'deploymentTargets', (one) =>
        within(one, 'instanceTarget', (inner) => ({
          ...inner,
          lifecycleEvents: [
            ...((inner['lifecycleEvents'] ?? []) as Answer[]),
            { lifecycleEventName: 'AfterParty', status: 'Succeeded' }
          ]
        }))
      )
  ],
  ['no list of deployments', 'ListDeployments', () => ({ deployments: null })],
  ['a created deployment without an id', 'CreateDeployment', first(1, NOTHING)],
  ['a new name for throttling', 'GetDeployment', refusing('TooManyRequestsException', 3)],
  [
    'a group with most members missing',
    'GetDeploymentGroup',
    (answer) =>
      within(answer, 'deploymentGroupInfo', (one) => ({
        ...one,
        lastSuccessfulDeployment: null,
        autoRollbackConfiguration: null,
        deploymentConfigName: null,
        targetRevision: null
      }))
  ]
]

describe('an odd answer', () => {
  test.each(SURVIVED)(
    '%s (%s): the run still follows the deployment to its success',
    async (_, operation, edit) => {
      editing(operation, edit)
      const before = place.made()
      const told = await place.deploy()
      expect([told.code, told.outputs['status'], told.words]).toEqual([0, 'succeeded', ''])
      expect(place.made() - before).toBe(1)
      await place.settle()
      expect(place.liveKey()).toContain(told.commit)
    }
  )

  test.each<[string, string, Edit]>([
    ['an unknown status forever', 'GetDeployment', info({ status: 'Pondering' }, 1)],
    [
      'empty answers about a deployment forever',
      'GetDeployment',
      (answer, count) => (count < 1 ? answer : {})
    ],
    ['an unknown code', 'GetDeployment', refusing('BrandNewException', Infinity)],
    ['an unknown code for the group', 'GetDeploymentGroup', refusing('BrandNewException', Infinity)],
    ['targets that can never be listed', 'ListDeploymentTargets', refusing('BrandNewException', Infinity)]
  ])('%s (%s) is neither a success nor a crash', async (_, operation, edit) => {
    editing(operation, edit)
    const told = await place.deploy({ inputs: { 'wait-for': 'complete', 'wait-for-minutes': '30' } })
    expect(told.code).not.toBe(0)
    expect(told.outputs['status'] ?? '').not.toBe('succeeded')
    if (told.error !== undefined) expect(told.error).toBeInstanceOf(UserError)
  })

  test.each(['BRAND_NEW_CODE', undefined])(
    'a deployment that failed with the code %s is reported as failed with its message',
    async (code) => {
      const broken = info(
        { status: 'Failed', errorInformation: { code: code ?? null, message: 'words that nobody knows' } },
        4
      )
      editing('GetDeployment', broken)
      const told = await place.deploy()
      expect([told.code, told.outputs['status']]).toEqual([1, 'failed'])
      expect(told.log).toContain('words that nobody knows')
    }
  )
})
