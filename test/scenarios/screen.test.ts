import { CreateDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { ActionRun } from '../action/run.js'
import { defaultSwitches } from '../cloud/contract.js'
import { clientsOf } from '../cloud/wire/clients.js'
import { commitOf } from './app.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

type Row = Record<string, unknown>
const rowsOf = (run: ActionRun): Row[] => JSON.parse(run.outputs['history'] ?? 'null') as Row[]

/** A time of the JSON as the clocks of a zone show it, read in another way than the action does. */
const shown = (iso: unknown, timeZone: string): string =>
  new Date(String(iso)).toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })

const REF = 'example-org/example-app/.github/workflows/rollback.yml@refs/heads/main'
const PAGE = 'https://github.com/example-org/example-app/actions/workflows/rollback.yml'

describe('the screen of a group with a past', () => {
  let stage: Stage
  let list: ActionRun
  let rows: Row[]
  beforeAll(async () => {
    stage = await openScriptedStage({ terminationWait: 0 })
    for (const version of ['v1', 'v2', 'v1']) await stage.deploy(version, { message: `축제 ${version}` })
    list = await stage.rollback('', {
      inputs: { 'time-zone': 'Asia/Seoul' },
      env: { GITHUB_WORKFLOW_REF: REF }
    })
    rows = rowsOf(list)
  })
  afterAll(() => stage.close())

  test('has id, revision, started, duration and completed of each deployment, in the zone of the input', () => {
    expect(list.code).toBe(0)
    const log = readable(list).replace(/ +/g, ' ')
    expect(rows).toHaveLength(3)
    for (const row of rows) {
      const [day = '', clock = ''] = shown(row['started-at'], 'Asia/Seoul').split(' ')
      const completed = shown(row['completed-at'], 'Asia/Seoul')
        .replace(`${day} `, '')
        .replace(/^\d{4}-/, '')
      expect(log).toContain(
        `${String(row['commit']).slice(0, 8)} Succeeded ${day} ${clock} just now ${completed} `
      )
      expect(log).toMatch(new RegExp(` ${String(row['deployment-id'])}$`, 'm'))
    }
    expect(log.match(/ 축제 v1 · octocat$/gm)).toHaveLength(2)
    for (const line of readable(list)
      .split('\n')
      .filter((text) => / · octocat$|^ {3}commit/.test(text)))
      expect(line.length).toBeLessThanOrEqual(120)
  })

  test('names the zone once on each page, and leaves JSON in UTC', () => {
    expect(readable(list).match(/Asia\/Seoul/g)).toHaveLength(1)
    expect(readable(list)).toContain('All times are in Asia/Seoul (now UTC+9).')
    expect(list.summary.match(/Asia\/Seoul/g)).toHaveLength(1)
    for (const row of rows)
      for (const name of ['started-at', 'completed-at'])
        expect(row[name]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test('has the line that goes back to what is not live, and links the page of the workflow', () => {
    const line = 'gh workflow run rollback.yml --repo example-org/example-app -f commit='
    expect(readable(list)).toContain(`    ${line}COMMIT\n    ${PAGE}\n`)
    expect(list.summary).toContain(`\`\`\`sh\n${line}${commitOf('v2')}\n\`\`\``)
    expect(list.summary.match(/gh workflow run/g)).toHaveLength(1)
    expect(list.summary).toContain(`[Start <code>rollback.yml</code>](${PAGE})`)
    expect(rows.map((row) => row['roll-back-with'])).toEqual([null, commitOf('v2'), null])
  })

  test('links the run of each deployment', () => {
    expect(rows.map((row) => row['run-id'])).toEqual(['7000000003', '7000000002', '7000000001'])
    expect(list.summary).toContain(
      'just now by octocat · [run](https://github.com/example-org/example-app/actions/runs/7000000003)'
    )
  })

  test('of a `history` names only the workflow that its input names', async () => {
    const env = { GITHUB_WORKFLOW_REF: REF.replace('rollback.yml', 'deploy.yml') }
    const plain = await stage.history({ env })
    expect(readable(plain)).not.toContain('gh workflow run')
    expect(plain.summary).not.toContain('deploy.yml')
    expect(readable(plain)).toContain('All times are UTC.')
    const named = await stage.history({ env, inputs: { 'rollback-workflow': 'roll back.yml' } })
    expect(readable(named)).toContain("gh workflow run 'roll back.yml' --repo")
    expect(named.summary).toContain('/actions/workflows/roll%20back.yml)')
  })

  test('and an error lists what there is in the same zone', async () => {
    const run = await stage.rollback('fffffff', { inputs: { 'time-zone': 'Pacific/Chatham' } })
    expect(run.code).toBe(1)
    const [newest = {}] = rows
    expect(run.summary).toContain('Available, newest first (times in Pacific/Chatham):')
    expect(run.summary).toContain(
      `${String(newest['deployment-id'])}  ${shown(newest['started-at'], 'Pacific/Chatham')}  live`
    )
  })
})

describe('one run', () => {
  let stage: Stage
  afterEach(() => stage.close())

  test('a deploy shows events, waits and who holds the group in its zone', async () => {
    stage = await openScriptedStage({ terminationWait: 600 })
    const zone = { 'time-zone': 'America/St_Johns' }
    expect((await stage.deploy('v1', { inputs: zone })).code).toBe(0)
    const run = await stage.deploy('v2', { inputs: { ...zone, 'end-termination-wait': 'true' } })
    expect(run.code).toBe(0)
    const [newest, holder] = rowsOf(await stage.history())
    const log = readable(run)
    expect(log).toContain(
      `has held ExampleApp/ExampleGroup since ${shown(holder?.['started-at'], 'America/St_Johns').slice(11)} (`
    )
    const hours = new Set(
      [newest?.['started-at'], Date.now() + 3_600_000].map((time) =>
        shown(new Date(time as string), 'America/St_Johns').slice(11, 13)
      )
    )
    const events = [...log.matchAll(/^(\d\d):\d\d:\d\d {2}(?:green|blue)/gm)].map(([, hour = '']) => hour)
    expect(events.length).toBeGreaterThan(10)
    expect(log.match(/America\/St_Johns/g)).toHaveLength(1)
    expect(run.summary.match(/America\/St&#95;Johns/g)).toHaveLength(1)
    expect(hours.has(events[0] ?? '')).toBe(true)
  })

  test('a wrong zone is refused with the nearest names, and with every other mistake, before anything is called', async () => {
    stage = await openScriptedStage()
    const run = await stage.history({
      inputs: { 'time-zone': 'Asia/Soul', limit: '0', 'rollback-workflow': 'a/b.yml' }
    })
    expect(run.code).toBe(1)
    const log = readable(run)
    expect(log).toContain('3 inputs need fixing')
    expect(log).toContain(
      'Input `time-zone`, got "Asia/Soul": expected the IANA name of a time zone; the nearest is `Asia/Seoul`.'
    )
    for (const name of ['limit', 'rollback-workflow']) expect(log).toContain(`Input \`${name}\``)
    expect(stage.cloud.requests).toEqual([])
  })

  test.each(['absent', 'restarted'] as const)(
    'a deployment that only restarts is a row like any other, its revision %s',
    async (restartRevision) => {
      stage = await openScriptedStage({
        inPlace: true,
        switches: { ...defaultSwitches, restartRevision }
      })
      await stage.deploy('v1', { message: 'the only version' })
      const { env, planes, clock } = stage.cloud
      const { deploymentId = '' } = await clientsOf(stage.cloud).codedeploy.send(
        new CreateDeploymentCommand({
          applicationName: env['APPLICATION_NAME'],
          deploymentGroupName: env['DEPLOYMENT_GROUP_NAME'],
          deploymentMode: 'RESTART'
        })
      )
      while (planes.inspect.deployments().find(({ id }) => id === deploymentId)?.status !== 'Succeeded')
        await clock.sleep(5_000)
      const run = await stage.history()
      expect(rowsOf(run)[0]).toMatchObject({
        'deployment-id': deploymentId,
        commit: commitOf('v1'),
        subject: 'the only version',
        restart: true,
        available: true,
        'run-id': null
      })
      expect(rowsOf(run).filter(({ live }) => live === true)).toHaveLength(1)
      expect(readable(run)).toMatch(/ live · restart · the only version$/m)
      expect(readable(run)).toContain(`Live now: ${commitOf('v1').slice(0, 8)}`)
    }
  )
})
