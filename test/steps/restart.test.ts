import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import { waysBack } from '../../src/domain/history.js'
import type { HistoryService } from '../../src/steps/history.js'
import { readHistory } from '../../src/steps/history.js'
import { readLive } from '../../src/steps/live.js'
import { rowsOf } from '../../src/steps/rows.js'
import { START } from '../fakes/clock.js'
import { deployment, group, sha, stored, target } from '../fakes/nouns.js'

const HOUR = 3_600_000
const INSTALL = ['ApplicationStop', 'Install', 'ApplicationStart', 'ValidateService'] as const

const onInstance = (last: 'Succeeded' | 'Failed'): Target =>
  target('i-1', 'in-place', { names: INSTALL, events: ['Succeeded', 'Succeeded', 'Succeeded', last] })

const past = (hours: number, members: Partial<Deployment> = {}): Deployment =>
  deployment({
    id: `d-${String(hours).padStart(9, '0')}`,
    status: 'Succeeded',
    style: 'IN_PLACE',
    createdAt: new Date(START - hours * HOUR),
    ...members
  })

/** A deployment with deploymentMode RESTART, for which the service names no revision. */
const restart = (hours: number, members: Partial<Deployment> = {}): Deployment => {
  const made = past(hours, { restart: true, ...members })
  delete made.revision
  return made
}

const read = async (deployments: readonly Deployment[], targets: Record<string, Target[]>) => {
  const service: HistoryService = {
    deploymentIds: ({ since = 0 }) =>
      Promise.resolve(
        deployments.filter(({ createdAt }) => createdAt.getTime() >= since).map(({ id }) => id)
      ),
    deployments: (ids) => Promise.resolve(deployments.filter(({ id }) => ids.includes(id))),
    targetIds: (id) => Promise.resolve((targets[id] ?? []).map((one) => one.id)),
    targets: (id) => Promise.resolve(targets[id] ?? [])
  }
  const [newest] = deployments
  const ids = group({
    style: 'IN_PLACE',
    targetGroups: [],
    ...(newest === undefined
      ? {}
      : {
          lastAttempted: { id: newest.id },
          lastSuccessful: { id: newest.id, createdAt: newest.createdAt }
        })
  })
  const reading = await readLive(ids, { service, health: () => Promise.resolve([]), now: () => START })
  const options = { application: 'shop', group: 'web', limit: 20, now: START }
  const attempts = await readHistory(service, options, reading.attempts)
  return { reading, rows: await rowsOf(attempts, reading, () => Promise.resolve(true)) }
}

describe('a deployment that only restarts', () => {
  const deployed = past(9, { revision: stored(sha('a')) })

  test('leaves live what it restarted, and its row shows that revision', async () => {
    const { reading, rows } = await read([restart(1), deployed], {
      'd-000000001': [onInstance('Succeeded')],
      'd-000000009': [onInstance('Succeeded')]
    })
    expect(reading.live).toMatchObject({ kind: 'commit', deployment: { id: 'd-000000009' } })
    expect(rows[0]).toMatchObject({
      restart: true,
      commit: sha('a'),
      addressable: true,
      available: true,
      served: true
    })
    expect(rows[1]).not.toHaveProperty('restart')
    expect(waysBack(rows).size).toBe(0)
  })

  test('and that failed leaves open what serves, and says which one did not finish', async () => {
    const { reading } = await read([restart(1, { status: 'Failed' }), deployed], {
      'd-000000001': [onInstance('Failed')],
      'd-000000009': [onInstance('Succeeded')]
    })
    expect(reading.live).toMatchObject({ kind: 'unknown', reason: 'd-000000001 did not finish on i-1' })
  })

  test('whose targets are gone is a row without a revision', async () => {
    const { rows } = await read([restart(1)], {})
    expect(rows[0]).toMatchObject({
      restart: true,
      addressable: false,
      available: false,
      revisionText: 'unknown'
    })
    expect(rows[0]).not.toHaveProperty('commit')
  })
})
