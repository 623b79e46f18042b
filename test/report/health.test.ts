import { expect, test } from '@jest/globals'
import type { Health, Sick } from '../../src/domain/health.js'
import { reasonLines } from '../../src/report/reasons.js'
import { at } from '../fakes/clock.js'
import { timesAt } from '../fakes/times.js'

const times = timesAt(at(300))
const sickLines = (sick: Sick): string[] => reasonLines({ kind: 'sick', sick }, times)
const check = {
  ...{ protocol: 'HTTP', port: 'traffic-port', path: '/health', codes: '200' },
  ...{ intervalSeconds: 10, healthyCount: 5 }
}
const lines = (health: Partial<Health>, ids = ['i-1'], since: Date | undefined = at(180)): string[] =>
  sickLines({ ids, health: { id: 'i-1', state: 'unhealthy', ...health }, since })

test('says who waits since when, in whose words, what is checked, and what that means', () => {
  const words = {
    reason: 'Target.ResponseCodeMismatch',
    description: 'Health checks failed with these codes: [503]'
  }
  expect(lines({ ...words, check })).toEqual([
    'AllowTraffic has waited since 12:03 for i-1: the load balancer says unhealthy (Target.ResponseCodeMismatch, Health checks failed with these codes: [503]). The check: HTTP /health on the traffic port every 10 s, which wants 200; 5 in a row make it healthy.',
    'It answers, but with another code than the check wants: see what the application returns on that path, or correct the codes of the target group.'
  ])
})

test('names three of many instances, and a check that only connects', () => {
  const tcp = { ...check, protocol: 'TCP', port: '8080', path: '', codes: '' }
  expect(lines({ reason: 'Target.Timeout', check: tcp }, ['i-1', 'i-2', 'i-3', 'i-4', 'i-5'])[0]).toBe(
    'AllowTraffic has waited since 12:03 for i-1, i-2, i-3 and 2 more instances: the load balancer says unhealthy (Target.Timeout). The check: TCP on port 8080 every 10 s; 5 in a row make it healthy.'
  )
})

test('a reason that nobody knows is only repeated, and nothing of it is a command', () => {
  expect(lines({ state: 'unused', reason: 'Target.New', description: 'a\n::error::b \u001b[31m' })).toEqual([
    'AllowTraffic has waited since 12:03 for i-1: the load balancer says unused (Target.New, a↵::error::b ).'
  ])
  const health = { id: 'i-1', state: 'unhealthy.draining' }
  expect(sickLines({ ids: ['i-1'], health, since: undefined })).toEqual([
    'AllowTraffic has waited for i-1: the load balancer says unhealthy.draining.'
  ])
})
