import { beforeEach, expect, test } from '@jest/globals'
import type { Present, PresentGroup } from '../../src/domain/group-wish.js'
import type { SetupService } from '../../src/setup-port.js'
import { carryOut, type SetupActs } from '../../src/steps/setup.js'
import { asWished as asWishedLater, WISH } from '../fakes/group-wish.js'

/** As the file says, before its first deployment. */
const asWished: PresentGroup = { ...asWishedLater, autoScalingGroups: [WISH.fleet.name] }
const otherWait: PresentGroup = { ...asWished, keepOldFleet: 10 }
const withGroup = (group: PresentGroup | undefined): Present => ({
  application: true,
  fleet: true,
  config: true,
  group
})

let group: PresentGroup
let active: string[]
let sent: (readonly string[])[]
let refusals: number
let onSleep: () => void
let acts: SetupActs

const service = (): SetupService => ({
  application: () => Promise.resolve(true),
  createApplication: () => Promise.resolve(true),
  group: () => Promise.resolve(group),
  active: () => Promise.resolve(active),
  config: () => Promise.resolve(true),
  createConfig: () => Promise.resolve(true),
  fleet: () => Promise.resolve({ desired: 2, inService: 2 }),
  targetGroups: () => Promise.resolve(new Map()),
  createFleet: () => Promise.resolve(true),
  createGroup: () => Promise.resolve(false),
  updateGroup: (_, present) => {
    sent.push(present.autoScalingGroups)
    if (refusals === 0) return Promise.resolve()
    refusals -= 1
    return Promise.reject(Object.assign(new Error('no such role'), { name: 'InvalidRoleException' }))
  }
})

beforeEach(() => {
  let now = 0
  group = otherWait
  active = []
  sent = []
  refusals = 0
  onSleep = () => undefined
  acts = {
    service: service(),
    launches: () => Promise.resolve([]),
    clock: {
      now: () => now,
      sleep: (ms: number) => {
        now += ms
        onSleep()
        return Promise.resolve()
      }
    },
    signal: new AbortController().signal,
    made: () => undefined,
    tell: () => undefined
  }
})

test('a run that lost the race to create the group sends no update if the group is as the file says', async () => {
  group = asWished
  await carryOut(WISH, withGroup(undefined), acts)
  expect(sent).toEqual([])
})

test('a run that lost the race to create a different group changes it', async () => {
  await carryOut(WISH, withGroup(undefined), acts)
  expect(sent).toEqual([['festival-web']])
})

test('an update that waits for the role sends the Auto Scaling group that the group has by then', async () => {
  refusals = 1
  onSleep = () => {
    group = { ...otherWait, autoScalingGroups: ['CodeDeploy_web_d-1'] }
  }
  await carryOut(WISH, withGroup(otherWait), acts)
  expect(sent).toEqual([['festival-web'], ['CodeDeploy_web_d-1']])
})

test('an update that waits for the role is not sent again once a deployment is active', async () => {
  refusals = 1
  onSleep = () => {
    active = ['d-1']
  }
  await expect(carryOut(WISH, withGroup(otherWait), acts)).rejects.toThrow('d-1 has not ended')
  expect(sent).toHaveLength(1)
})
