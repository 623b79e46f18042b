import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import { liveByDeployments, liveByHealth, liveName } from '../../src/domain/live.js'
import type { Serving, ServedInstance } from '../../src/domain/serving.js'
import { START } from '../fakes/clock.js'
import { deployment, sha, stored } from '../fakes/nouns.js'

const a1 = deployment({ id: 'd-A1', createdAt: new Date(START) })
const a2 = deployment({ id: 'd-A2', createdAt: new Date(START + 1000) })
const b = deployment({ id: 'd-B', revision: stored(sha('b')), createdAt: new Date(START + 2000) })

const served = (id: string, members: Partial<ServedInstance> = {}): ServedInstance => ({
  id,
  fleet: 'd-F',
  traffic: 'in',
  installedBy: a1,
  intact: true,
  ...members
})

const serving = (...instances: ServedInstance[]): Serving => ({
  instances: new Map(instances.map((one) => [one.id, one])),
  current: undefined
})

const unknownRevision = (id: string): ServedInstance => ({ id, fleet: 'd-F', traffic: 'in', intact: true })

describe('by the deployments', () => {
  test('one revision on all instances that serve is live, by the newest deployment that installed it', () => {
    const state = serving(
      served('i-1'),
      served('i-2', { installedBy: a2 }),
      served('i-3', { installedBy: a1 }),
      served('i-4', { installedBy: b, traffic: 'out' })
    )
    const live = liveByDeployments(state, 'a reason')
    expect(live).toEqual({
      kind: 'commit',
      deployment: a2,
      instances: ['i-1', 'i-2', 'i-3'],
      evidence: { from: 'deployments', note: 'a reason' }
    })
    expect(liveName(live)).toBe(sha('a'))
  })

  test('without a note the evidence has none', () => {
    expect(liveByDeployments(serving(served('i-1'))).evidence).toEqual({ from: 'deployments' })
  })

  test('an instance whose traffic is uncertain counts', () => {
    const live = liveByDeployments(
      serving(served('i-1'), served('i-2', { installedBy: b, traffic: 'maybe' }))
    )
    expect(live).toMatchObject({
      kind: 'mixed',
      parts: [
        { deployment: { id: 'd-A1' }, instances: ['i-1'] },
        { deployment: { id: 'd-B' }, instances: ['i-2'] }
      ]
    })
    expect(liveName(live)).toBeUndefined()
  })

  test('two revisions and an unknown one are mixed, each with its instances', () => {
    const live = liveByDeployments(
      serving(
        served('i-1'),
        unknownRevision('i-2'),
        served('i-3', { installedBy: b }),
        unknownRevision('i-4')
      )
    )
    expect(live).toMatchObject({
      kind: 'mixed',
      parts: [
        { deployment: { id: 'd-A1' }, instances: ['i-1'] },
        { instances: ['i-2', 'i-4'] },
        { deployment: { id: 'd-B' }, instances: ['i-3'] }
      ]
    })
  })

  test('nothing serves', () => {
    expect(liveByDeployments(serving(served('i-1', { traffic: 'out' })))).toMatchObject({
      kind: 'unknown',
      reason: 'no deployment of this group has put a revision into service'
    })
  })

  test.each<[string, ServedInstance[], string]>([
    [
      'one unknown',
      [served('i-1'), unknownRevision('i-2')],
      'no deployment that was read installed what is running on i-2'
    ],
    [
      'one half installed',
      [served('i-1'), served('i-2', { intact: false, installedBy: b })],
      'd-B did not finish on i-2'
    ],
    [
      'of many, five are named',
      Array.from({ length: 7 }, (_, at) => unknownRevision(`i-${at}`)),
      'no deployment that was read installed what is running on i-0, i-1, i-2, i-3, i-4 and 2 more'
    ],
    [
      'five of five are named',
      Array.from({ length: 5 }, (_, at) => unknownRevision(`i-${at}`)),
      'no deployment that was read installed what is running on i-0, i-1, i-2, i-3, i-4'
    ]
  ])('not known: %s', (_, instances, reason) => {
    expect(liveByDeployments(serving(...instances))).toMatchObject({ kind: 'unknown', reason })
  })

  test('two deployments without a revision are one only when they are the same deployment', () => {
    const bare = deployment({ id: 'd-BARE' })
    delete bare.revision
    const other = { ...bare, id: 'd-OTHER' }
    const of = (installedBy: Deployment): ServedInstance => served(installedBy.id, { installedBy })
    expect(liveByDeployments(serving(of(bare), served('i-2', { installedBy: bare }))).kind).toBe('commit')
    expect(liveByDeployments(serving(of(bare), of(other))).kind).toBe('mixed')
  })
})

describe('by the load balancer', () => {
  const state = serving(served('i-1', { traffic: 'out' }), served('i-2', { installedBy: b }))

  test('its instances count, whatever the deployments say of their traffic', () => {
    expect(liveByHealth(['i-1'], state)).toEqual({
      kind: 'commit',
      deployment: a1,
      instances: ['i-1'],
      evidence: { from: 'load-balancer' }
    })
    expect(liveByHealth(['i-1', 'i-2'], state).kind).toBe('mixed')
  })

  test('an instance that no deployment knows is named', () => {
    expect(liveByHealth(['i-1', 'i-9'], state)).toMatchObject({
      kind: 'unknown',
      reason: 'no deployment that was read installed what is running on i-9',
      evidence: { from: 'load-balancer' }
    })
  })

  test('no healthy instance proves nothing', () => {
    expect(liveByHealth([], state)).toMatchObject({
      kind: 'unknown',
      reason: 'the load balancer reports no healthy instance',
      evidence: { from: 'load-balancer' }
    })
  })
})
