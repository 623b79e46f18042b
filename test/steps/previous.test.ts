import { describe, expect, test } from '@jest/globals'
import type { Deployment } from '../../src/domain/deployment.js'
import { describeDeploy, describeRollback } from '../../src/domain/description.js'
import type { Target } from '../../src/domain/event.js'
import type { HistoryRow } from '../../src/domain/history.js'
import { type Live, liveByDeployments } from '../../src/domain/live.js'
import { previousOf } from '../../src/domain/previous.js'
import { type RevisionLocation, sameRevision } from '../../src/domain/revision.js'
import { type Attempt, followInstances } from '../../src/domain/serving.js'
import { undoneDeployment } from '../../src/domain/undone.js'
import { rowsOf } from '../../src/steps/rows.js'
import { START } from '../fakes/clock.js'
import {
  blocked,
  blue,
  deployment,
  events,
  green,
  NOT_REQUIRED,
  served,
  sha,
  stored,
  target
} from '../fakes/nouns.js'

// `previous` as a table of histories, oldest first. A letter is a revision. What can happen to it:
//   ok              a run deploys it, and it succeeds
//   failed          it fails before any traffic moves
//   moved-failed    it fails after all traffic has moved to it, and keeps the traffic
//   half            it fails while the traffic moves: both fleets serve
//   runs            it is being installed now
//   back            a rollback of this action redeploys it; its mark names what was live
//   back-failed     the same, but it fails before any traffic moves
//   fast            the deployment that replaced it is stopped, and the service moves the traffic back to it
//   hand            somebody redeploys it in the console or with another tool
//   scaled          an instance that Auto Scaling launched installs it
// A revision in lower case has no bundle anymore, and G is one from GitHub. `live: unknown` at the end: nobody knows.

const DIGITS: Record<string, string> = { A: 'a', B: 'b', C: 'c', D: 'd', E: 'e' }
const GITHUB: RevisionLocation = { kind: 'foreign', text: 'org/app@abc' }

const revisionOf = (letter: string): RevisionLocation =>
  letter === 'G' ? GITHUB : stored(sha(DIGITS[letter.toUpperCase()] ?? '0'))

const STAYED = { message: NOT_REQUIRED }

/** Plays a history; an instance is named after the deployment that launched it. */
const play = (history: string): Attempt[] => {
  const attempts: Attempt[] = []
  let live: { id: string; instance: string; revision: RevisionLocation } | undefined
  const steps = history.split(', ').filter((step) => !step.startsWith('live:'))
  for (const [at, step] of steps.entries()) {
    const [letter = '', what = ''] = step.split(' ')
    const revision = revisionOf(letter)
    const [id, instance] = [`d-${at + 1}`, `i-${at + 1}`]
    const run = { id: String(100 + at), attempt: '1', actor: 'kim' }
    const location = revision.kind === 's3' ? revision : stored(sha('0'))
    const former = live
    const add = (members: Partial<Deployment>, targets: Target[], places: boolean): void => {
      const createdAt = new Date(START + at * 60_000)
      attempts.push({
        deployment: deployment({ id, revision, createdAt, status: 'Succeeded', ...members }),
        targets
      })
      if (places) live = { id, instance, revision }
    }
    const description = describeDeploy(sha(location.key.slice(16, 17)), '', { location, run })
    const back = describeRollback('x', '', { location, run, undoes: former?.id })
    const moved = [served(instance), ...(former === undefined ? [] : [blocked(former.instance)])]
    const play: Record<string, () => void> = {
      ok: () => add({ description }, moved, true),
      hand: () => add({ description: 'by hand' }, moved, true),
      failed: () =>
        add({ description, status: 'Failed', rollback: STAYED }, [green(instance, 3, 'Failed')], false),
      'moved-failed': () => add({ description, status: 'Failed' }, moved, true),
      half: () =>
        add(
          { description, status: 'Failed' },
          [served(instance), blue(former?.instance ?? '', 1, 'Failed')],
          false
        ),
      runs: () => add({ description, status: 'InProgress' }, [green(instance, 3)], false),
      back: () => add({ description: back }, moved, true),
      'back-failed': () =>
        add({ description: back, status: 'Failed', rollback: STAYED }, [green(instance, 3, 'Failed')], false),
      scaled: () =>
        add(
          { creator: 'autoscaling', style: 'IN_PLACE' },
          [target(`${instance}s`, 'in-place', [], 'Succeeded')],
          false
        ),
      fast: () => {
        const undone = attempts.find((one) => one.deployment.id === former?.id)
        const home = attempts.findLast((one) => sameRevision(one.deployment.revision, revision))
        if (undone === undefined || home === undefined || former === undefined)
          throw new Error(`no way: ${history}`)
        Object.assign(undone.deployment, { status: 'Stopped', rollback: { by: id } })
        const first = home.deployment.id.replace('d-', 'i-')
        const targets = [
          target(first, 'blue', events(['AllowTraffic'])),
          target(former.instance, 'green', events(['BlockTraffic']))
        ]
        add({ creator: 'codeDeployRollback', rollback: { of: former.id } }, targets, false)
        live = { id, instance: first, revision }
      }
    }
    const act = play[what]
    if (act === undefined) throw new Error(`no such step: ${step}`)
    act()
  }
  return attempts.reverse()
}

const rowsIn = async (history: string): Promise<HistoryRow[]> => {
  const attempts = play(history)
  const course = followInstances([...attempts].reverse())
  const unknown: Live = { kind: 'unknown', reason: 'no proof', evidence: { from: 'load-balancer' } }
  const live = history.endsWith('live: unknown') ? unknown : liveByDeployments(course.end)
  const gone = [...history.matchAll(/\b([a-e]) /g)].map(([, letter = '']) => revisionOf(letter))
  return rowsOf(attempts, { attempts, course, live }, (location) =>
    Promise.resolve(gone.every((one) => !sameRevision(one, location)))
  )
}

const letterOf = (row: HistoryRow | undefined): string =>
  row === undefined
    ? 'none'
    : row.commit === undefined
      ? row.revisionText
      : row.commit.slice(0, 1).toUpperCase()

/** What `previous` means each time, when each is rolled back to by a redeploy. */
const wayBack = async (history: string, times: number): Promise<string> => {
  const found: string[] = []
  let now = history
  for (let time = 0; time < times; time++) {
    const letter = letterOf(previousOf(await rowsIn(now)).row)
    found.push(letter)
    now += `, ${letter} back`
    if (letter === 'none') break
  }
  return found.join(' ')
}

describe('previous', () => {
  test.each<[history: string, way: string]>([
    // Plain.
    ['A ok', 'none'],
    ['A ok, B ok', 'A none'],
    ['A ok, B ok, C ok, D ok', 'C B A none'],
    // Failures before traffic never served; after it, they did.
    ['A ok, B failed', 'none'],
    ['A ok, B failed, C ok', 'A none'],
    ['A ok, B moved-failed', 'A none'],
    ['A ok, B moved-failed, C ok', 'B A none'],
    ['A ok, B ok, C failed, D failed', 'A none'],
    ['A ok, B ok, C runs', 'A none'],
    // Both fleets serve: the newer one is the one to leave.
    ['A ok, B half', 'A none'],
    ['A ok, B ok, C half', 'B A none'],
    // Redeploying rollbacks.
    ['A ok, B ok, A back', 'none'],
    ['A ok, B ok, C ok, B back', 'A none'],
    ['A ok, B ok, C ok, B back, D ok', 'B A none'],
    ['A ok, B ok, C ok, B back-failed', 'B A none'],
    // To an older one by its commit: `previous` never goes forward again.
    ['A ok, B ok, C ok, D ok, B back', 'A none'],
    ['A ok, B ok, C ok, A back', 'none'],
    ['A ok, B ok, C ok, A back, D ok', 'A none'],
    // The service's own rollback.
    ['A ok, B ok, A fast', 'none'],
    ['A ok, B ok, C ok, B fast', 'A none'],
    ['A ok, B ok, C ok, B fast, A back', 'none'],
    ['A ok, B ok, C ok, B fast, D ok', 'B A none'],
    ['A ok, B ok, C moved-failed, B fast', 'A none'],
    // Made in the console, without any mark.
    ['A hand, B hand, C hand', 'B A none'],
    ['A ok, B ok, C ok, B hand', 'A none'],
    ['A ok, B ok, C ok, B hand, D ok', 'B A none'],
    ['A ok, B ok, A back, B hand', 'A none'],
    // The same revision twice.
    ['A ok, B ok, B ok', 'A none'],
    ['A ok, A ok, B ok, B ok', 'A none'],
    ['A ok, B ok, A ok', 'B none'],
    ['A ok, B ok, C ok, B ok', 'C A none'],
    // Deploying what is live already changes nothing.
    ['A ok, B ok, C ok, D ok, B back, B ok', 'A none'],
    ['A ok, B ok, C ok, D ok, B back, B hand', 'A none'],
    // An undone one, redeployed on purpose.
    ['A ok, B ok, A back, B ok', 'A none'],
    ['A ok, B ok, A back, B ok, C ok', 'B A none'],
    ['A ok, B ok, A back, B failed, C ok', 'A none'],
    ['A ok, B ok, A back, B ok, A back', 'none'],
    ['A ok, B ok, A fast, B ok, C ok', 'B A none'],
    ['A ok, B ok, C ok, B back, C back', 'A none'],
    // Instances that Auto Scaling launches change nothing.
    ['A ok, B ok, B scaled', 'A none'],
    ['A ok, A scaled, B ok, C ok, A scaled', 'B A none'],
    // Nobody knows what is live: what served last is the one to leave.
    ['A ok, B ok, live: unknown', 'A none'],
    ['A ok, B ok, C failed, live: unknown', 'A none'],
    ['live: unknown', 'none'],
    // Bundles that are gone, and revisions that are not in S3.
    ['A ok, b ok, C ok', 'A none'],
    ['a ok, B ok', 'none'],
    ['A ok, G ok, C ok', 'A none'],
    ['A ok, G ok', 'A none'],
    ['G ok, B ok', 'none']
  ])('%s → %s', async (history, way) => {
    expect(await wayBack(history, way.split(' ').length)).toBe(way)
  })

  test('says what it skipped, and why it counts from something that is not live', async () => {
    const skipping = previousOf(await rowsIn('A ok, b ok, G ok, C ok'))
    expect(skipping.skipped.map(letterOf)).toEqual(['org/app@abc', 'B'])
    expect(letterOf(skipping.row)).toBe('A')
    const unknown = previousOf(await rowsIn('A ok, B ok, live: unknown'))
    expect(unknown.from).toMatchObject({ commit: sha('b'), live: false })
  })

  test.each<[history: string, isOpen: boolean]>([
    ['A ok, B ok', false],
    ['B ok', true],
    ['A ok, B ok, A back', true],
    ['B ok, C ok, B fast', true],
    ['B ok, A back', true],
    ['A ok, B ok, C ok, B back', false]
  ])('whether older deployments may change the answer for %s: %s', async (history, isOpen) => {
    expect(previousOf(await rowsIn(history)).isOpen).toBe(isOpen)
  })
})

describe('what was undone', () => {
  test.each<[history: string, undone: string]>([
    ['A ok, B ok', ''],
    ['A ok, B ok, A back', 'B'],
    ['A ok, B ok, A fast', 'B'],
    ['A ok, B ok, A hand', 'B'],
    ['A ok, B ok, A ok', ''],
    ['A ok, B ok, A back-failed', ''],
    ['A ok, B failed, A back', ''],
    ['A ok, B ok, C ok, A back', 'C'],
    ['A ok, B ok, A back, B ok', ''],
    ['A ok, B ok, A back, B hand', ''],
    ['A ok, B ok, A back, B failed', 'B'],
    ['A ok, B ok, A back, B back', 'A'],
    ['A ok, B ok, A fast, B scaled', 'B']
  ])('%s → %s', async (history, undone) => {
    const rows = await rowsIn(history)
    const letters = ['A', 'B', 'C'].filter(
      (letter) => undoneDeployment(revisionOf(letter), rows) !== undefined
    )
    expect(letters.join(' ')).toBe(undone)
  })
})
