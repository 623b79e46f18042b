import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureOf, findAct, placeIn, runWorkflow, type Place, type Result } from './act/act.js'
import { callerRepository, type Caller } from './act/caller.js'
import { hasCloud, startCloud, type Cloud } from './act/cloud.js'
import { isBuilt, ownRepository } from './act/own.js'
import { ROOT } from './files.js'

const act = findAct()
const missing = [
  act === undefined ? 'act (go install github.com/nektos/act@v0.2.87)' : '',
  isBuilt() ? '' : 'dist (npm run build)',
  hasCloud() ? '' : 'the local cloud'
].filter((thing) => thing !== '')
const story = missing.length > 0 ? describe.skip : describe
const where = missing.length > 0 ? ` (skipped: no ${missing.join(', no ')})` : ''
if (missing.length > 0) console.warn(`The workflows are not run on the local cloud${where}`)

story(`the example workflows, run by act on the local cloud${where}`, () => {
  let scratch: string
  let cloud: Cloud
  let caller: Caller
  let place: Place
  let first = ''
  let second = ''

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'act-cloud-'))
    cloud = await startCloud(join(scratch, 'cloud.env'))
    caller = callerRepository(join(scratch, 'caller'), join(ROOT, 'examples/app'))
    ownRepository(join(scratch, 'own'))
    place = placeIn(scratch, act ?? '', { cloud: cloud.environment })
  })
  afterAll(async () => {
    try {
      await cloud.stop()
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  })

  test('a push deploys', async () => {
    first = next(caller, 'v1')
    expectSuccess(await runWorkflow(place, push(1)), { status: 'succeeded', commit: first })
    expect(await live(cloud)).toContain('v1')
  })

  test('the next push deploys, and says what it replaced', async () => {
    second = next(caller, 'v2')
    const expected = { status: 'succeeded', commit: second, 'previous-commit': first }
    expectSuccess(await runWorkflow(place, push(2)), expected)
    expect(await live(cloud)).toContain('v2')
  })

  test('a rollback without a commit lists both and changes nothing', async () => {
    const result = await runWorkflow(place, rollback(3, ''))
    expectSuccess(result, {})
    for (const commit of [first, second]) expect(result.log).toContain(commit.slice(0, 8))
    expect(await live(cloud)).toContain('v2')
  })

  test('a rollback to a short commit brings it back, through the fleet that still lives', async () => {
    const result = await runWorkflow(place, rollback(4, first.slice(0, 8)))
    expectSuccess(result, { status: 'succeeded', commit: first, 'rollback-way': 'fast' })
    expect(await live(cloud)).toContain('v1')
  })

  test('a rollback to a commit that was never deployed fails and names those that were', async () => {
    const result = await runWorkflow(place, rollback(5, '0123abcd'))
    expect(result.exitCode).not.toBe(0)
    expect(result.log).toContain(first.slice(0, 8))
    expect(await live(cloud)).toContain('v1')
  })
})

const push = (number: number) =>
  ({ event: 'push', workflow: '.github/workflows/deploy.yml', number }) as const

const rollback = (number: number, commit: string) =>
  ({
    event: 'workflow_dispatch',
    workflow: '.github/workflows/rollback.yml',
    number,
    inputs: { commit }
  }) as const

/** The next version of the application, as a commit. */
function next(caller: Caller, version: string): string {
  writeFileSync(join(caller.folder, 'VERSION'), `${version}\n`)
  return caller.commit(`Serve ${version}`)
}

function expectSuccess(result: Result, outputs: Record<string, string>): void {
  expect(failureOf(result)).toBe('')
  expect(result.outputs).toMatchObject(outputs)
}

const live = async ({ environment }: Cloud): Promise<string> =>
  (await fetch(environment['SERVICE_URL'] ?? '')).text()
