import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { rolePolicy } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { clientsOf } from '../cloud/wire/clients.js'
import { commitOf } from './app.js'
import { changing, openScriptedStage, readable, type Stage } from './stage.js'

let stage: Stage
let deployed: Record<string, ActionRun>
beforeAll(async () => {
  stage = await openScriptedStage({ terminationWait: 0 })
  deployed = {}
  for (const version of ['v1', 'v2', 'v3'])
    deployed[version] = await stage.deploy(version, { message: `subject of ${version}` })
  for (const commit of TWINS) await stage.deploy(`twin ${commit.slice(7, 8)}`, { commit })
  await stage.deploy('v4')
})
afterAll(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const TWINS = [`abcdef0${'1'.repeat(33)}`, `abcdef0${'2'.repeat(33)}`]
const idOf = (version: string): string => deployed[version]?.outputs['deployment-id'] ?? '?'

describe('without a valid target, nothing changes', () => {
  test('no commit: shows the list', async () => {
    const { run, changes } = await changing(stage, () => stage.rollback(''))
    expect(run.code).toBe(0)
    expect(readable(run)).toContain(
      'Nothing was changed. To roll back, run this again with `commit` set to one of these'
    )
    expect(run.summary).toContain('subject of v1')
    expect(changes).toEqual([])
  })

  test('a short SHA that matches two commits: names both', async () => {
    const { run, changes } = await changing(stage, () => stage.rollback('abcdef0'))
    expect(run.code).toBe(1)
    expect(readable(run)).toContain('abcdef0 matches 2 commits:')
    for (const commit of TWINS) expect(run.log).toContain(commit)
    expect(changes).toEqual([])
  })

  test.each(['fedcba9', commitOf('never'), 'd-NOWHERE11'])(
    '%s, which is unknown: lists what is available',
    async (wanted) => {
      const { run, changes } = await changing(stage, () => stage.rollback(wanted))
      expect(run.code).toBe(1)
      expect(readable(run)).toContain('Available, newest first')
      expect(readable(run)).toContain(commitOf('v1').slice(0, 8))
      expect(changes).toEqual([])
    }
  )

  test('the live commit, by full and short SHA: says so, with exit code 0', async () => {
    for (const wanted of [commitOf('v4'), commitOf('v4').slice(0, 9)]) {
      const { run, changes } = await changing(stage, () => stage.rollback(wanted))
      expect(run.code).toBe(0)
      expect(run.outputs).toMatchObject({ 'rollback-way': 'already-live', 'live-commit': commitOf('v4') })
      expect(readable(run)).toContain('There was nothing to do.')
      expect(changes).toEqual([])
    }
  })
})

describe('a rollback by a new deployment', () => {
  test.each([
    ['`previous`', () => 'previous', undefined],
    ['a full SHA', () => commitOf('v1'), 'v1'],
    ['a short SHA', () => commitOf('v2').slice(0, 7), 'v2'],
    ['a deployment', () => idOf('v1'), 'v1']
  ])('%s', async (_, wanted, version) => {
    const { run, changes } = await changing(stage, () => stage.rollback(wanted()))
    expect(run.code).toBe(0)
    expect(changes).toEqual(['CreateDeployment'])
    // The newest that served before v4 is the second twin.
    const commit = version === undefined ? TWINS[1] : commitOf(version)
    expect(run.outputs).toMatchObject({
      status: 'succeeded',
      'rollback-way': 'redeploy',
      'live-commit': commit,
      commit
    })
    expect(readable(run)).toContain('A rollback does not undo changes to data')
  })

  test('`previous` never goes forward again to what was skipped', async () => {
    const { run, changes } = await changing(stage, () => stage.rollback('previous'))
    expect([run.code, changes]).toEqual([1, []])
    expect(readable(run)).toMatch(
      /There is no previous revision: of \d+ deployments read .*, none .* before what is live/
    )
  })

  test('deploys the stored bundle byte for byte: with the version and ETag of the first deployment', async () => {
    const { run } = await changing(stage, () => stage.rollback(commitOf('v3')))
    const revisions = stage.cloud.planes.inspect
      .deployments()
      .filter(({ id }) => [idOf('v3'), run.outputs['deployment-id']].includes(id))
      .map(({ revision }) => revision)
    expect(revisions).toHaveLength(2)
    expect(revisions[1]).toEqual(revisions[0])
    expect(run.outputs['revision']).toBe(deployed['v3']?.outputs['revision'])
    const [, Key = '', VersionId = ''] =
      /example-revisions\/(.*)\?versionId=(.*)/.exec(run.outputs['revision'] ?? '') ?? []
    const stored = await clientsOf(stage.cloud).s3.send(
      new GetObjectCommand({ Bucket: PLACE.bucket, Key, VersionId })
    )
    expect((await stored.Body?.transformToByteArray())?.length).toBe(
      Number(deployed['v3']?.outputs['uploaded-bytes'])
    )
  })

  test('deploys a commit that was stored but never deployed', async () => {
    stage.cloud.faults.add('CreateDeployment:access-denied')
    expect((await stage.deploy('only stored')).code).toBe(1)
    const { run } = await changing(stage, () => stage.rollback(commitOf('only stored').slice(0, 10)))
    expect(run.code).toBe(0)
    expect(run.outputs['live-commit']).toBe(commitOf('only stored'))
  })
})

describe('a bundle that was deleted or changed', () => {
  const bundleOf = (run: ActionRun | undefined): { Key: string; VersionId?: string } => {
    const [, Key = '', VersionId] =
      /^s3:\/\/[^/]+\/([^?]*)(?:\?versionId=(.*))?$/.exec(run?.outputs['revision'] ?? '') ?? []
    return { Key, ...(VersionId === undefined ? {} : { VersionId }) }
  }

  test('deleted: lists what is available, before anything is stopped', async () => {
    const { s3 } = clientsOf(stage.cloud)
    await s3.send(new DeleteObjectCommand({ Bucket: PLACE.bucket, ...bundleOf(deployed['v1']) }))
    for (const wanted of [commitOf('v1'), idOf('v1')]) {
      const { run, changes } = await changing(stage, () => stage.rollback(wanted))
      expect(run.code).toBe(1)
      expect(readable(run)).toContain('Available, newest first')
      expect(changes).toEqual([])
    }
    expect(readable(await stage.history())).toContain('bundle gone')
  })

  test('overwritten in a bucket without versioning: noticed before anything is stopped', async () => {
    const bucket = `${PLACE.bucket}-unversioned`
    stage.cloud.role.policy = rolePolicy({ ...PLACE, bucket })
    const inputs = { 's3-bucket': bucket }
    const victim = await stage.deploy('u1', { inputs })
    expect(readable(victim).match(/ has no version, so /g)).toHaveLength(1)
    await stage.deploy('u2', { inputs })
    const { s3 } = clientsOf(stage.cloud)
    const good = await changing(stage, () => stage.rollback(commitOf('u1'), { inputs }))
    expect(good.run.code).toBe(0)
    await stage.rollback(commitOf('u2'), { inputs })
    await s3.send(new PutObjectCommand({ Bucket: bucket, ...bundleOf(victim), Body: 'something else' }))
    const { run, changes } = await changing(stage, () => stage.rollback(commitOf('u1'), { inputs }))
    expect(run.code).toBe(1)
    expect(changes).toEqual([])
    expect(readable(run)).toMatch(/overwritten|no longer stored/)
    // A deploy of the commit finds the same overwritten key, so it must not succeed with it either.
    const again = await changing(stage, () => stage.deploy('u1', { inputs }))
    expect(again.run.outputs['status']).toBe(again.run.code === 0 ? 'succeeded' : undefined)
  })
})
