import { execFileSync } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { zip } from '../archive/make.js'
import { keyOf, policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { clientsOf } from '../cloud/wire/clients.js'
import { type Manifest, parseManifest } from '../../src/domain/manifest.js'
import { BARE, commitOf, writeApp } from './app.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

// What is in each stored bundle, and what going back to one changes on the servers.

const FOLDER = `codedeploy/${PLACE.application}/`
let stage: Stage

/** The key of the bundle that a run deployed, without its folder. */
const bundleOf = ({ outputs }: ActionRun): string =>
  /([^/]+?)(\?versionId=.*)?$/.exec(outputs['revision'] ?? '')?.[1] ?? ''
const manifestKeyOf = (run: ActionRun): string => `${FOLDER}manifests/${bundleOf(run)}.json.gz`

const bytesOf = async (run: ActionRun): Promise<Uint8Array> => {
  const { Body } = await clientsOf(stage.cloud).s3.send(
    new GetObjectCommand({ Bucket: PLACE.bucket, Key: manifestKeyOf(run) })
  )
  return (await Body?.transformToByteArray()) ?? new Uint8Array()
}
const manifestOf = async (run: ActionRun): Promise<Manifest> =>
  parseManifest(gunzipSync(await bytesOf(run)).toString(), `${FOLDER}${bundleOf(run)}`)

const put = (run: ActionRun, body: Uint8Array | string): Promise<unknown> =>
  clientsOf(stage.cloud).s3.send(
    new PutObjectCommand({ Bucket: PLACE.bucket, Key: manifestKeyOf(run), Body: body })
  )
const remove = (run: ActionRun): void => {
  stage.cloud.store.buckets.get(PLACE.bucket)?.objects.delete(manifestKeyOf(run))
}

const keys = (): string[] => [...(stage.cloud.store.buckets.get(PLACE.bucket)?.objects.keys() ?? [])]
const callsFor = (operation: string): number =>
  stage.cloud.requests.filter((one) => one.operation === operation && one.path.includes('/manifests/')).length

const HOOK = `${BARE['appspec.yml'] ?? ''}hooks:
  ValidateService:
    - location: scripts/validate.sh
      timeout: 60
`

describe('a deploy', () => {
  beforeAll(async () => {
    stage = await openScriptedStage({ terminationWait: 0 })
  })
  afterAll(() => stage.close())

  test('of a folder stores what is in its bundle: names, modes, sizes and hashes, and the hooks', async () => {
    const run = await stage.deploy('v1', { changes: { 'appspec.yml': HOOK } })
    expect(run.code).toBe(0)
    const { contentHash, hooks, entries, size } = await manifestOf(run)
    expect([contentHash, size]).toEqual([run.outputs['bundle-sha256'], Number(run.outputs['uploaded-bytes'])])
    expect(hooks).toEqual([
      { event: 'ValidateService', script: 'scripts/validate.sh', timeout: 60, runas: undefined }
    ])
    expect(entries.find(({ path }) => path === 'scripts/validate.sh')).toMatchObject({
      ...{ kind: 'file', mode: 0o755 },
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/)
    })
    expect(gunzipSync(await bytesOf(run)).toString()).not.toContain('no answer on port')
    expect(readable(run)).not.toMatch(/^::warning/m)
  })

  test('of the same bundle again leaves the manifest as it is', async () => {
    const again = await stage.deploy('v1', { changes: { 'appspec.yml': HOOK } })
    expect(again.code).toBe(0)
    const versions = stage.cloud.store.buckets.get(PLACE.bucket)?.objects.get(manifestKeyOf(again))
    expect(versions).toHaveLength(1)
    expect(readable(again)).not.toMatch(/^::warning/m)
  })

  test('of an archive stores the same entries as that of its folder, whatever the format', async () => {
    const folder = await writeApp(join(stage.scratch, 'formats'), 'formats', BARE)
    const files = ['appspec.yml', 'VERSION', 'scripts/start.sh', 'scripts/stop.sh', 'scripts/validate.sh']
    const small = await writeFew(join(stage.scratch, 'few'), files, folder)
    execFileSync('tar', ['-czf', join(stage.scratch, 'few.tgz'), '-C', small.folder, '.'])
    await writeFile(join(stage.scratch, 'few.zip'), zip(small.made))
    const manifests: Manifest[] = []
    for (const source of ['few', 'few.tgz', 'few.zip']) {
      const run = await stage.run({ inputs: { source }, env: { GITHUB_SHA: commitOf(source) } })
      expect([source, run.code]).toEqual([source, 0])
      manifests.push(await manifestOf(run))
    }
    const [first, ...others] = manifests.map(({ entries }) => filesOf(entries))
    expect(first).toHaveLength(files.length)
    for (const other of others) expect(other).toEqual(first)
  })

  test('may not store it: one warning with the permission, and the deploy is green', async () => {
    const { Statement } = stage.cloud.role.policy
    Statement.push(DENIED)
    const run = await stage.deploy('v2')
    Statement.pop()
    expect(run.code).toBe(0)
    expect(readable(run).match(/^::warning.*$/gm)).toEqual([
      expect.stringMatching(
        /Later previews and rollbacks cannot say what changes on the servers: s3:.*\/manifests\/.* cannot be written: .*allow the role s3:PutObject/
      )
    ])
    expect(keys()).not.toContain(manifestKeyOf(run))
  })
})

const filesOf = (entries: Manifest['entries']): unknown[] =>
  entries
    .filter(({ kind }) => kind === 'file')
    .map(({ path, mode, size, sha256 }) => ({ path, mode, size, sha256 }))
    .sort((one, other) => (one.path < other.path ? -1 : 1))

const writeFew = async (folder: string, files: readonly string[], from: string) => {
  for (const file of files) await cp(join(from, file), join(folder, file))
  const made = await Promise.all(
    files.map(async (name) => ({
      name,
      text: await readFile(join(from, name), 'utf8'),
      mode: name.endsWith('.sh') ? 0o100755 : 0o100644
    }))
  )
  return { folder, made }
}

const DENIED = {
  Sid: 'NoManifests',
  Effect: 'Deny',
  Action: 's3:PutObject',
  Resource: `arn:aws:s3:::${PLACE.bucket}/*/manifests/*`
} as const

/** v1, and v2 with another validate.sh, one file more and one less. */
const deployTwo = async (): Promise<[ActionRun, ActionRun]> => {
  const first = await stage.deploy('v1', { changes: { 'appspec.yml': HOOK, 'only/v1.txt': '1' } })
  const second = await stage.deploy('v2', {
    changes: { 'appspec.yml': HOOK, 'only/v2.txt': '2', 'scripts/validate.sh': '#!/bin/sh\nexit 0\n' },
    inputs: { 'end-termination-wait': 'true' }
  })
  expect([first.code, second.code]).toEqual([0, 0])
  return [first, second]
}

const CHANGES =
  'Going back changes on the servers: 1 added, 2 changed, 1 removed; hooks: scripts/validate.sh (ValidateService) changed'

describe.each([
  ['fast', 600, 'StopDeployment'],
  ['redeploy', 0, 'CreateDeployment']
])('a rollback: %s', (way, terminationWait, call) => {
  beforeEach(async () => {
    stage = await openScriptedStage({ terminationWait })
  })
  afterEach(async () => {
    expect(stage.cloud.planes.inspect.faults()).toEqual([])
    await stage.close()
  })

  test('says what changes on the servers before anything is stopped or started', async () => {
    await deployTwo()
    const before = stage.cloud.requests.length
    const run = await stage.rollback(commitOf('v1').slice(0, 7))
    expect([run.code, run.outputs['rollback-way'], run.outputs['live-commit']]).toEqual([
      ...[0, way],
      commitOf('v1')
    ])
    const log = readable(run)
    expect(log).toContain(
      `${CHANGES}\n  + only/v1.txt\n  ~ VERSION\n  ~ scripts/validate.sh\n  − only/v2.txt\n`
    )
    expect(log.indexOf(CHANGES)).toBeLessThan(log.search(/^Stopping d-|^Started deployment/m))
    const called = stage.cloud.requests.slice(before)
    const reads = called.flatMap(({ path }, at) => (path.includes('/manifests/') ? [at] : []))
    expect(reads).toHaveLength(2)
    expect(Math.max(...reads)).toBeLessThan(called.findIndex(({ operation }) => operation === call))
    expect(run.summary).toContain(
      '<details><summary>What going back changes on the servers: 1 added, 2 changed, 1 removed</summary>'
    )
    expect(run.summary).toContain('- `scripts/validate.sh` (ValidateService) has changed')
    expect(run.summary).toContain('- `− only/v2.txt`')
  })

  test.each([
    ['missing', 'does not exist; bundles that an older version of this action stored have no manifest.'],
    ['damaged', 'cannot be read: incorrect header check'],
    ['foreign', 'cannot be read: it belongs to another bundle.']
  ])('continues without a manifest that is %s, and says so', async (kind, words) => {
    const [first, second] = await deployTwo()
    if (kind === 'missing') remove(first)
    if (kind === 'damaged') await put(first, 'not compressed')
    if (kind === 'foreign') await put(first, await bytesOf(second))
    const run = await stage.rollback(commitOf('v1').slice(0, 7))
    expect([run.code, run.outputs['live-commit']]).toEqual([0, commitOf('v1')])
    const line = readable(run).match(/^What going back changes on the servers is not known: .*$/gm)
    expect(line).toEqual([expect.stringContaining(words)])
    expect(run.summary).toContain('What going back changes on the servers is not known: ')
    expect(readable(run)).not.toMatch(/^::warning/m)
  })
})

const HOSTILE = '::warning::x `<b>`\n::error::y ##[group]z @team #1'

describe('one group', () => {
  beforeEach(async () => {
    stage = await openScriptedStage({ terminationWait: 0 })
  })
  afterEach(() => stage.close())

  test('lists what going back would change, for the newest three, with at most four manifests read', async () => {
    for (const version of ['v0', 'v1', 'v2', 'v3', 'v4'])
      await stage.deploy(version, {
        changes: { [`only/${version}.txt`]: version },
        inputs: { 'wait-for': 'complete' }
      })
    const before = callsFor('GetObject')
    for (const list of [await stage.rollback(''), await stage.history()]) {
      const short = (version: string): string => commitOf(version).slice(0, 8)
      expect(readable(list)).toContain(
        `What a rollback would change on the servers:\n${['v3', 'v2', 'v1'].map((version) => `  ${short(version)}  1 added, 1 changed, 1 removed\n`).join('')}`
      )
      expect(list.summary).toContain(`- \`${short('v3')}\` 1 added, 1 changed, 1 removed\n`)
      const rows = JSON.parse(list.outputs['history'] ?? '') as Record<string, unknown>[]
      const counts = { added: 1, changed: 1, removed: 1, 'mode-changed': 0, hooks: 0 }
      expect(rows.map(({ changes }) => changes)).toEqual([null, counts, counts, counts, null])
    }
    expect(callsFor('GetObject') - before).toBe(8)
  })

  test('a list without the manifest of what is live says so once', async () => {
    await deployTwo()
    const live = await stage.deploy('v3')
    remove(live)
    const list = await stage.rollback('')
    expect(list.code).toBe(0)
    expect(readable(list).match(/What a rollback would change on the servers.*/g)).toEqual([
      expect.stringMatching(/ is not known: .* does not exist; /)
    ])
  })

  test('what is live already has nothing to show', async () => {
    await deployTwo()
    const run = await stage.rollback(commitOf('v2'))
    expect(run.outputs['rollback-way']).toBe('already-live')
    expect(readable(run)).not.toMatch(/[Gg]oing back changes/)
  })

  test('a commit that was stored, but never deployed, is found by its short form beside the manifests', async () => {
    await stage.deploy('v1')
    stage.cloud.faults.add('CreateDeployment:access-denied')
    expect((await stage.deploy('only stored')).code).toBe(1)
    expect(keys().some((key) => key.startsWith(`${FOLDER}manifests/`))).toBe(true)
    const run = await stage.rollback(commitOf('only stored').slice(0, 7))
    expect([run.code, run.outputs['live-commit']]).toEqual([0, commitOf('only stored')])
  })

  test('is encrypted with the key of the bundle; a role that cannot decrypt it rolls back without it', async () => {
    const { role } = stage.cloud
    const kms = policyOf(PLACE, 'optional-kms-key.json').Statement
    role.policy.Statement.push(...kms)
    const key = { 'kms-key-id': keyOf(PLACE), 'wait-for': 'complete' }
    for (const version of ['v1', 'v2']) expect((await stage.deploy(version, { inputs: key })).code).toBe(0)
    role.policy.Statement.splice(-kms.length)
    const run = await stage.rollback(commitOf('v1'))
    expect(run.code).toBe(0)
    expect(readable(run)).toMatch(
      /^What going back changes on the servers is not known: .*allow the role kms:Decrypt, as docs\/iam\/optional-kms-key\.json does/m
    )
  })

  test('a path that is no harmless name is one in the log and the summary', async () => {
    await stage.deploy('v1')
    await stage.deploy('v2', {
      changes: { [HOSTILE]: 'x' },
      inputs: { 'wait-for': 'complete' }
    })
    const run = await stage.rollback(commitOf('v1'))
    expect(run.code).toBe(0)
    expect(readable(run)).toContain('  − ::warning::x `<b>`↵::error::y # #[group]z @team #1')
    expect(readable(run)).not.toMatch(/^::(warning|error)::[xy]|##\[/m)
    expect(run.summary).toContain('``− ::warning::x `<b>`↵::error::y ##[group]z @team #1``')
  })
})
