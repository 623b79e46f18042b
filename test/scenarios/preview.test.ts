import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { commitOf } from './app.js'
import { knownCommit, openPull, seedPreviewGroup } from './pulls.js'
import { openScriptedStage, readable, type Stage } from './stage.js'

const CLEANUP = {
  ...{ command: 'cleanup', what: 'previews', 'dry-run': 'false' },
  'github-token': 'ghs_token',
  ...Object.fromEntries(
    [
      'aws-region',
      'role-to-assume',
      'application-name',
      'deployment-group-name',
      's3-bucket',
      'poll-seconds'
    ].map((name) => [name, ''])
  )
}

let stage: Stage
beforeEach(async () => {
  stage = await openScriptedStage({ terminationWait: 0 })
  knownCommit(stage, 'v1')
  expect((await stage.deploy('v1', { inputs: { 'wait-for': 'complete' } })).code).toBe(0)
})
afterEach(() => stage.close())

const made = (): number => stage.cloud.planes.inspect.deployments().length
const keys = (): string[] => [...(stage.cloud.store.buckets.get(PLACE.bucket)?.objects.keys() ?? [])].sort()

describe('the plan of a pull request', () => {
  beforeEach(() => {
    stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json')
  })

  test('says in log, summary and comment what a merge deploys, and changes nothing', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2', { 'new file.txt': 'x', VERSION: 'v2\n' }, '축제 둘째 날 표를 판다')
    const before = keys()
    const run = await pull.on('opened')
    const log = readable(run)
    expect(run.code === 0 ? '' : log).toBe('')
    const head = pull.head().slice(0, 8)
    for (const part of [
      `Plan for ExampleApp/ExampleGroup: head ${head} merged into main`,
      `Live now: ${commitOf('v1').slice(0, 8)} (d-`,
      'On the servers: 1 added, 1 changed, 0 removed',
      'Commits: 1 more than what is live',
      'Comment: https://github.com/example-org/example-app/pull/12#issuecomment-'
    ])
      expect(log).toContain(part)
    expect(log).not.toContain('::warning::')
    const [comment, ...others] = pull.comments()
    expect(others).toEqual([])
    for (const part of [
      '### ✅ What merging this deploys to `ExampleApp/ExampleGroup`',
      `Checked: \`head ${head} merged into main\``,
      '- `+ new file.txt`',
      '- `~ VERSION`',
      '`축제 둘째 날 표를 판다` `lee`',
      'nothing keeps a deploy from starting',
      '(like the last deployment)'
    ]) {
      expect(comment).toContain(part)
      expect(run.summary).toContain(part)
    }
    expect([made(), keys()]).toEqual([1, before])
  })

  test('is updated by each push, and not by an older run', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    expect((await pull.on('opened', { env: { GITHUB_RUN_ID: '100' } })).code).toBe(0)
    await pull.push('v3')
    expect((await pull.on('synchronize', { env: { GITHUB_RUN_ID: '101' } })).code).toBe(0)
    expect(pull.comments()).toHaveLength(1)
    expect(pull.comments()[0]).toContain('#### 2 commits since')
    const again = await pull.on('opened', { env: { GITHUB_RUN_ID: '100', GITHUB_RUN_ATTEMPT: '2' } })
    expect(readable(again)).toContain('is by a newer run, and stays as it is.')
  })

  test('shows a bundle that the agent would refuse, and fails', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2', { 'appspec.yml': 'version: 0.0\nos: windows\n' })
    const run = await pull.on('opened')
    expect(run.code).toBe(1)
    expect(pull.comments()[0]).toContain('### ❌ The agent would refuse this bundle')
    expect(pull.comments()[0]).toMatch(/- ❌ `appspec\.yml:2`/)
  })

  test('without the right to comment, the plan is in the summary, and the log says so once', async () => {
    stage.cloud.repository.token.permissions['pull-requests'] = 'read'
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    const run = await pull.on('opened')
    expect(run.code).toBe(0)
    expect(run.summary).toContain('What merging this deploys')
    expect(readable(run).match(/::warning::/g)).toHaveLength(1)
    expect(readable(run)).toMatch(
      /::warning::The plan is only in the summary of this job: GitHub does not allow this job to .*`pull-requests: write`/
    )
  })

  test('`comment: false` writes nothing on the pull request', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    const run = await pull.on('opened', { inputs: { comment: 'false' } })
    expect([run.code, pull.comments()]).toEqual([0, []])
    expect(run.summary).toContain('What merging this deploys')
  })

  test('a bundle without a manifest is said plainly', async () => {
    const bucket = stage.cloud.store.buckets.get(PLACE.bucket)
    for (const key of keys()) if (key.includes('/manifests/')) bucket?.objects.delete(key)
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    const run = await pull.on('opened')
    expect(run.code).toBe(0)
    expect(readable(run)).toMatch(
      /On the servers: not known: s3:\/\/.*\/manifests\/.* does not exist; bundles that an older version of this action stored have no manifest/
    )
  })

  test.each([
    ['a fork', { headRepository: 'somebody/example-app' }, {}],
    ['Dependabot', {}, { GITHUB_ACTOR: 'dependabot[bot]' }]
  ])('%s gets the local half, and a sentence that says why', async (who, event, env) => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    const before = stage.cloud.requests.length
    const run = await pull.on('opened', {
      env: { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '', ...env },
      ...event
    })
    expect(run.code).toBe(0)
    expect(readable(run)).toContain(
      `Only the bundle was checked: GitHub gives a pull request from ${who} no token for AWS`
    )
    expect(run.summary).toContain('Only the bundle was checked')
    expect(stage.cloud.requests.slice(before)).toEqual([])
  })
})

describe('a running preview', () => {
  const inputs = {
    'preview-deployment-group-name': PLACE.previewGroup,
    'preview-url': 'https://preview.example.com'
  }
  beforeEach(async () => {
    await seedPreviewGroup(stage)
    stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json', 'optional-running-preview.json')
  })

  test('is deployed to its own group, under its own prefix, and followed on the pull request', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    const before = keys()
    const run = await pull.on('opened', { inputs })
    expect(run.code === 0 ? '' : readable(run)).toBe('')
    expect(run.outputs['status']).toBe('succeeded')
    expect(readable(run)).not.toContain('::warning::')
    const stored = keys().filter((key) => !before.includes(key))
    expect(stored.filter((key) => !key.startsWith('codedeploy-previews/ExampleApp/'))).toEqual([])
    expect(stored.length).toBeGreaterThan(0)
    expect(pull.comments()).toHaveLength(1)
    expect(pull.comments()[0]).toMatch(
      /\*\*Preview\*\* \| 🟢 `\w{8}` serves: \[\*\*https:&#8203;\/\/preview\.example\.com\*\*\]\(https:\/\/preview\.example\.com\)/
    )
    const [deployment] = stage.cloud.repository.deployments
    expect(deployment).toMatchObject({
      environment: 'preview',
      sha: pull.head(),
      transient_environment: true,
      production_environment: false,
      payload: { pr: 12, group: `${PLACE.application}/${PLACE.previewGroup}` }
    })
    expect(deployment?.statuses.map(({ state }) => state)).toEqual(['queued', 'in_progress', 'success'])
    expect(deployment?.statuses.at(-1)?.environment_url).toBe('https://preview.example.com')
  })

  test('that fails shows its cause, and production is untouched', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    const run = await pull.on('opened', { inputs: { ...inputs, 'deployment-config-name': 'Missing.Config' } })
    expect(run.code).toBe(1)
    expect(pull.comments()[0]).toMatch(/\*\*Preview\*\* \| 🔴 .*Missing\.Config/)
    expect(pull.statuses()).toEqual(['failure'])
  })

  test('of a commit that is refused is not deployed; the earlier one that still serves is named', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    expect((await pull.on('opened', { inputs })).code).toBe(0)
    const [served] = stage.cloud.planes.inspect.deployments().slice(-1)
    const earlier = pull.head().slice(0, 8)
    const before = made()
    await pull.push('v3', { 'appspec.yml': 'version: 0.0\nos: windows\n' })
    const run = await pull.on('synchronize', { inputs })
    expect([run.code, made()]).toEqual([1, before])
    expect(readable(run)).not.toContain('::warning::')
    expect(readable(run)).toContain(
      `Not deployed: the bundle has 1 mistake. The earlier ${earlier} still serves.`
    )
    const [comment = '', ...others] = pull.comments()
    expect(others).toEqual([])
    expect(comment).toContain('### ❌ The agent would refuse this bundle')
    expect(comment).toContain(
      `🔴 \`${pull.head().slice(0, 8)}\` was not deployed: its bundle has 1 mistake<br>🟢 The earlier \`${earlier}\` still serves: [**https:&#8203;//preview.example.com**](https://preview.example.com) in \`ExampleApp/ExamplePreview\` ([\`${served?.id ?? ''}\`]`
    )
    expect(pull.statuses()).toEqual(['success', 'failure'])
    expect(stage.cloud.repository.deployments.at(-1)?.statuses.at(-1)?.description).toBe(
      `Not deployed: the bundle has 1 mistake. The earlier ${earlier} still serves`
    )
  })

  test('of a commit that is refused after another pull request took its turn names no earlier one', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    expect((await pull.on('opened', { inputs })).code).toBe(0)
    const other = openPull(stage, 13, { bare: true })
    await other.push('v3')
    stage.cloud.faults.add('ListGitHubDeployments:access-denied:forever:3')
    expect((await other.on('opened', { inputs })).code).toBe(0)
    stage.cloud.faults.clear()
    // That run could not say that the turn was over.
    expect([pull.statuses(), other.statuses()]).toEqual([['success'], ['success']])
    await pull.push('v4', { 'appspec.yml': 'version: 0.0\nos: windows\n' })
    expect((await pull.on('synchronize', { inputs })).code).toBe(1)
    expect(pull.comments()[0]).toContain('was not deployed: its bundle has 1 mistake |')
    expect([pull.statuses(), other.statuses()]).toEqual([['inactive', 'failure'], ['success']])
    expect(stage.cloud.repository.deployments[0]?.statuses.at(-1)?.description).toBe(
      `Another commit runs now: ${other.head().slice(0, 8)}.`
    )
  })

  test('ends with the pull request, and begins again when that is reopened', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    expect((await pull.on('opened', { inputs })).code).toBe(0)
    const other = openPull(stage, 13, { bare: true })
    await other.push('v3')
    expect((await other.on('opened', { inputs })).code).toBe(0)
    expect([pull.statuses(), other.statuses()]).toEqual([['inactive'], ['success']])
    const before = made()
    const end = await pull.on('closed', { inputs })
    expect(end.code === 0 ? '' : readable(end)).toBe('')
    expect([pull.statuses(), other.statuses()]).toEqual([['inactive'], ['success']])
    expect(pull.comments()).toEqual([
      `### Preview ended\n\nThe pull request was closed. Its last commit was \`${pull.head().slice(0, 8)}\`.\n\nWhat runs in \`ExampleApp/ExamplePreview\` is replaced by the next preview, and is no longer this pull request's.\n`
    ])
    expect(made()).toBe(before)
    expect((await pull.on('reopened', { inputs })).code).toBe(0)
    expect(pull.statuses()).toEqual(['inactive', 'success'])
    expect(pull.comments()[0]).toContain('🟢')
  })

  test('of an outdated run is not deployed', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    const known = stage.cloud.repository.pulls[0]
    const before = made()
    if (known !== undefined) known.head = commitOf('newer')
    const run = await pull.on('opened', { inputs })
    expect([run.code, made()]).toEqual([0, before])
    expect(readable(run)).toContain('so this run deploys no preview')
  })

  test('no pull request can store what production would find', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    const run = await pull.on('opened', { inputs: { ...inputs, 'preview-s3-prefix': 'codedeploy' } })
    expect(run.code).toBe(1)
    expect(readable(run)).toContain('neither may contain the other')
    const forged = await stage.deploy('v2', { inputs: { 'deployment-group-name': PLACE.previewGroup } })
    expect(forged.code).toBe(1)
    expect(readable(forged)).toMatch(/AccessDenied.* s3:(Get|Put)Object/)
    expect(keys().filter((key) => key.includes(commitOf('v2')))).toEqual([])
  })

  test('is not what a rollback of production finds', async () => {
    const pull = openPull(stage, 12, { bare: true })
    await pull.push('v2')
    expect((await pull.on('opened', { inputs })).code).toBe(0)
    stage.cloud.role.policy = policyOf(PLACE, 'action-policy.json')
    const back = await stage.rollback(pull.head())
    expect(back.code).toBe(1)
    expect(readable(back)).toContain('::error::')
  })

  describe('of a pull request that was closed without a run', () => {
    const cleanUp = () => stage.run({ inputs: CLEANUP, env: { GITHUB_EVENT_NAME: 'schedule' } })

    test('is ended by the clean-up, and those of open ones are not', async () => {
      const [left, open] = [openPull(stage, 12, { bare: true }), openPull(stage, 13, { bare: true })]
      for (const pull of [left, open]) {
        await pull.push('v2')
        expect((await pull.on('opened', { inputs })).code).toBe(0)
      }
      const known = stage.cloud.repository.pulls.find(({ number }) => number === 12)
      if (known !== undefined) known.state = 'closed'
      const calls = stage.cloud.requests.length
      const run = await cleanUp()
      expect(run.code === 0 ? '' : readable(run)).toBe('')
      expect(readable(run)).toContain(
        '2 pull requests had a preview lately; 1 of them closed, 1 of which were still shown as running and are ended now.'
      )
      expect([left.statuses(), open.statuses()]).toEqual([['inactive'], ['success']])
      expect(left.comments()[0]).toContain('### Preview ended')
      expect(open.comments()[0]).toContain('🟢')
      const services = stage.cloud.requests.slice(calls).map(({ service }) => service)
      expect([...new Set(services)]).toEqual(['github'])
    })

    test('a second clean-up changes nothing', async () => {
      const pull = openPull(stage, 12, { bare: true })
      await pull.push('v2')
      expect((await pull.on('opened', { inputs })).code).toBe(0)
      expect((await pull.on('closed', { inputs })).code).toBe(0)
      const before = structuredClone(stage.cloud.repository.deployments)
      expect((await cleanUp()).code).toBe(0)
      expect(stage.cloud.repository.deployments).toEqual(before)
    })

    test('without a token, the error says what to do', async () => {
      const run = await stage.run({ inputs: { ...CLEANUP, 'github-token': '' } })
      expect(run.code).toBe(1)
      expect(readable(run)).toContain('Leave the input `github-token` out')
    })

    test('without the right to list, it fails with the permission', async () => {
      stage.cloud.repository.token.permissions['deployments'] = undefined
      const run = await cleanUp()
      expect(run.code).toBe(1)
      expect(readable(run)).toMatch(
        /::error::GitHub does not allow this job to list .*`deployments: write`.*%0ANothing was changed on AWS\./
      )
    })
  })
})
