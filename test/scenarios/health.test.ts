import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { openScriptedStage, openStage, readable, type Stage } from './stage.js'

// Why AllowTraffic waits: Elastic Load Balancing knows it long before CodeDeploy gives up.

let stage: Stage
afterEach(() => stage.close())

const allowHealth = (): void => {
  stage.cloud.role.policy = rolePolicy(PLACE, 'optional-target-health.json')
}

const questions = (): number =>
  stage.cloud.requests.filter(({ operation }) => operation === 'DescribeTargetHealth').length

/** A service whose health check fails for as long as this address answers with an error. */
const askingFor = (address: string): string => `import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
const version = readFileSync(new URL('VERSION', import.meta.url), 'utf8').trim()
createServer(async (request, response) => {
  const isChecked = /^ELB-HealthChecker/.test(request.headers['user-agent'] ?? '')
  response.writeHead(!isChecked || (await fetch(${JSON.stringify(address)})).ok ? 200 : 503)
  response.end(JSON.stringify({ version }))
}).listen(Number(process.env.PORT), process.env.HOST)
`

test('a service that answers its health check with an error is told while it is awaited', async () => {
  // So slow that the load balancer is asked several times before its hour is over.
  stage = await openStage({ timeScale: 60 })
  allowHealth()
  expect((await stage.deploy('v1')).code).toBe(0)
  const before = questions()
  let isRepaired = false
  const database = createServer((_, answer) => answer.writeHead(isRepaired ? 200 : 500).end())
  database.listen(0, '127.0.0.1').unref()
  await once(database, 'listening')
  const address = `http://127.0.0.1:${(database.address() as AddressInfo).port}`
  const run = await stage.deploy('v2', {
    changes: { 'scripts/validate.sh': '#!/bin/sh\nexit 0\n', 'server.mjs': askingFor(address) },
    // A busy machine may be told of first because the service has not started yet.
    onLog: (text) => {
      if (text.includes('failed with these codes')) isRepaired = true
    }
  })
  const log = readable(run)
  expect(run.code === 0 ? '' : log).toBe('')
  expect(log).toMatch(
    /^AllowTraffic has waited since \d\d:\d\d for i-\w+(, i-\w+)?: the load balancer says unhealthy \(Target\.ResponseCodeMismatch, Health checks failed with these codes: \[503\]\)\. The check: HTTP \S+ on the traffic port every \d+ s, which wants \S+; \d+ in a row make it healthy\.$/m
  )
  expect(log).toContain('\nIt answers, but with another code than the check wants')
  expect(log.match(/failed with these codes/g)).toHaveLength(1)
  expect(questions() - before).toBeGreaterThan(0)
  expect(await stage.serving()).toBe('v2')
  database.close()
})

test('of a fleet that is fine, nothing is said', async () => {
  stage = await openScriptedStage()
  allowHealth()
  const run = await stage.deploy('v1')
  expect(run.code).toBe(0)
  expect(readable(run)).not.toContain('the load balancer says')
})

test('without the right, nothing but one note changes', async () => {
  const asked = (): number =>
    stage.cloud.requests.filter(({ operation }) => operation === 'DescribeTargetGroups').length
  let most = Number.POSITIVE_INFINITY
  stage = await openScriptedStage({
    // Well again once it was asked about.
    balancing: {
      health: () => (asked() < most ? { state: 'unhealthy', reason: 'Target.Timeout' } : { state: 'healthy' })
    }
  })
  most = 0
  expect((await stage.deploy('v1')).code).toBe(0)
  // The run asks what is live, and then why it waits.
  most = asked() + 2
  const run = await stage.deploy('v2')
  const log = readable(run)
  expect(run.code === 0 ? '' : log).toBe('')
  expect(asked()).toBeGreaterThanOrEqual(most)
  expect(log).not.toContain('the load balancer says')
  expect(log.match(/To ask the load balancer, allow the role/g)).toHaveLength(1)
  expect(log).not.toMatch(/DescribeTarget\w+ failed/)
})
