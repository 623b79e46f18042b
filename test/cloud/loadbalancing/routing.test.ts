import { request } from 'node:http'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { startApplication, type Application } from '../balancer/fixture.js'
import { createLoadBalancing } from '../balancer/load-balancing.js'
import { createIds } from '../autoscaling/ids.js'
import { scaledClock } from '../clock.js'
import { QUOTAS } from '../quotas.js'
import { createBalancers, type Balancers } from './balancers.js'
import { VPC, type Condition, type Listener, type Share } from './model.js'
import { createTargetGroups, type TargetGroups } from './target-groups.js'

const CHECK = {
  ...{ path: '/', intervalSeconds: 1, timeoutSeconds: 2, healthyThreshold: 2, unhealthyThreshold: 2 },
  matcher: '200'
}

let balancers: Balancers
let targetGroups: TargetGroups
let listener: Listener
let applications: Application[]

/** A target group with one application, which answers with the group's name. */
const group = async (name: string): Promise<string> => {
  const application = await startApplication(name, (_request, response) => response.end(name))
  applications.push(application)
  const made = targetGroups.create(name, { check: CHECK })
  targetGroups.register(made, application.machine)
  return made.arn
}

const rule = (priority: number, conditions: readonly Condition[], groups: readonly Share[]): void => {
  balancers.addRule(listener, { priority, conditions, action: { type: 'forward', groups }, tags: new Map() })
}

/** What a visitor of this host gets: status and body. */
const visit = (path: string, options: { method?: string; headers?: Record<string, string> } = {}) =>
  new Promise<string>((resolve, reject) => {
    const call = request(`${listener.plane.url}${path}`, { ...options, agent: false }, (answer) => {
      let body = ''
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
      answer.on('end', () => resolve(`${answer.statusCode ?? 0} ${answer.headers.location ?? body}`))
    })
    call.on('error', reject)
    call.end()
  })
const host = (name: string) => ({ headers: { host: name } })
const on = (field: Condition['field'], ...values: string[]): Condition => ({ field, values })

beforeEach(async () => {
  applications = []
  const world = {
    ...{ clock: scaledClock(100), ids: createIds(1), region: 'ap-northeast-2', accountId: '123456789012' },
    ...{ loadBalancing: createLoadBalancing({ clock: scaledClock(100) }), quotas: { ...QUOTAS } }
  }
  targetGroups = createTargetGroups(world, (arn) => balancers.using(arn).length > 0)
  balancers = createBalancers(world, targetGroups)
  const balancer = balancers.create({
    ...{ name: 'shared', scheme: 'internet-facing', vpcId: VPC, subnets: [], securityGroups: [] },
    tags: new Map()
  })
  listener = await balancers.listen({
    ...{ balancer, protocol: 'HTTP', asked: 80, tags: new Map() },
    action: { type: 'fixed-response', status: '404', contentType: 'text/plain', body: 'nobody' }
  })
})

afterEach(async () => {
  await targetGroups.close()
  await balancers.close()
  await Promise.all(applications.map((application) => application.close()))
})

test('several target groups share a listener, each under its own host', async () => {
  const [seven, eight] = [await group('seven'), await group('eight')]
  rule(7, [on('host-header', 'PR-7.preview.example.com')], [{ arn: seven, weight: 1 }])
  rule(8, [on('host-header', 'pr-?.preview.*')], [{ arn: eight, weight: 1 }])
  expect(await visit('/', host('pr-7.preview.example.com:80'))).toBe('200 seven')
  expect(await visit('/', host('pr-9.preview.example.com'))).toBe('200 eight')
  expect(await visit('/', host('pr-10.preview.example.com'))).toBe('404 nobody')
  expect(await visit('/')).toBe('404 nobody')
})

test('the rule with the lowest priority decides, whenever it was made', async () => {
  const [first, second] = [await group('first'), await group('second')]
  rule(20, [on('host-header', 'pr-7.example.com')], [{ arn: second, weight: 1 }])
  expect(await visit('/api/x', host('pr-7.example.com'))).toBe('200 second')
  rule(10, [on('path-pattern', '/api/*')], [{ arn: first, weight: 1 }])
  expect(await visit('/api/x', host('pr-7.example.com'))).toBe('200 first')
  expect(await visit('/API/x', host('pr-7.example.com'))).toBe('200 second')
})

test('all conditions of a rule must be met, by one of their values each', async () => {
  const arn = await group('met')
  rule(
    1,
    [
      { field: 'http-header', header: 'X-Preview', values: ['seven', 'eight*'] },
      { field: 'query-string', values: [], pairs: [{ key: 'v', value: '?' }] },
      on('http-request-method', 'GET', 'HEAD'),
      on('source-ip', '10.0.0.0/8', '127.0.0.0/8')
    ],
    [{ arn, weight: 1 }]
  )
  const headers = { 'x-preview': 'EIGHTY' }
  expect(await visit('/?v=1&w=22', { headers })).toBe('200 met')
  expect(await visit('/?v=11', { headers })).toBe('404 nobody')
  expect(await visit('/?v=1')).toBe('404 nobody')
  expect(await visit('/?v=1', { headers, method: 'POST' })).toBe('404 nobody')
})

test('weights share the requests out', async () => {
  const [blue, green] = [await group('blue'), await group('green')]
  rule(
    1,
    [on('path-pattern', '*')],
    [
      { arn: blue, weight: 3 },
      { arn: green, weight: 1 }
    ]
  )
  const answers: string[] = []
  for (let count = 0; count < 8; count += 1) answers.push(await visit('/'))
  expect(answers.filter((answer) => answer === '200 blue')).toHaveLength(6)
  expect(answers.filter((answer) => answer === '200 green')).toHaveLength(2)
})

test('a group without targets, and one without weight, answer 503', async () => {
  const empty = targetGroups.create('empty', { check: CHECK }).arn
  const idle = await group('idle')
  rule(1, [on('path-pattern', '/empty')], [{ arn: empty, weight: 1 }])
  rule(2, [on('path-pattern', '/idle')], [{ arn: idle, weight: 0 }])
  expect(await visit('/empty')).toMatch(/^503 /)
  expect(await visit('/idle')).toMatch(/^503 /)
})

test('a redirect fills in what came with the request', async () => {
  balancers.addRule(listener, {
    ...{ priority: 1, conditions: [on('path-pattern', '/old/*')], tags: new Map() },
    action: {
      ...{ type: 'redirect', status: 'HTTP_301', protocol: 'HTTPS', host: '#{host}', port: '443' },
      ...{ path: '/new/#{path}', query: '#{query}' }
    }
  })
  expect(await visit('/old/a?b=c', host('example.com'))).toBe('301 https://example.com:443/new/old/a?b=c')
})

test('the targets of a group that no action names are unused', async () => {
  const arn = await group('alone')
  const made = targetGroups.byArn(arn)
  expect(targetGroups.health(made)).toMatchObject([{ state: 'unused', reason: 'Target.NotInUse' }])
  rule(1, [on('path-pattern', '*')], [{ arn, weight: 1 }])
  expect(targetGroups.health(made)[0]?.state).not.toBe('unused')
})
