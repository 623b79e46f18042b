import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { commitOf, writeApp } from './app.js'
import { openStage, readable, type Stage } from './stage.js'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

/** Bytes of bundles sent to S3. */
const sent = (): number =>
  stage.cloud.requests
    .filter(
      ({ operation, path }) => /^(PutObject|UploadPart)$/.test(operation) && !path.includes('/manifests/')
    )
    .reduce((sum, { bytes }) => sum + bytes, 0)

const EVENTS = [
  ...['ApplicationStop', 'DownloadBundle', 'BeforeInstall', 'Install', 'AfterInstall', 'ApplicationStart'],
  ...['ValidateService', 'BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic']
]

describe('a blue/green deployment, from its first line to its last', () => {
  test('the log shows a group for each phase, a line for each change, the bundle, the traffic and the outcome', async () => {
    const run = await stage.deploy('v1', { message: 'the first version\n\nand why' })
    const log = readable(run)
    expect(run.code).toBe(0)
    expect(await stage.serving()).toBe('v1')
    expect(log.startsWith('CodeDeploy blue/green: deploy\n')).toBe(true)
    expect(log).toContain(
      `Account 123456789012, region ap-northeast-2, as ${stage.cloud.env['ROLE_ARN'] ?? '?'}`
    )
    expect(log).toMatch(
      /^Bundle: 7 files, [\d.]+ KiB → [\d.]+ KiB \(\d+ %\), [\d.]+ KiB sent; walk .+, hash .+, deflate .+, upload /m
    )
    expect(log).toMatch(
      /^Started deployment d-[A-Z0-9]+: [0-9a-f]{8} the first version \| run \d+\.1 by octocat$/m
    )
    expect([...log.matchAll(/^(?!Started)(.*) \(d-[A-Z0-9]+\)/gm)].map(([, title]) => title)).toEqual([
      'Provision the green fleet',
      '::group::Install on the green fleet',
      '::group::Shift the traffic',
      'The blue fleet is waiting to be terminated'
    ])
    expect(log.match(/^Green is the fleet with the new revision, blue /gm)).toHaveLength(1)
    expect(log.match(/^::group::/gm)).toHaveLength(log.match(/^::endgroup::/gm)?.length ?? 0)
    expect(log).toContain('traffic: green 2/2 · blue 0/2')
    expect(log).toMatch(/^✓ [0-9a-f]{8} is live on ExampleApp\/ExampleGroup after [\d.]+ s$/m)
    expect(log).not.toMatch(/^::(error|warning)/m)
  })

  test('each event of each instance is logged once when it ends, in the order of the service', async () => {
    const log = readable(await stage.deploy('v2'))
    expect(await stage.serving()).toBe('v2')
    const ended = [
      ...log.matchAll(/^\d\d:\d\d:\d\d +(green|blue) +(i-\w+) +(\w+) +Succeeded +[\d.]+ s$/gm)
    ].map(([, fleet = '', id = '', event = '']) => ({ fleet, id, event }))
    const instances = [...new Set(ended.filter(({ fleet }) => fleet === 'green').map(({ id }) => id))]
    expect(instances).toHaveLength(2)
    for (const instance of instances)
      expect(ended.filter(({ id }) => id === instance).map(({ event }) => event)).toEqual(EVENTS)
    expect(ended).toHaveLength(2 * EVENTS.length + 2 * 3)
    const lines = log.split('\n').filter((line) => /^\d\d:\d\d:\d\d /.test(line))
    expect(new Set(lines).size).toBe(lines.length)
  })

  test('every output that action.yml documents for it is set, and the summary has the diagram and the table', async () => {
    const run = await stage.deploy('v3')
    expect(run.outputs).toEqual({
      'deployment-id': expect.stringMatching(/^d-[A-Z0-9]+$/),
      'deployment-url': expect.stringContaining(run.outputs['deployment-id'] ?? '?'),
      status: 'succeeded',
      commit: commitOf('v3'),
      'previous-commit': commitOf('v2'),
      'live-commit': commitOf('v3'),
      revision: expect.stringMatching(
        new RegExp(
          `^s3://example-revisions/codedeploy/ExampleApp/${commitOf('v3')}-[0-9a-f]{12}\\.zip\\?versionId=.+`
        )
      ),
      'bundle-sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
      'uploaded-bytes': expect.stringMatching(/^[1-9]\d+$/),
      'green-auto-scaling-group': `CodeDeploy_ExampleGroup_${run.outputs['deployment-id'] ?? '?'}`,
      'blue-auto-scaling-group': expect.stringMatching(/^CodeDeploy_ExampleGroup_d-/)
    })
    expect(run.summary).toMatch(/^## ✅ [0-9a-f]{8} is live/)
    expect(run.summary).toContain('```mermaid\n')
    expect(run.summary).toContain('| Instance | How it went |')
    expect(run.summary.match(/^\| green<br>.* ✅ Succeeded, in service<br>/gm)).toHaveLength(2)
    expect(run.summary.match(/^\| blue<br>.* ✅ Succeeded, not in service<br>/gm)).toHaveLength(2)
  })
})

describe('the upload of a bundle', () => {
  test('sends nothing for a commit that is already stored, even in another run', async () => {
    const before = sent()
    const run = await stage.deploy('v3')
    expect(readable(run)).toContain('already stored, nothing sent')
    expect(run.outputs['uploaded-bytes']).toBe('0')
    expect(sent()).toBe(before)
  })

  test('sends nothing for a tree that is live under another commit: S3 copies it', async () => {
    const before = sent()
    const run = await stage.deploy('v3', { commit: commitOf('the same tree') })
    expect(readable(run)).toContain('same as what is live, copied by S3, nothing sent')
    expect(run.outputs).toMatchObject({ commit: commitOf('the same tree'), 'uploaded-bytes': '0' })
    expect(sent()).toBe(before)
    expect(stage.cloud.requests.some(({ operation }) => operation === 'CopyObject')).toBe(true)
  })

  test('sends a prebuilt archive unchanged', async () => {
    const folder = await writeApp(join(stage.scratch, 'ready'), 'ready')
    const archive = join(stage.scratch, 'ready.tgz')
    execFileSync('tar', ['-czf', archive, '-C', folder, '.'])
    const run = await stage.run({ inputs: { source: 'ready.tgz' }, env: { GITHUB_SHA: commitOf('ready') } })
    expect(run.code).toBe(0)
    expect(run.outputs['revision']).toContain('.tgz?versionId=')
    expect(run.outputs['uploaded-bytes']).toBe(String(readFileSync(archive).length))
    expect(await stage.serving()).toBe('ready')
  })

  test('leaves out what `exclude` matches', async () => {
    const run = await stage.deploy('v4', {
      changes: { 'notes/secret.md': 'x', 'notes/kept.txt': 'y', 'scripts/after.sh': AFTER_WITHOUT_NOTES },
      inputs: { exclude: '*.md\n# a comment\n!kept.txt' }
    })
    expect(run.code).toBe(0)
    expect(readable(run)).toMatch(/^Bundle: 8 files/m)
    expect(await stage.serving()).toBe('v4')
  })
})

/** Fails on the server if an excluded file is there. */
const AFTER_WITHOUT_NOTES = `#!/bin/sh
cd "\${INSTANCE_ROOT:-}/srv/app/notes"
test -f kept.txt && test ! -e secret.md
`

describe('`wait-for`', () => {
  test('`complete` waits until the old fleet is gone', async () => {
    const run = await stage.deploy('v5', { inputs: { 'wait-for': 'complete' } })
    const { inspect } = stage.cloud.planes
    expect(run.code).toBe(0)
    expect(inspect.deployments().find(({ id }) => id === run.outputs['deployment-id'])?.status).toBe(
      'Succeeded'
    )
    expect(inspect.fleets.find(run.outputs['blue-auto-scaling-group'] ?? '')).toBeUndefined()
    expect(readable(run)).not.toContain('can send traffic back to it')
  })

  test('`none` does not wait; a re-run of the job follows what it started', async () => {
    const env = { GITHUB_RUN_ID: '8000000001' }
    const run = await stage.deploy('v6', { inputs: { 'wait-for': 'none' }, env })
    expect(run.code).toBe(0)
    expect(run.outputs['status']).toBe('started')
    expect(run.outputs['live-commit']).toBeUndefined()
    const again = await stage.deploy('v6', { env: { ...env, GITHUB_RUN_ATTEMPT: '2' } })
    expect(again.outputs['deployment-id']).toBe(run.outputs['deployment-id'])
    expect(again.outputs['status']).toBe('succeeded')
    expect(await stage.serving()).toBe('v6')
  })
})
