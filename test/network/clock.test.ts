import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openYard, type Yard } from '../faults/job.js'

const SHIFT = pathToFileURL(join(import.meta.dirname, 'shifted-clock.mjs')).href
const HOUR_MS = 3_600_000

let yard: Yard
beforeAll(async () => {
  yard = await openYard({ timeScale: 200, terminationWait: 5 })
})
afterAll(() => yard.close())

test.each([
  ['an hour ahead', HOUR_MS],
  ['an hour behind', -HOUR_MS],
  ['right', 0]
])('on a machine whose clock is %s, one token lasts for the whole deployment', async (name, off) => {
  yard.cloud.requests.length = 0
  const job = await yard.start(`clock ${name}`, {
    env: { NODE_OPTIONS: `--import=${SHIFT}`, CLOCK_IS_OFF_BY: String(off) },
    inputs: { 'wait-for': 'complete' }
  })
  const { code, log } = await job.ended
  expect(code === 0 ? '' : log).toBe('')
  const called = (operation: string): number =>
    yard.cloud.requests.filter((request) => request.operation === operation).length
  expect([called('GetIDToken'), called('AssumeRoleWithWebIdentity')]).toEqual([1, 1])
  expect(called('GetDeployment')).toBeGreaterThan(3)
  await yard.clear()
})
