import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openYard, type Yard } from './job.js'

let yard: Yard
beforeAll(async () => {
  yard = await openYard({ timeScale: 150, terminationWait: 1 })
})
afterAll(() => yard.close())

const RUN = '7000'
const LOOKS = new Set(['GetDeployment', 'ListDeploymentTargets', 'BatchGetDeploymentTargets'])

/** Each call of a run without faults, with the number of calls of the same operation before it; of polls only the first. */
const steps = async (): Promise<[operation: string, before: number][]> => {
  // What a run reads depends on earlier deployments, so the second run is recorded.
  for (const version of ['first', 'recorded']) {
    yard.cloud.requests.length = 0
    await (
      await yard.start(version)
    ).ended
    await yard.clear()
  }
  const seen = new Map<string, number>()
  return yard.cloud.requests.flatMap(({ operation }): [string, number][] => {
    const before = seen.get(operation) ?? 0
    seen.set(operation, before + 1)
    return LOOKS.has(operation) && before > 2 ? [] : [[operation, before]]
  })
}

/** Kills the job during this call: before the service carries it out (`hang`) or after (`slow-drip`). */
const killedAt = async (version: string, fault: string): Promise<void> => {
  yard.cloud.requests.length = 0
  yard.cloud.faults.add(fault)
  const job = await yard.start(version, { env: { GITHUB_RUN_ID: RUN, GITHUB_RUN_ATTEMPT: '1' } })
  await job.until(() => yard.cloud.requests.some((request) => request.fault !== undefined))
  job.signal('SIGKILL')
  await job.ended
  yard.cloud.faults.clear()
}

const expectOne = async (version: string, fault: string): Promise<void> => {
  const before = new Set(yard.deployments().map(({ id }) => id))
  await killedAt(version, fault)
  const again = await yard.start(version, { env: { GITHUB_RUN_ID: RUN, GITHUB_RUN_ATTEMPT: '2' } })
  const end = await again.ended
  const made = yard.deployments().filter(({ id, creator }) => !before.has(id) && creator === 'user')
  expect([fault, end.code, end.outputs['status']]).toEqual([fault, 0, 'succeeded'])
  expect([fault, made.length]).toEqual([fault, 1])
  expect(end.outputs['deployment-id']).toBe(made[0]?.id)
  await yard.clear()
}

test('after the runner dies at any call, a rerun of the job ends with exactly one deployment and its outcome', async () => {
  const called = await steps()
  expect(called.length).toBeGreaterThan(15)
  for (const [operation, before] of called)
    await expectOne(`${operation} ${before}`, `${operation}:hang:1:${before}`)
  // Writes that the service carried out, but whose answer was lost.
  for (const operation of ['PutObject', 'CreateDeployment'])
    await expectOne(
      `${operation} done`,
      `${operation}:${operation === 'PutObject' ? 'reset-after' : 'slow-drip'}`
    )
})
