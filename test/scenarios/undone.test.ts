import type { ChildProcess } from 'node:child_process'
import { StopDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { PLACE } from '../cloud/parts.js'
import { clientsOf } from '../cloud/wire/clients.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

// What was rolled back stays away, whoever rolled back and however it was done.

let stage: Stage
afterEach(async () => {
  expect(stage.cloud.planes.inspect.faults()).toEqual([])
  await stage.close()
})

const WAITING = { terminationWait: 600 }
/** Old fleets are gone at once, so that only a new one brings a revision back. */
const AT_ONCE = { terminationWait: 0 }

const short = (version: string): string => commitOf(version).slice(0, 8)

/** The first error of a log: what happened, and on the next lines what to do. */
const errorOf = (run: ActionRun): string =>
  (/::error[^:]*::(.*)/.exec(run.log)?.[1] ?? '').replace(/%0A/g, '\n').replace(/%25/g, '%')

/** Deploys and leaves its old fleet waiting; the next one ends that wait. */
const deploy = (version: string, inputs: Record<string, string> = {}, env: Record<string, string> = {}) =>
  stage.deploy(version, { inputs: { 'end-termination-wait': 'true', ...inputs }, env })

const deployWhole = (version: string) => deploy(version, { 'wait-for': 'complete' })

const GROUP = 'ExampleGroup'
/** The version that is live, as the history says. */
const serving = async (): Promise<string | undefined> => {
  const { outputs } = await stage.history()
  const rows = JSON.parse(outputs['history'] ?? '[]') as { live: boolean; commit: string }[]
  const live = rows.find((row) => row.live)?.commit
  return ['v1', 'v2', 'v3'].find((version) => commitOf(version) === live)
}

const KEY = `codedeploy/${PLACE.application}/groups/${GROUP}.json`
const place = { Bucket: PLACE.bucket, Key: KEY }

const record = async (): Promise<Record<string, unknown>> => {
  const { Body } = await clientsOf(stage.cloud).s3.send(new GetObjectCommand(place))
  return JSON.parse((await Body?.transformToString()) ?? '') as Record<string, unknown>
}

const REASON = { reason: 'checkout is broken' }
/** Created before any run of the stage. */
const OLDER = { GITHUB_RUN_ID: '6999999999' }

const WAYS = [
  ['fast', WAITING, deploy],
  ['redeploy', AT_ONCE, deployWhole]
] as const

describe.each(WAYS)('after a rollback by the way %s', (way, options, second) => {
  test('an older run and the same files are refused, a newer run with a fix deploys', async () => {
    stage = await openScriptedStage(options)
    await deploy('v1')
    await second('v2')
    const back = await stage.rollback(commitOf('v1'), { inputs: REASON })
    expect([back.code, back.outputs['rollback-way'], await serving()]).toEqual([0, way, 'v1'])

    const rows = JSON.parse(
      (await stage.history({ inputs: { 's3-bucket': PLACE.bucket } })).outputs['history'] ?? '[]'
    ) as {
      'rollback-of': string | null
      who: string
      reason: string
    }[]
    expect(rows.find((row) => row['rollback-of'] !== null)).toMatchObject({ who: 'octocat', ...REASON })

    const queued = await deploy('v3', {}, OLDER)
    expect([queued.code, errorOf(queued)]).toEqual([
      1,
      expect.stringMatching(
        new RegExp(
          `^${PLACE.application}/${GROUP} was rolled back to ${short('v1')} after this run, 6999999999, was created. Rolled back by octocat in run 7000000003 at .* \\(UTC\\): "checkout is broken"\\.\nNothing was deployed. Push a fix: its run is newer.`
        )
      )
    ])

    const same = await stage.deploy('v2', { commit: commitOf('revert of the revert') })
    expect([same.code, errorOf(same)]).toEqual([
      1,
      expect.stringMatching(
        new RegExp(
          `^This bundle has the same files as ${short('v2')} \\(d-[A-Z0-9]+\\), which was rolled back on .* by octocat in run 7000000003 .*\nNothing was deployed. Deploy a fix. .*redeploy-undone: true`
        )
      )
    ])
    expect(await serving()).toBe('v1')

    expect((await deploy('v3')).code).toBe(0)
    expect(await serving()).toBe('v3')
  }, 120_000)

  test('the same files come back on purpose, and are welcome from then on', async () => {
    stage = await openScriptedStage(options)
    await deploy('v1')
    await second('v2')
    await stage.rollback('previous')
    expect((await deploy('v2')).code).toBe(1)
    stage.cloud.faults.add('PutObject:slow-down:1:1')
    const again = await deploy('v2', { 'redeploy-undone': 'true' })
    expect(again.code).toBe(0)
    // The record comes after the result: nobody waits for it.
    expect(readable(again)).toMatch(/is live on [^]*PutObject failed/)
    expect(await serving()).toBe('v2')
    expect(await record()).toMatchObject({ undone: [] })
    expect((await deploy('v3')).code).toBe(0)
    expect((await deploy('v2')).code).toBe(0)
  }, 120_000)
})

describe('a hold', () => {
  const held = async (): Promise<ActionRun> => {
    stage = await openScriptedStage(WAITING)
    await deploy('v1')
    await deploy('v2')
    return stage.rollback(commitOf('v1'), { inputs: { ...REASON, hold: 'true' } })
  }

  test('refuses every deploy until it is released, with the reason in log, summary and refusal', async () => {
    const back = await held()
    const line = `${PLACE.application}/${GROUP} is on hold: nothing is deployed to it until somebody releases it`
    expect(back.code).toBe(0)
    expect(readable(back)).toContain('Reason: checkout is broken')
    expect(readable(back)).toContain(line)
    expect(back.summary).toContain('Reason: checkout is broken')
    expect(back.summary).toContain(line)

    const list = await stage.history({ inputs: { 's3-bucket': PLACE.bucket } })
    for (const page of [readable(list), list.summary])
      expect(page).toMatch(
        /On hold, so nothing is deployed\. Held by octocat in run 7000000003 at .*checkout is broken/
      )

    const refused = await deploy('v3', { 'skip-order-check': 'true', 'redeploy-undone': 'true' })
    expect([refused.code, errorOf(refused)]).toEqual([
      1,
      expect.stringMatching(
        /is on hold: .* Held by octocat in run 7000000003 at .*: "checkout is broken"\.\n/
      )
    ])
    expect((await stage.rollback(commitOf('v2'))).code).toBe(0)
    expect((await deploy('v3')).code).toBe(1)

    const release = await stage.run({ inputs: { command: 'release', 'poll-seconds': '', reason: 'fixed' } })
    expect([release.code, readable(release)]).toEqual([
      0,
      expect.stringMatching(
        /Released the hold on .*\. It was held by octocat in run 7000000003 at .*: "checkout is broken"\./
      )
    ])
    expect((await deploy('v3')).code).toBe(0)
    const again = await stage.run({ inputs: { command: 'release', 'poll-seconds': '' } })
    expect([again.code, readable(again)]).toEqual([0, expect.stringContaining('is not on hold.')])
  }, 120_000)

  test('is released by a dispatched deploy, and by no other', async () => {
    await held()
    const pushed = await deploy('v3', { 'release-hold': 'true' }, { GITHUB_EVENT_NAME: 'push' })
    expect([pushed.code, errorOf(pushed)]).toEqual([
      1,
      expect.stringContaining('Input `release-hold`, got "true": this run was started by `push`')
    ])
    const dispatched = await deploy(
      'v3',
      { 'release-hold': 'true' },
      { GITHUB_EVENT_NAME: 'workflow_dispatch' }
    )
    expect([dispatched.code, await serving()]).toEqual([0, 'v3'])
  }, 120_000)

  test.each([
    ['another writer is faster', 'PutObject:precondition-412:2:2'],
    ['S3 sees two writers at once', 'PutObject:conflict-409:2:2'],
    ['the answer to its write gets lost', 'PutObject:reset-after:1:2']
  ])(
    'is set although %s',
    async (_, fault) => {
      stage = await openScriptedStage({ ...WAITING, faults: [fault] })
      await deploy('v1')
      await deploy('v2')
      const back = await stage.rollback(commitOf('v1'), { inputs: { hold: 'true' } })
      expect(back.code).toBe(0)
      expect(await record()).toMatchObject({ hold: { by: 'octocat', run: '7000000003' } })
    },
    120_000
  )

  test('of two rollbacks at once is neither lost nor doubled', async () => {
    await held()
    const [one, other, release] = await Promise.all([
      stage.rollback(commitOf('v1'), { inputs: { hold: 'true', reason: 'one' } }),
      stage.rollback(commitOf('v1'), { inputs: { reason: 'other' } }),
      stage.run({ inputs: { command: 'release', 'poll-seconds': '' } })
    ])
    expect([one.code, other.code, release.code]).toEqual([0, 0, 0])
    const { hold } = (await record()) as { hold?: { reason: string } }
    // Whichever came last: the release, or the rollback that holds.
    if (hold !== undefined) expect(hold.reason).toBe('one')
    expect((await deploy('v3')).code).toBe(hold === undefined ? 0 : 1)
  }, 120_000)

  test('that cannot be stored fails the rollback, but only after the target is live', async () => {
    stage = await openScriptedStage(WAITING)
    await deploy('v1')
    await deploy('v2')
    const { policy } = stage.cloud.role
    stage.cloud.role.policy = { ...policy, Statement: [...policy.Statement, NO_RECORDS] }
    const back = await stage.rollback(commitOf('v1'), { inputs: { hold: 'true' } })
    expect([back.code, back.outputs['live-commit'], await serving()]).toEqual([1, commitOf('v1'), 'v1'])
    // The closing is said first, and does not claim a hold.
    expect(readable(back).indexOf(`${short('v1')} is live on`)).toBeGreaterThan(-1)
    expect(readable(back)).not.toContain('is on hold: nothing is deployed')
    expect(errorOf(back)).toMatch(
      /^The rollback worked, but the job fails, because .* is not on hold, although `hold: true` was set: s3:.*\/groups\/.* cannot be written: .*s3:PutObject, as docs\/iam/s
    )
    const without = await stage.rollback(commitOf('v2'))
    expect([without.code, readable(without)]).toEqual([
      0,
      expect.stringMatching(/This rollback cannot be noted in s3:.*Cancel such runs by hand/)
    ])
  }, 120_000)
})

describe('what was undone is noted after the result has been said', () => {
  const LIVE = `✓ ${short('v1')} is live on ${PLACE.application}/${GROUP} again`
  const twoDeploys = async (): Promise<void> => {
    stage = await openScriptedStage(WAITING)
    await deploy('v1')
    await deploy('v2')
  }

  test('a slow S3 does not hold the result back', async () => {
    await twoDeploys()
    // The first one notes the rollback before anything is stopped.
    stage.cloud.faults.add('PutObject:slow-down:1:1')
    const back = await stage.rollback(commitOf('v1'))
    const log = readable(back)
    expect(back.code).toBe(0)
    expect(log.indexOf(LIVE)).toBeGreaterThan(-1)
    expect(log.indexOf('PutObject failed')).toBeGreaterThan(log.indexOf(LIVE))
    expect(await record()).toMatchObject({ undone: [{ commit: commitOf('v2') }] })
  }, 120_000)

  test('a cancel in that moment leaves the rollback green, and says what is missing and what to do', async () => {
    await twoDeploys()
    stage.cloud.faults.add('PutObject:hang:1:1')
    let job: ChildProcess | undefined
    const running = stage.rollback(commitOf('v1'), { onLog: (_, child) => (job = child) })
    while (!stage.cloud.requests.some(({ fault }) => fault === 'hang')) await stage.cloud.clock.sleep(2_000)
    job?.kill('SIGINT')
    const back = await running
    const log = readable(back)
    expect([back.code, back.signal]).toEqual([0, null])
    expect(back.outputs).toMatchObject({ status: 'succeeded', 'live-commit': commitOf('v1') })
    expect(back.summary).toContain(`${short('v1')} is live on`)
    expect(log).not.toMatch(/^::error/m)
    const warning = new RegExp(
      `^::warning::${short('v2')} \\(d-[A-Z0-9]+\\) was rolled back, but s3://.*/groups/${GROUP}\\.json may not say so: the job was canceled before S3 answered\\. A later run may deploy the same files again\\. To keep them out, roll back to ${commitOf('v1')} once more with \`hold: true\``,
      'm'
    )
    expect(log).toMatch(warning)
    expect(log.search(warning)).toBeGreaterThan(log.indexOf(LIVE))

    // The advice works, and stops nothing.
    const deployments = stage.cloud.planes.inspect.deployments().length
    expect((await stage.rollback(commitOf('v1'), { inputs: { hold: 'true' } })).code).toBe(0)
    expect(errorOf(await deploy('v2'))).toContain('is on hold')
    expect(stage.cloud.planes.inspect.deployments()).toHaveLength(deployments)
  }, 120_000)

  test('a cancel while the hold is being set ends the rollback before anything is stopped', async () => {
    await twoDeploys()
    stage.cloud.faults.add('PutObject:hang:1')
    let job: ChildProcess | undefined
    const running = stage.rollback(commitOf('v1'), {
      inputs: { hold: 'true' },
      onLog: (_, child) => (job = child)
    })
    while (!stage.cloud.requests.some(({ fault }) => fault === 'hang')) await stage.cloud.clock.sleep(2_000)
    job?.kill('SIGINT')
    const back = await running
    expect([back.code, errorOf(back)]).toEqual([
      1,
      expect.stringMatching(
        /^The job was canceled before the rollback began\.\nNothing was stopped\..*run `command: release`\.$/
      )
    ])
    expect(await serving()).toBe('v2')
  }, 120_000)
})

const NO_RECORDS = {
  Sid: 'NoRecords',
  Effect: 'Deny',
  Action: 's3:PutObject',
  Resource: `arn:aws:s3:::${PLACE.bucket}/*/groups/*`
} as const

test('a freeze refuses deploys before anything is stored, but no rollback', async () => {
  stage = await openScriptedStage(WAITING)
  await deploy('v1')
  await deploy('v2')
  const freeze = { freeze: '2020-01-01 to 2099-12-31 Asia/Seoul 축제', 'time-zone': 'Asia/Seoul' }
  const objects = (): number => stage.cloud.store.buckets.get(PLACE.bucket)?.objects.size ?? 0
  const before = objects()
  const refused = await deploy('v3', freeze)
  expect([refused.code, errorOf(refused), objects()]).toEqual([
    1,
    expect.stringContaining(
      `${PLACE.application}/${GROUP} is frozen until 2100-01-01 00:00 (Asia/Seoul): 축제.`
    ),
    before
  ])
  expect((await stage.rollback(commitOf('v1'))).code).toBe(0)
  const urgent = await deploy('v3', { ...freeze, 'override-freeze': 'true' })
  expect([urgent.code, readable(urgent)]).toEqual([
    0,
    expect.stringContaining(
      'is frozen until 2100-01-01 00:00 (Asia/Seoul): 축제: `override-freeze: true` is set.'
    )
  ])
}, 120_000)

describe('a rollback in the console', () => {
  const stopInConsole = async (): Promise<void> => {
    stage = await openScriptedStage(WAITING)
    await deploy('v1')
    await deploy('v2')
    const deploymentId = stage.cloud.planes.inspect.deployments().at(-1)?.id
    const { codedeploy } = clientsOf(stage.cloud)
    await codedeploy.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }))
    while (!/Succeeded/.test(stage.cloud.planes.inspect.deployments().at(-1)?.status ?? ''))
      await stage.cloud.clock.sleep(2_000)
    expect(await serving()).toBe('v1')
  }

  test('refuses runs that GitHub had created before it, and the same files', async () => {
    await stopInConsole()
    const { repository } = stage.cloud
    repository.runs.set(7_000_000_100, '2020-01-01T00:00:00Z')
    repository.runs.set(7_000_000_101, '2100-01-01T00:00:00Z')
    const [old, late] = ['7000000100', '7000000101'].map((id) => ({ GITHUB_RUN_ID: id }))
    const before = await deploy('v3', { 'github-token': 'a-token' }, old)
    expect([before.code, errorOf(before)]).toEqual([
      1,
      expect.stringContaining('Rolled back by somebody outside of GitHub at')
    ])
    expect(errorOf(await deploy('v2', { 'github-token': 'a-token' }, late))).toContain(
      'This bundle has the same files as'
    )
    expect((await deploy('v3', { 'github-token': 'a-token' }, late)).code).toBe(0)
    // A deployment later, it is still known.
    expect(errorOf(await deploy('v2', { 'github-token': 'a-token' }, late))).toContain(
      'This bundle has the same files as'
    )
  }, 120_000)
})

describe('the record', () => {
  test.each([
    ['is damaged', '{"version":1}', 'cannot be read: it is damaged: `undone` is not a list'],
    ['comes from a newer version', '{"version":9}', 'its version is 9, expected 1']
  ])(
    '%s: a warning, and deploys and rollbacks go on',
    async (_, text, words) => {
      stage = await openScriptedStage(WAITING)
      await deploy('v1')
      const { s3 } = clientsOf(stage.cloud)
      await s3.send(new PutObjectCommand({ ...place, Body: text }))
      const run = await deploy('v2')
      expect([run.code, readable(run)]).toEqual([0, expect.stringContaining(words)])
      const back = await stage.rollback(commitOf('v1'))
      expect([back.code, await serving()]).toEqual([0, 'v1'])
      // What the last deployment says is still enough.
      expect(errorOf(await deploy('v2'))).toContain('This bundle has the same files as')
    },
    120_000
  )
})
