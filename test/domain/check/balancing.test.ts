import { describe, expect, test } from '@jest/globals'
import {
  drainFindings,
  routeFindings,
  severalFindings,
  targetGroupFindings
} from '../../../src/domain/check/balancing.js'
import type { CheckedListener, CheckedTargetGroup, Forward } from '../../../src/domain/check/facts.js'

const arn = (name: string): string =>
  `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${name}/0123`
const GROUP: CheckedTargetGroup = {
  ...{ name: 'web', arn: arn('web'), balancers: ['lb'], targetType: 'instance', checksHealth: true },
  ...{ path: '/health', port: '8080', intervalSeconds: 10, healthyCount: 3 }
}
const to = (...weights: [name: string, weight: number][]): Forward[] =>
  weights.map(([name, weight]) => ({ arn: arn(name), weight }))
const listener = (forwards: Forward[], rules: Forward[][] = []) => ({
  ...({ arn: 'listener', port: 443, forwards } satisfies CheckedListener),
  rules: rules.map((given, at) => ({ arn: `rule-${at + 1}`, priority: String(at + 1), forwards: given }))
})
const routes = (...listeners: ReturnType<typeof listener>[]) =>
  routeFindings(GROUP, [arn('web'), arn('api')], listeners)

describe('a target group', () => {
  test('says what it checks, and how long that takes at least', () => {
    expect(targetGroupFindings('web', GROUP)).toMatchObject([
      { verdict: 'ok', found: 'web checks /health on port 8080; an instance is healthy after 30 s' }
    ])
  })

  test('among several is one in which each instance must be healthy', () => {
    expect(severalFindings(['web'])).toEqual([])
    expect(severalFindings(['web', 'api'])).toMatchObject([
      {
        verdict: 'ok',
        found: 'each instance is put in each of web, api, and must become healthy in all of them'
      }
    ])
  })

  test('whose delay is an hour does not let BlockTraffic end in time', () => {
    expect(drainFindings('web', 3600)[0]?.why).toContain('ends an event after an hour')
    expect(drainFindings('web', 3599)[0]?.why).not.toContain('an hour')
  })
})

describe('the traffic of a target group', () => {
  test.each([
    ['all of a listener', [listener(to(['web', 1]))], 'port 443'],
    ['that of a rule', [listener([], [to(['web', 1])])], 'the rule 1 of port 443'],
    ['shared inside the deployment group', [listener(to(['web', 1], ['api', 1]))], 'port 443'],
    ['beside one with the weight 0', [listener(to(['web', 1], ['old', 0]))], 'port 443'],
    ['beside a rule for others', [listener(to(['web', 1]), [to(['old', 1])])], 'port 443']
  ])('is fine when it is %s', (_, listeners, where) => {
    expect(routes(...listeners)).toEqual([
      { area: 'Listeners', verdict: 'ok', found: `web gets the traffic of ${where}` }
    ])
  })

  test.each([
    [
      'nobody forwards it',
      [listener(to(['old', 1]))],
      'problem',
      'no listener forwards to web',
      'modify-listener'
    ],
    [
      'its weight is 0',
      [listener(to(['web', 0], ['api', 1]))],
      'warning',
      'web has the weight 0 in port 443',
      'modify-listener --listener-arn listener'
    ],
    [
      'another gets a part',
      [listener(to(['web', 70], ['old', 30]))],
      'warning',
      'web shares the traffic of port 443 with old (30 of 100)',
      'update-deployment-group'
    ],
    [
      'another gets a part in a rule',
      [listener(to(['web', 1]), [to(['web', 1], ['old', 1])])],
      'warning',
      'web shares the traffic of the rule 1 of port 443 with old (1 of 2)',
      'modify-rule --rule-arn rule-1'
    ]
  ])('is a defect when %s, with a reason and a cure', (_, listeners, verdict, found, remedy) => {
    expect(routes(...listeners)).toMatchObject([
      { area: 'Listeners', verdict, found, why: expect.any(String), remedy: expect.stringContaining(remedy) }
    ])
  })
})
