import { describe, expect, test } from '@jest/globals'
import type { Live } from '../../src/domain/live.js'
import { liveLine, liveNote, otherCommand, otherParts, otherSentence } from '../../src/report/live.js'
import { rollbackClosing, type Doubt } from '../../src/report/rollback.js'
import { deployment, group, sha, stored } from '../fakes/nouns.js'

const a = deployment({ id: 'd-A', status: 'Succeeded' })
const b = deployment({ id: 'd-B', status: 'Stopped', revision: stored(sha('b')), group: 'web' })
const seen = { from: 'load-balancer' as const }
const derived = { from: 'deployments' as const, note: 'the load balancer did not answer' }

const mixed: Live = {
  kind: 'mixed',
  parts: [
    { deployment: a, instances: ['i-1'] },
    { deployment: b, instances: ['i-2', 'i-3'] },
    { instances: ['i-4'] }
  ],
  evidence: seen
}
const unknown: Live = { kind: 'unknown', reason: 'nobody knows', evidence: derived }

test.each<[string, Live, string]>([
  [
    'a commit',
    { kind: 'commit', deployment: a, instances: ['i-1'], evidence: seen },
    'Live now: aaaaaaaa (d-A) on 1 instance, according to the load balancer'
  ],
  [
    'a commit, according to the deployments',
    { kind: 'commit', deployment: a, instances: ['i-1', 'i-2'], evidence: derived },
    'Live now: aaaaaaaa (d-A) on 2 instances, according to the deployments'
  ],
  [
    'several',
    mixed,
    'Live now: aaaaaaaa (d-A) on i-1; bbbbbbbb (d-B) on i-2, i-3; an unknown revision on i-4, according to the load balancer'
  ],
  ['nothing proven', unknown, 'Live now: unknown, because nobody knows, according to the deployments'],
  [
    'before the first deployment',
    { ...unknown, neverDeployed: true },
    'Nothing has been deployed to this group yet.'
  ]
])('what is live in one line: %s', (_, live, expected) => {
  expect(liveLine(live)).toBe(expected)
})

test('why the load balancer was not asked is a sentence of its own', () => {
  expect(liveNote(unknown)).toBe('The load balancer did not answer.')
  expect(liveNote(mixed)).toBeUndefined()
})

test('names ten instances of a large fleet', () => {
  const instances = Array.from({ length: 25 }, (_, at) => `i-${at}`)
  const live: Live = {
    ...mixed,
    parts: [
      { deployment: a, instances },
      { deployment: b, instances: ['i-x'] }
    ]
  }
  expect(liveLine(live)).toContain('i-9 and 15 more;')
})

describe('what serves beside the target', () => {
  test('comes with the command that deletes it if its fleet is a leftover', () => {
    const [left, foreign] = otherParts(mixed, stored(sha('a')))
    if (left === undefined || foreign === undefined) throw new Error('two parts are expected')
    expect(otherSentence(left, group())).toMatch(/^i-2, i-3 serve bbbbbbbb \(d-B\)\. d-B ended as Stopped/)
    expect(otherCommand(left, group(), 'eu-west-1')).toContain("'CodeDeploy_web_d-B' --force-delete")
    expect(otherSentence(foreign, group())).toContain('Check the target group')
    expect(otherCommand(foreign, group(), 'eu-west-1')).toBeUndefined()
  })

  test('comes with no command while the deployment group refers to it, or when its deployment succeeded', () => {
    const own = group({ autoScalingGroups: ['CodeDeploy_web_d-B'] })
    expect(otherCommand({ deployment: b, instances: ['i-2'] }, own, 'eu-west-1')).toBeUndefined()
    expect(otherCommand({ deployment: a, instances: ['i-1'] }, group(), 'eu-west-1')).toBeUndefined()
  })
})

describe('a rollback without proof', () => {
  const closing = (doubt: Partial<Doubt>) =>
    rollbackClosing({
      way: 'redeploy',
      commit: sha('a'),
      application: 'shop',
      group: 'web',
      tookMs: 1000,
      doubt: {
        live: mixed,
        others: otherParts(mixed, stored(sha('a'))),
        group: group(),
        region: 'eu-west-1',
        ...doubt
      }
    })

  test('other instances answer as well', () => {
    const end = closing({})
    expect(end.fails).toBe(true)
    expect(end.headline).toBe(
      'aaaaaaaa is live on shop/web, but not alone: 3 instances of d-B, unknown origin answer as well'
    )
    expect(end.commands).toHaveLength(1)
  })

  test('another revision answers instead, according to the deployments', () => {
    const live: Live = { kind: 'commit', deployment: b, instances: ['i-2'], evidence: derived }
    expect(closing({ live, others: otherParts(live, stored(sha('a'))) })).toMatchObject({
      fails: true,
      headline: 'aaaaaaaa is not live on shop/web: 1 instance of d-B may answer instead'
    })
  })

  test('nothing is known: says why, and how to check by hand', () => {
    const end = closing({ live: unknown, others: [] })
    expect(end).toMatchObject({
      fails: true,
      headline: 'No proof that aaaaaaaa is live on shop/web: nobody knows'
    })
    expect(end.sentences.join()).toContain('elasticloadbalancing:DescribeTargetHealth')
    expect(end.commands).toEqual(["aws elbv2 describe-target-groups --names 'web-tg' --region eu-west-1"])
  })
})
