import { CreateDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { clientsOf } from '../cloud/wire/clients.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

type Row = Record<string, unknown>
const rowsOf = (run: ActionRun): Row[] => JSON.parse(run.outputs['history'] ?? 'null') as Row[]

test('a group without deployments has an empty history, and the log says so', async () => {
  const stage = await openScriptedStage()
  try {
    const run = await stage.history()
    expect(run.code).toBe(0)
    expect(rowsOf(run)).toEqual([])
    expect(readable(run)).toContain('This group has no deployments yet.')
    expect(run.summary).toContain('This group has no deployments yet.')
  } finally {
    await stage.close()
  }
})

test('a group that does not exist is an error', async () => {
  const stage = await openScriptedStage()
  try {
    for (const statement of stage.cloud.role.policy.Statement) statement.Resource = '*'
    const run = await stage.history({ inputs: { 'deployment-group-name': 'Nowhere' } })
    expect(run.code).toBe(1)
    expect(readable(run)).toContain('deployment-group-name')
  } finally {
    await stage.close()
  }
})

describe('a group with a history, listed in pages of two', () => {
  let stage: Stage
  let run: ActionRun
  let rows: Row[]
  beforeAll(async () => {
    stage = await openScriptedStage({ pageSize: 2, terminationWait: 0 })
    for (const version of ['v1', 'v2', 'v3', 'v2'])
      await stage.deploy(version, { message: `subject of ${version}` })
    await stage.rollback('previous')
    await deployForeign(stage)
    run = await stage.history()
    rows = rowsOf(run)
  })
  afterAll(() => stage.close())

  test('lists every deployment, newest first, and two deployments of one commit as two rows', () => {
    expect(run.code).toBe(0)
    const commits = ['v3', 'v2', 'v3', 'v2', 'v1'].map(commitOf)
    expect(rows.map(({ commit }) => commit)).toEqual([null, null, ...commits])
    expect(new Set(rows.map((row) => row['deployment-id'])).size).toBe(7)
    const times = rows.map((row) => String(row['started-at']))
    expect([...times].sort().reverse()).toEqual(times)
    for (const row of rows)
      expect(Date.parse(String(row['completed-at'])) - Date.parse(String(row['started-at']))).toBe(
        row['duration-ms']
      )
  })

  test('marks what is live, what was rolled back, and what a rollback can go back to', () => {
    expect(rows.filter(({ live }) => live === true)).toHaveLength(1)
    const [back, undone] = [rows[2] ?? {}, rows[3] ?? {}]
    expect(back['rollback-of']).toBe(undone['deployment-id'])
    expect(undone['rolled-back-by']).toBe(back['deployment-id'])
    expect(
      rows.slice(2).every(({ available, addressable }) => available === true && addressable === true)
    ).toBe(true)
  })

  test('shows deployments by other tools as not addressable by commit', () => {
    expect(rows.slice(0, 2).map(({ addressable }) => addressable)).toEqual([false, false])
    expect(
      rows
        .slice(0, 2)
        .map(({ revision }) => String(revision))
        .sort()
    ).toEqual([expect.stringContaining('example-org/other'), 's3://example-revisions/by-hand/app.zip'])
  })

  test('is a table in the log and in the summary, with at most `limit` rows', async () => {
    const log = readable(run)
    expect(log).toMatch(/commit +status +started +completed +duration +to traffic +deployment/)
    expect(log.match(/ · octocat$/gm)).toHaveLength(5)
    expect(log).toContain('rollback of d-')
    expect(log).toContain('rolled back by d-')
    expect(run.summary.match(/^\| /gm)).toHaveLength(7 + 2)
    expect(run.summary).toContain('subject of v1')
    expect(rowsOf(await stage.history({ inputs: { limit: '3' } }))).toEqual(rows.slice(0, 3))
  })
})

/** Deploys to the same group as other tools do: a bundle under a different key, and a revision from GitHub. */
const deployForeign = async ({ cloud }: Stage): Promise<void> => {
  const { codedeploy, s3 } = clientsOf(cloud)
  const [Bucket, Key] = [cloud.env['S3_BUCKET'] ?? '', 'by-hand/app.zip']
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'PK' }))
  const place = {
    applicationName: cloud.env['APPLICATION_NAME'],
    deploymentGroupName: cloud.env['DEPLOYMENT_GROUP_NAME']
  }
  const revisions = [
    { revisionType: 'S3', s3Location: { bucket: Bucket, key: Key, bundleType: 'zip' } },
    {
      revisionType: 'GitHub',
      gitHubLocation: { repository: 'example-org/other', commitId: commitOf('other') }
    }
  ] as const
  for (const revision of revisions) {
    const { deploymentId } = await codedeploy.send(new CreateDeploymentCommand({ ...place, revision }))
    await over(cloud, deploymentId ?? '')
  }
}

const over = async ({ planes, clock }: Stage['cloud'], id: string): Promise<void> => {
  const isOver = (): boolean =>
    /Succeeded|Failed|Stopped/.test(planes.inspect.deployments().find((one) => one.id === id)?.status ?? '')
  while (!isOver()) await clock.sleep(5_000)
}
