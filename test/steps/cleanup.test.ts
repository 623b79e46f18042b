import { beforeEach, describe, expect, test } from '@jest/globals'
import type { CleanupService, CleanupStore } from '../../src/cleanup-port.js'
import type { CopiedFleet, LeftOver } from '../../src/domain/cleanup.js'
import type { Deployment } from '../../src/domain/deployment.js'
import type { DeploymentGroup } from '../../src/domain/group.js'
import type { Health } from '../../src/domain/health.js'
import type { RevisionLocation } from '../../src/domain/revision.js'
import type { CodeDeploy } from '../../src/ports.js'
import {
  type CleanupRequest,
  type CleanupSources,
  deleteLeftOver,
  deleteOwnFleet,
  findLeftOvers
} from '../../src/steps/cleanup.js'
import { at } from '../fakes/clock.js'
import { deployment, group, ID, sha, stored } from '../fakes/nouns.js'

// What is deleted is looked at twice: these tests change the account between the list and the deletion.

const NAME = `CodeDeploy_web_${ID}`
const NOW = at(0).getTime()
const OLD = new Date(NOW - 5 * 24 * 60 * 60 * 1000)
const KEY = stored(sha('b')).key

let fleets: CopiedFleet[]
let groups: DeploymentGroup[]
let known: Deployment[]
let health: Health[] | Error
let objects: string[]
let needs: RevisionLocation[]
let deleted: string[]
let accepts: boolean

beforeEach(() => {
  fleets = [{ name: NAME, madeBy: ID, createdAt: OLD, instances: ['i-1'], isGoing: false }]
  groups = [group({ autoScalingGroups: ['live'] }), group({ name: 'api', autoScalingGroups: ['api-asg'] })]
  known = [deployment({ status: 'Failed' })]
  health = [{ id: 'i-9', state: 'healthy' }]
  objects = [KEY]
  needs = []
  deleted = []
  accepts = true
})

const denied = (): Error =>
  Object.assign(new Error('not allowed'), { name: 'AccessDeniedException', operation: 'GetDeploymentGroup' })

const service: CleanupService = {
  groups: () => Promise.resolve(['web', 'api']),
  copies: () => Promise.resolve(fleets),
  copy: (name) => Promise.resolve(fleets.find((one) => one.name === name)),
  deleteCopy: (name) => {
    deleted.push(name)
    if (accepts) fleets = fleets.map((one) => ({ ...one, isGoing: one.name === name }))
    return Promise.resolve()
  }
}

const store: CleanupStore = {
  uploads: () => Promise.resolve([]),
  abort: () => Promise.resolve(),
  bundles: (folder) =>
    Promise.resolve(
      objects.filter((key) => key.startsWith(folder)).map((key) => ({ key, size: 1, storedAt: OLD }))
    ),
  remove: (key) => {
    deleted.push(key)
    return Promise.resolve()
  }
}

const codeDeploy = {
  group: (_: string, name: string) => {
    const found = groups.find((one) => one.name === name)
    return found === undefined ? Promise.reject(denied()) : Promise.resolve(found)
  },
  deployment: (id: string) => {
    const found = known.find((one) => one.id === id)
    return found === undefined ? Promise.reject(denied()) : Promise.resolve(found)
  },
  deploymentIds: () =>
    Promise.resolve(known.filter(({ status }) => status === 'InProgress').map(({ id }) => id)),
  deployments: (ids: readonly string[]) => Promise.resolve(known.filter(({ id }) => ids.includes(id)))
} as unknown as CodeDeploy

const sources: CleanupSources = {
  ...{ service, codeDeploy, store },
  health: () => (health instanceof Error ? Promise.reject(health) : Promise.resolve(health)),
  now: () => NOW
}
const request: CleanupRequest = {
  ...{ application: 'shop', group: 'web', bucket: 'bundles', folder: 'codedeploy/shop/' },
  needed: () => Promise.resolve(needs)
}

const list = async (): Promise<LeftOver[]> => (await findLeftOvers(request, sources)).found
const remove = (item: LeftOver | undefined): Promise<string | undefined> => {
  if (item === undefined) throw new Error('nothing was found')
  return deleteLeftOver(item, request, sources)
}

test('what is left behind is found and deleted, a manifest before its bundle', async () => {
  const found = await list()
  expect(found.map(({ kind }) => kind)).toEqual(['fleet', 'bundle'])
  for (const item of found) expect(await remove(item)).toBeUndefined()
  expect(deleted).toEqual([NAME, expect.stringContaining('manifests/'), KEY])
})

describe('a fleet that is needed when it is looked at again is kept:', () => {
  test.each<[string, () => void, RegExp]>([
    [
      'another group names it now',
      () => (groups = [group(), group({ name: 'api', autoScalingGroups: [NAME] })]),
      /refers to it/
    ],
    [
      'an instance serves now',
      () => (health = [{ id: 'i-1', state: 'healthy' }]),
      /i-1 may be getting requests/
    ],
    [
      'nothing else is healthy now',
      () => (health = [{ id: 'i-1', state: 'unhealthy' }]),
      /no target is healthy/
    ],
    [
      'the load balancer no longer answers',
      () => (health = new Error('timed out')),
      /did not answer: timed out/
    ],
    [
      'a rollback began',
      () => known.push(deployment({ id: 'd-BACK', rollback: { of: ID } })),
      /d-BACK has not ended/
    ],
    ['it is not known what became of its deployment', () => (known = []), /is not known/],
    [
      'it is another one of its name',
      () => (fleets = fleets.map((one) => ({ ...one, createdAt: at(0) }))),
      /another one/
    ]
  ])('%s', async (_, change, why) => {
    const [fleet] = await list()
    change()
    expect(await remove(fleet)).toMatch(why)
    expect(deleted).toEqual([])
  })
})

test('a fleet that another run has deleted meanwhile is done', async () => {
  const [fleet] = await list()
  fleets = []
  expect(await remove(fleet)).toBeUndefined()
  expect(deleted).toEqual([])
})

test('a deletion counts only once Auto Scaling shows it', async () => {
  const [fleet] = await list()
  accepts = false
  await expect(remove(fleet)).rejects.toThrow('does not show it as being deleted')
})

test('a group that cannot be read ends the list, and a deletion that was to follow', async () => {
  const [fleet, bundle] = await list()
  groups = groups.slice(0, 1)
  await expect(list()).rejects.toThrow(
    'The deployment group shop/api cannot be read: GetDeploymentGroup: not allowed'
  )
  await expect(remove(fleet)).rejects.toThrow('nothing more is deleted')
  expect(bundle?.kind).toBe('bundle')
  expect(deleted).toEqual([])
})

test('a group that does not exist is named, with those that do', async () => {
  await expect(findLeftOvers({ ...request, group: 'wbe' }, sources)).rejects.toThrow('it has web, api')
})

test('a fleet behind a Classic Load Balancer is kept, with the reason', async () => {
  groups = [group({ loadBalancers: ['classic', 'web-tg'] }), group({ name: 'api' })]
  const { found, kept } = await findLeftOvers(request, sources)
  expect(found.map(({ kind }) => kind)).toEqual(['bundle'])
  expect(kept).toEqual([{ name: NAME, why: expect.stringContaining('Classic Load Balancer') }])
})

test('a bundle that a group needs by now is kept, and one that is gone is done', async () => {
  const bundle = (await list())[1]
  needs = [stored(sha('b'))]
  expect(await remove(bundle)).toContain('needs it now')
  needs = []
  objects = []
  expect(await remove(bundle)).toBeUndefined()
  expect(deleted).toEqual([])
})

describe("the fleet of a run's own deployment", () => {
  const own = (changes: Partial<Deployment> = {}) => {
    known = [deployment({ status: 'Failed', ...changes })]
    return deleteOwnFleet(deployment({ status: 'Failed', ...changes }), groups[0] ?? group(), sources)
  }

  test('is deleted, however young it is, without a look at other groups', async () => {
    fleets = fleets.map((one) => ({ ...one, createdAt: at(0) }))
    groups = groups.slice(0, 1)
    expect(await own()).toMatchObject({ deleted: { name: NAME } })
    expect(deleted).toEqual([NAME])
  })

  test.each<[string, () => void]>([
    ['is gone', () => (fleets = [])],
    ['is going', () => (fleets = fleets.map((one) => ({ ...one, isGoing: true })))]
  ])('that %s is left alone', async (_, change) => {
    change()
    expect(await own()).toEqual({})
    expect(deleted).toEqual([])
  })

  test.each<[string, () => void, RegExp]>([
    [
      'has the tag of another',
      () => (fleets = fleets.map((one) => ({ ...one, madeBy: 'd-OTHER' }))),
      /d-OTHER made it/
    ],
    ['serves', () => (health = [{ id: 'i-1', state: 'healthy' }]), /i-1 may be getting requests/],
    ['its group refers to', () => (groups = [group({ autoScalingGroups: [NAME] })]), /refers to it/],
    ['nobody can say the health of', () => (health = denied()), /to ask the load balancer, allow the role/]
  ])('that %s is kept', async (_, change, why) => {
    change()
    expect((await own()).kept).toMatch(why)
    expect(deleted).toEqual([])
  })

  test('of a success is kept', async () => {
    expect((await own({ status: 'Succeeded' })).kept).toMatch(/succeeded/)
  })
})
