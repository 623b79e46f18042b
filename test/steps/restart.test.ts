import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import type { Target } from '../../src/domain/event.js'
import { waysBack } from '../../src/domain/history.js'
import { liveByDeployments } from '../../src/domain/live.js'
import { type Attempt, followInstances } from '../../src/domain/serving.js'
import { readHistory } from '../../src/steps/history.js'
import { readLive } from '../../src/steps/live.js'
import { rowsOf } from '../../src/steps/rows.js'
import { at, START } from '../fakes/clock.js'
import { historyOf } from '../fakes/history.js'
import { attempt, done, events, group, INSTALL, sha, target } from '../fakes/nouns.js'

const inPlace = (last: 'Succeeded' | 'Failed'): Target[] => [
  target('i-1', 'in-place', events(INSTALL, 0, done(6, last)))
]

const DEPLOYED = attempt(9, 'a', { style: 'IN_PLACE' }, inPlace('Succeeded'))

/** A deployment with deploymentMode RESTART, for which the service names no revision. */
const restart = (members: Partial<Deployment>, targets: Target[]): Attempt => {
  const made = attempt(1, 'r', { style: 'IN_PLACE', restart: true, ...members }, targets)
  delete made.deployment.revision
  return made
}

const read = async (attempts: readonly Attempt[]) => {
  const { service } = historyOf(attempts)
  const { id = '', createdAt = at(0) } = attempts[0]?.deployment ?? {}
  const last = { lastAttempted: { id }, lastSuccessful: { id, createdAt } }
  const sources = { service, health: () => Promise.resolve([]), now: () => START }
  const reading = await readLive(group({ style: 'IN_PLACE', targetGroups: [], ...last }), sources)
  const options = { application: 'shop', group: 'web', limit: 20, now: START }
  const history = await readHistory(service, options, reading.attempts)
  return { live: reading.live, rows: await rowsOf(history, reading, () => Promise.resolve(true)) }
}

describe('a deployment that only restarts', () => {
  test('leaves live what it restarted, and its row shows that revision', async () => {
    const { live, rows } = await read([restart({}, inPlace('Succeeded')), DEPLOYED])
    expect(live).toMatchObject({ kind: 'commit', deployment: { id: 'd-A9' } })
    expect(rows[0]).toMatchObject({
      restart: true,
      commit: sha('a'),
      addressable: true,
      available: true,
      served: true
    })
    expect(rows[1]?.restart).toBeUndefined()
    expect(waysBack(rows).size).toBe(0)
  })

  test('and that failed leaves open what serves, and says which one did not finish', async () => {
    const { live } = await read([restart({ status: 'Failed' }, inPlace('Failed')), DEPLOYED])
    expect(live).toMatchObject({ kind: 'unknown', reason: 'd-R1 did not finish on i-1' })
  })

  test('whose targets are gone is a row without a revision', async () => {
    const { rows } = await read([restart({}, [])])
    expect(rows[0]).toMatchObject({
      restart: true,
      addressable: false,
      available: false,
      revisionText: 'unknown'
    })
    expect(rows[0]?.commit).toBeUndefined()
  })

  test('shows what ran then, not what was deployed since', async () => {
    const since = attempt(0, 'b', { style: 'IN_PLACE' }, inPlace('Succeeded'))
    const attempts = [restart({}, inPlace('Succeeded'))]
    const course = followInstances([DEPLOYED, ...attempts, since])
    const reading = { attempts: [since, DEPLOYED], course, live: liveByDeployments(course.end) }
    const [row] = await rowsOf(attempts, reading, () => Promise.resolve(true))
    expect(row?.commit).toBe(sha('a'))
  })
})
