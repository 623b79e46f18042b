import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type CopiedFleet,
  type FleetFindings,
  instanceHours,
  isBundleKey,
  keysOfBundle,
  staleUploads,
  unneededBundles,
  whyKept
} from '../../src/domain/cleanup.js'
import { at } from '../fakes/clock.js'
import { deployment, ID, sha, stored } from '../fakes/nouns.js'

const PLACE = { application: 'shop', group: 'web' }
const FOLDER = 'codedeploy/shop/'
const NOW = at(0).getTime()
const DAY = 24 * 60 * 60 * 1000
const ago = (days: number): Date => new Date(NOW - days * DAY)

const fleet = (members: Partial<CopiedFleet> = {}): CopiedFleet => ({
  name: `CodeDeploy_web_${ID}`,
  madeBy: ID,
  createdAt: ago(2),
  instances: ['i-1', 'i-2'],
  isGoing: false,
  ...members
})

/** What is known of a fleet that a failed deployment left behind. */
const findings = (members: Partial<FleetFindings> = {}): FleetFindings => ({
  deployment: deployment({ status: 'Failed' }),
  rollback: undefined,
  active: [],
  named: new Set(['CodeDeploy_web_d-LIVE']),
  registered: [{ id: 'i-9', state: 'healthy' }],
  ...members
})

describe('a fleet', () => {
  test.each(['Failed', 'Stopped'])('of a deployment that ended as %s is left behind', (status) => {
    expect(whyKept(fleet(), PLACE, findings({ deployment: deployment({ status }) }))).toBeUndefined()
  })

  test('of a deployment that was rolled back is left behind once the rollback has ended', () => {
    const rolledBack = deployment({ status: 'Failed', rollback: { by: 'd-BACK' } })
    const rollback = deployment({ id: 'd-BACK', status: 'Succeeded', rollback: { of: ID } })
    expect(whyKept(fleet(), PLACE, findings({ deployment: rolledBack, rollback }))).toBeUndefined()
  })

  test.each<[string, Partial<CopiedFleet>, Partial<FleetFindings>]>([
    ['that serves, kept alive', {}, { deployment: deployment({ status: 'Succeeded' }) }],
    ['of an active deployment', {}, { deployment: deployment({ status: 'InProgress' }) }],
    ['of a deployment that nobody knows', {}, { deployment: undefined }],
    ['of another group', {}, { deployment: deployment({ status: 'Failed', group: 'api' }) }],
    ['of another application', {}, { deployment: deployment({ status: 'Failed', application: 'x' }) }],
    ['that is fixed', {}, { deployment: deployment({ status: 'Failed', fixedGreen: [] }) }],
    ['of a deployment in place', {}, { deployment: deployment({ status: 'Failed', style: 'IN_PLACE' }) }],
    ['that a group names', {}, { named: new Set([`CodeDeploy_web_${ID}`]) }],
    ['with a healthy instance', {}, { registered: [{ id: 'i-2', state: 'healthy' }] }],
    ['with an instance that drains', {}, { registered: [{ id: 'i-2', state: 'draining' }] }],
    ['with an instance in a state that nobody knows', {}, { registered: [{ id: 'i-2', state: 'new' }] }],
    ['with an instance that is checked', {}, { registered: [{ id: 'i-2', state: 'initial' }] }],
    [
      'that gets requests because no target is healthy',
      {},
      { registered: [{ id: 'i-2', state: 'unhealthy' }] }
    ],
    ['where addresses are registered', {}, { registered: [{ id: '10.0.0.1', state: 'healthy' }] }],
    ['whose load balancer was not asked', {}, { registered: undefined }],
    ['that Auto Scaling is deleting', { isGoing: true }, {}],
    ['that a user named', { name: 'web-fleet' }, {}],
    ['with the tag of a later deployment', { madeBy: 'd-LATER' }, {}],
    [
      'whose rollback is not known',
      {},
      { deployment: deployment({ status: 'Failed', rollback: { by: 'd-BACK' } }) }
    ],
    ['that is being rolled back', {}, { active: [deployment({ id: 'd-BACK', rollback: { of: ID } })] }]
  ])('%s is kept', (_, its, known) => {
    expect(whyKept(fleet(its), PLACE, findings(known))).toEqual(expect.any(String))
  })

  test('with unhealthy instances is left behind while others are healthy', () => {
    const registered = [
      { id: 'i-1', state: 'unhealthy' },
      { id: 'i-9', state: 'healthy' }
    ]
    expect(whyKept(fleet(), PLACE, findings({ registered }))).toBeUndefined()
  })

  test('costs its instances for the hours since it was made', () => {
    expect(instanceHours(fleet(), NOW)).toBe(96)
    expect(instanceHours(fleet({ createdAt: ago(-1) }), NOW)).toBe(0)
  })
})

const ids = fc.constantFrom('d-A1', 'd-B2', 'd-C3', 'd-D4')
const instance = fc.constantFrom('i-1', 'i-2', 'i-3', 'i-4', 'i-5')
const state = fc.constantFrom('healthy', 'unhealthy', 'initial', 'draining', 'unused', 'unavailable', 'new')
const anyDeployment = fc.record({
  id: ids,
  application: fc.constantFrom('shop', 'shop', 'shop', 'other'),
  group: fc.constantFrom('web', 'web', 'web', 'api'),
  status: fc.constantFrom(
    'Created',
    'Queued',
    'InProgress',
    'Baking',
    'Ready',
    'Succeeded',
    'Failed',
    'Failed',
    'Failed',
    'Stopped',
    'Stopped',
    'Stopped',
    'Odd'
  ),
  style: fc.constantFrom('BLUE_GREEN' as const, 'BLUE_GREEN' as const, 'IN_PLACE' as const),
  fixedGreen: fc.constantFrom(undefined, undefined, []),
  rollback: fc.option(
    fc.record({ by: fc.option(ids, { nil: undefined }), of: fc.option(ids, { nil: undefined }) }),
    {
      nil: undefined
    }
  )
})
const ownFleet = ids.chain((id) =>
  fc.record({
    name: fc.constant(`CodeDeploy_web_${id}`),
    madeBy: fc.constant(id),
    createdAt: fc.constant(ago(3)),
    instances: fc.uniqueArray(instance, { maxLength: 2 }),
    isGoing: fc.constant(false)
  })
)
const anyFleet = fc.record({
  name: fc.oneof(
    fc
      .tuple(fc.constantFrom('web', 'api', 'web_d-A1'), ids)
      .map(([group, id]) => `CodeDeploy_${group}_${id}`),
    fc.constantFrom('web-fleet', 'CodeDeploy_web', 'CodeDeploy_web_d-')
  ),
  madeBy: fc.oneof(ids, fc.constantFrom('', 'me', 'd-')),
  createdAt: fc.constant(ago(3)),
  instances: fc.uniqueArray(instance),
  isGoing: fc.boolean()
})
const account = fc.record({
  fleets: fc.uniqueArray(fc.oneof(ownFleet, anyFleet), { selector: ({ name }) => name, maxLength: 8 }),
  deployments: fc.uniqueArray(anyDeployment, { selector: ({ id }) => id }),
  named: fc.uniqueArray(fc.constantFrom('CodeDeploy_web_d-A1', 'CodeDeploy_web_d-B2', 'web-fleet')),
  registered: fc.option(fc.array(fc.record({ id: instance, state }), { maxLength: 6 }), { nil: undefined })
})

test('in no account is a fleet chosen that lives, serves, is named by a group, or is foreign', () => {
  let chosen = 0
  fc.assert(
    fc.property(account, ({ fleets, deployments, named, registered }) => {
      const known = deployments.map((one) => deployment(one))
      const active = known.filter(
        ({ status, application, group }) =>
          application === 'shop' && group === 'web' && !['Succeeded', 'Failed', 'Stopped'].includes(status)
      )
      for (const one of fleets) {
        const made = known.find(({ id }) => id === one.madeBy)
        const rollback = known.find(({ id }) => id === made?.rollback?.by)
        const why = whyKept(one, PLACE, {
          deployment: made,
          rollback,
          active,
          named: new Set(named),
          registered
        })
        if (why !== undefined) continue
        chosen++
        expect(one.name).toBe(`CodeDeploy_web_${one.madeBy}`)
        expect(made).toMatchObject({ application: 'shop', group: 'web', style: 'BLUE_GREEN' })
        expect(['Failed', 'Stopped']).toContain(made?.status)
        expect(made?.fixedGreen).toBeUndefined()
        expect(named).not.toContain(one.name)
        expect(active.flatMap(({ id, rollback: its }) => [id, its?.of])).not.toContain(one.madeBy)
        const its = (registered ?? []).filter(({ id }) => one.instances.includes(id))
        expect(registered).toBeDefined()
        expect(its.filter((target) => !/^(unhealthy|unused)$/.test(target.state))).toEqual([])
      }
    }),
    { numRuns: 3000, seed: 15 }
  )
  expect(chosen).toBeGreaterThan(20)
})

describe('a bundle', () => {
  const key = (digit: string): string => stored(sha(digit)).key
  const bundle = (its: string, days = 3) => ({ key: its, size: 1, storedAt: ago(days) })
  const where = { bucket: 'bundles', folder: FOLDER, now: NOW }

  test('that nothing needs is chosen, whatever version of a needed one there is', () => {
    const all = [bundle(key('a')), bundle(key('b'))]
    expect(unneededBundles(all, [stored(sha('b'), { version: 'older' })], where)).toEqual([all[0]])
  })

  test('of the same key in another bucket is not needed there', () => {
    const other = { ...stored(sha('a')), bucket: 'elsewhere' }
    expect(unneededBundles([bundle(key('a'))], [other], where)).toHaveLength(1)
  })

  test('is deleted after its manifest, so that a run which ends in between is continued', () => {
    expect(keysOfBundle(key('a'))).toEqual([
      `${FOLDER}manifests/${sha('a')}-0123456789ab.zip.json.gz`,
      key('a')
    ])
  })

  const anyKey = fc.oneof(
    fc.constantFrom('a', 'b', 'c', 'd', 'e').map(key),
    fc.constantFrom(
      ...[
        `${FOLDER}groups/web.json`,
        `${FOLDER}notes.zip`,
        `${FOLDER}manifests/${sha('a')}-0123456789ab.zip`
      ],
      ...[key('a').replace('shop', 'other'), `${FOLDER}x/${sha('a')}-0123456789ab.zip`, `${key('a')}.json`]
    )
  )

  test('is never chosen if it is needed, young, or no bundle of this application', () => {
    const objects = fc.uniqueArray(fc.record({ key: anyKey, days: fc.integer({ min: -1, max: 5 }) }), {
      selector: (one) => one.key
    })
    const needs = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))
    fc.assert(
      fc.property(objects, needs, (listed, needed) => {
        const all = listed.map(({ key: its, days }) => bundle(its, days))
        const chosen = unneededBundles(
          all,
          needed.map((digit) => stored(sha(digit))),
          where
        )
        for (const one of chosen) {
          expect(one.key).toMatch(/^codedeploy\/shop\/[0-9a-f]{40}-[0-9a-f]{12}\.zip$/)
          expect(needed.map(key)).not.toContain(one.key)
          expect(NOW - one.storedAt.getTime()).toBeGreaterThan(DAY)
        }
      })
    )
  })
})

test('an upload is given up after a day, and only if it is that of a bundle', () => {
  const key = stored(sha('a')).key
  const upload = (its: string, days: number) => ({ key: its, id: `${its} ${days}`, startedAt: ago(days) })
  const all = [upload(key, 2), upload(key, 0.5), upload(`${FOLDER}backup.zip`, 9), upload(`x/${key}`, 9)]
  expect(staleUploads(all, FOLDER, NOW)).toEqual([all[0]])
  expect(isBundleKey(`${FOLDER}groups/web.json`, FOLDER)).toBe(false)
})
