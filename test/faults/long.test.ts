import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, test } from '@jest/globals'
import { watch } from '../../src/steps/watch.js'
import type { StartOptions } from '../cloud/start.js'
import { START, virtualClock } from '../fakes/clock.js'
import { blocked, deployment, ID, served } from '../fakes/nouns.js'
import { overTime } from '../fakes/scripted.js'
import { watching } from '../fakes/watching.js'
import { type Deployed, openPlace, type Place } from './place.js'
import { settle } from './world.js'

const HOUR_MS = 3_600_000
const MIB = 1024 * 1024

let place: Place | undefined
afterEach(() => place?.close())

/** A deployment of nine hours: one of events, eight of waiting for the old fleet's termination. */
const NINE_HOURS: StartOptions = { terminationWait: 480, script: { eventSeconds: 300 } }
/** Credentials for a quarter of an hour, and a run that watches to the very end. */
const WATCHED = { 'wait-for': 'complete', 'role-duration-seconds': '900' }

const called = (operation: string): number =>
  place?.cloud.requests.filter((request) => request.operation === operation).length ?? 0

const activeIds = (): string[] =>
  place?.cloud.planes.inspect
    .deployments()
    .filter(({ status }) => status === 'InProgress')
    .map(({ id }) => id) ?? []

const deployed = async (
  plan: Parameters<Place['deploy']>[0],
  faults: readonly string[] = []
): Promise<Deployed> => {
  place = await openPlace(NINE_HOURS)
  place.cloud.requests.length = 0
  for (const fault of faults) place.cloud.faults.add(fault)
  const told = await place.deploy(plan)
  await settle()
  return told
}

describe('a deployment of nine hours', () => {
  test('is watched to its end, with credentials renewed before they expire, each time with a new token', async () => {
    const told = await deployed({ inputs: WATCHED })
    expect([told.code, told.outputs['status'], told.words]).toEqual([0, 'succeeded', ''])
    expect(told.tookMs).toBeGreaterThan(8.9 * HOUR_MS)
    const tokens = told.masked.filter((secret) => secret.split('.').length === 3 && secret.startsWith('ey'))
    expect(new Set(tokens).size).toBe(tokens.length)
    expect(tokens.length).toBeGreaterThanOrEqual(told.tookMs / 900_000)
    expect(called('AssumeRoleWithWebIdentity')).toBe(tokens.length)
    expect(told.log).not.toContain('Retrying')
  })

  test('is watched without new tokens until the credentials expire; then the log says how to follow it', async () => {
    const told = await deployed({ inputs: WATCHED }, ['GetIDToken:access-denied:forever:3'])
    const [id = ''] = activeIds()
    expect(told.code).toBe(1)
    expect(told.words).toContain(id)
    expect(told.words).toContain('The deployment itself keeps running. Run this job again')
    expect(told.words).toContain('OIDC token')
    expect(told.log.match(/credentials could not be renewed/g)).toHaveLength(1)
    // Three sets for a quarter of an hour: two are renewed after two thirds of it, the last one is used to its end.
    expect(told.tookMs).toBeGreaterThan(34 * 60_000)
    expect(told.tookMs).toBeLessThan(40 * 60_000)
    expect(called('StopDeployment')).toBe(0)
  })

  test("is left running before GitHub's machines end the job: exit code 4, with the command that shows it", async () => {
    const told = await deployed({ inputs: WATCHED, env: { RUNNER_ENVIRONMENT: 'github-hosted' } })
    const [id = ''] = activeIds()
    expect([told.code, told.outputs['status'], told.outputs['deployment-id']]).toEqual([4, 'timed-out', id])
    expect(told.tookMs).toBeGreaterThan(5.7 * HOUR_MS)
    expect(told.tookMs).toBeLessThan(6 * HOUR_MS)
    expect(told.log).toContain(`run this job again: it finds ${id}`)
    expect(told.log).toContain(`aws deploy get-deployment --deployment-id ${id} --region ap-northeast-2`)
    expect(called('StopDeployment')).toBe(0)
    const again = await place?.deploy({ inputs: { ...WATCHED, source: told.source, commit: told.commit } })
    expect([again?.code, again?.outputs['deployment-id']]).toEqual([0, id])
  })
})

test('nine hours of polling a thousand instances grow the heap by less than 30 MB', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const clock = virtualClock()
  const targets = [
    ...Array.from({ length: 500 }, (_, at) => served(`i-green${at}`)),
    ...Array.from({ length: 500 }, (_, at) => blocked(`i-blue${at}`))
  ]
  const service = overTime(clock, {
    [ID]: [
      [0, { deployment: deployment(), targets }],
      [9 * HOUR_MS, { deployment: deployment({ status: 'Succeeded' }), targets }]
    ]
  })
  const heap: number[] = []
  clock.at(START + HOUR_MS, () => {
    collect()
    heap.push(process.memoryUsage().heapUsed)
  })
  const end = await watch(ID, service, watching({ clock }))
  collect()
  expect(end.end).toBe('over')
  expect(process.memoryUsage().heapUsed - (heap[0] ?? 0)).toBeLessThan(30 * MIB)
})
