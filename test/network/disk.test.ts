import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DIST, jobEnvironment, placeInputs } from '../action/run.js'
import { openYard, type Yard } from '../faults/job.js'

let yard: Yard
let folder: string
let versions = 0
beforeAll(async () => {
  yard = await openYard({ timeScale: 400, script: { bootSeconds: 2, eventSeconds: 2 } })
  folder = await mkdtemp(join(tmpdir(), 'disk-'))
})
afterAll(async () => {
  await yard.close()
  await rm(folder, { recursive: true, force: true })
})

/** Runner files that cannot be written. Permissions would not do, since the tests may run as root. */
const UNWRITABLE: [what: string, path: () => string, reason: RegExp][] = [
  ['on a full disk', () => '/dev/full', /no space left on device/],
  ['that is a folder', () => folder, /EISDIR/]
]

describe.each(['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'])('%s', (file) => {
  test.each(UNWRITABLE)(
    '%s does not fail the deployment and is reported once with the reason',
    async (_, path, reason) => {
      const job = await yard.start(`v${++versions}`, { env: { [file]: path() } })
      const { code, log } = await job.ended
      expect(code === 0 ? '' : log).toBe('')
      const warnings = log.split('\n').filter((line) => line.startsWith('::warning') && line.includes(file))
      expect(warnings).toEqual([expect.stringContaining(`The runner's file ${path()} (${file})`)])
      expect(warnings[0]).toMatch(reason)
      await yard.clear()
    }
  )
})

test('a refusal on a full disk is reported, with no unhandled error', async () => {
  const job = await yard.start(`v${++versions}`, {
    env: { GITHUB_OUTPUT: '/dev/full', GITHUB_STEP_SUMMARY: '/dev/full' },
    inputs: { 'application-name': 'NotThere' }
  })
  const { code, log } = await job.ended
  expect(code).toBe(1)
  expect(log).toContain('Check that `application-name`')
  expect(log).not.toMatch(/Unhandled|^Node\.js v/m)
})

/** A deployment whose log goes to a file, or to a reader that closes after the first line. */
const deployInto = (
  log: number | 'a reader who leaves'
): Promise<{ code: number | null; errors: string }> => {
  const commit = String(++versions).padStart(40, '0')
  const inputs = {
    ...placeInputs(yard.cloud.env),
    ...{ 'poll-seconds': '0.2', source: join(import.meta.dirname, '../../examples/app'), commit }
  }
  const child = spawn(process.execPath, [DIST], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      NODE_NO_WARNINGS: '1',
      ...jobEnvironment(yard.cloud.env),
      GITHUB_RUN_ID: String(9_000 + versions),
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
      )
    },
    stdio: ['ignore', log === 'a reader who leaves' ? 'pipe' : log, 'pipe']
  })
  child.stdout?.once('data', () => child.stdout?.destroy())
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, errors }))
  })
}

test.each([
  ['on a full disk', () => openSync('/dev/full', 'w')],
  ['whose reader has closed', () => 'a reader who leaves' as const]
])('a log %s does not end the deployment', async (_, log) => {
  const before = yard.deployments().length
  expect(await deployInto(log())).toEqual({ code: 0, errors: '' })
  expect(yard.deployments().slice(before)).toMatchObject([
    { status: expect.stringMatching(/Succeeded|InProgress/) }
  ])
  await yard.clear()
})
