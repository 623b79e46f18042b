import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesOf } from '../cloud/github/repository.js'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { knownCommit, seedPreviewGroup } from '../scenarios/pulls.js'
import { openScriptedStage, type Stage } from '../scenarios/stage.js'
import { failureOf, findAct, placeIn, runWorkflow, type Place, type Result } from './act/act.js'
import { callerRepository, type Caller } from './act/caller.js'
import { isBuilt, ownRepository } from './act/own.js'
import { ROOT } from './files.js'

const act = findAct()
const isPossible = act !== undefined && isBuilt()
const story = isPossible ? describe : describe.skip
const where = isPossible ? '' : ' (skipped: no act, or no dist)'

const PREVIEWS = {
  CODEDEPLOY_PREVIEW_GROUP: PLACE.previewGroup,
  CODEDEPLOY_PREVIEW_URL: 'https://preview.example.com'
}
const NUMBER = 12
const REPOSITORY = 'example-org/example-app'

story(`the workflows for pull requests, run by act on the local cloud${where}`, () => {
  let stage: Stage
  let caller: Caller
  let place: Place
  let runs = 0
  let head = ''
  beforeAll(async () => {
    stage = await openScriptedStage({ terminationWait: 0 })
    knownCommit(stage, 'v1')
    expect((await stage.deploy('v1')).code).toBe(0)
    await seedPreviewGroup(stage)
    stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json', 'optional-running-preview.json')
    caller = callerRepository(join(stage.scratch, 'caller'), join(ROOT, 'examples/app'), REPOSITORY)
    ownRepository(join(stage.scratch, 'own'))
    const { env } = stage.cloud
    place = {
      ...placeIn(stage.scratch, act ?? '', { cloud: env, variables: PREVIEWS }),
      ...{ github: { GITHUB_API_URL: env['GITHUB_API_URL'] ?? '' }, token: 'ghs_token' }
    }
  })
  afterAll(() => stage.close())

  /** A commit of the branch, which is also the test merge: the caller's repository has no other. */
  const push = (version: string): void => {
    const { repository } = stage.cloud
    writeFileSync(join(caller.folder, 'VERSION'), `${version}\n`)
    head = caller.commit(`Serve ${version}`)
    repository.commits.push({
      ...{ sha: head, message: `Serve ${version}`, author: 'lee', date: '2026-11-21T10:00:00Z' },
      parents: [repository.branches.get('main') ?? ''],
      files: filesOf({ 'server.js': version })
    })
    const pull = repository.pulls.find(({ number }) => number === NUMBER)
    if (pull === undefined)
      repository.pulls.push({ number: NUMBER, state: 'open', head, headRepository: REPOSITORY })
    else pull.head = head
  }

  const on = async (action: string): Promise<Result> => {
    const pull = stage.cloud.repository.pulls.find(({ number }) => number === NUMBER)
    if (pull !== undefined) pull.state = action === 'closed' ? 'closed' : 'open'
    const eventPath = join(stage.scratch, 'event.json')
    const content = { head: { sha: head, repo: { full_name: REPOSITORY } }, base: { ref: 'main' } }
    writeFileSync(
      eventPath,
      JSON.stringify({ action, number: NUMBER, pull_request: { number: NUMBER, merged: false, ...content } })
    )
    return runWorkflow(place, {
      event: 'pull_request',
      workflow: '.github/workflows/preview.yml',
      number: ++runs,
      eventPath
    })
  }

  const comments = (): string[] => stage.cloud.repository.comments.map(({ body }) => body)
  const states = (): (string | undefined)[] =>
    stage.cloud.repository.deployments.map(({ statuses }) => statuses.at(-1)?.state)

  test('opened, a pull request gets its plan and runs', async () => {
    push('v2')
    expect(failureOf(await on('opened'))).toBe('')
    expect(comments()).toHaveLength(1)
    expect(comments()[0]).toContain(head.slice(0, 8))
    expect(comments()[0]).toContain('https://preview.example.com')
    expect(states()).toEqual(['success'])
  })

  test('its next commit takes the place of the first, in the same comment', async () => {
    const before = head
    push('v3')
    expect(failureOf(await on('synchronize'))).toBe('')
    expect(comments()).toHaveLength(1)
    expect(comments()[0]).toContain(head.slice(0, 8))
    expect(comments()[0]).not.toContain(before.slice(0, 8))
    expect(states()).toEqual(['inactive', 'success'])
  })

  test('closed, it runs nowhere, and nothing is checked out', async () => {
    const result = await on('closed')
    expect(failureOf(result)).toBe('')
    expect(result.log).not.toContain('checked out')
    expect(comments()).toHaveLength(1)
    expect(states()).toEqual(['inactive', 'inactive'])
  })

  test('reopened, it runs again', async () => {
    expect(failureOf(await on('reopened'))).toBe('')
    expect(comments()).toHaveLength(1)
    expect(states().at(-1)).toBe('success')
  })

  test('what was closed without a run is ended by the cleanup of the night', async () => {
    for (const pull of stage.cloud.repository.pulls) pull.state = 'closed'
    const result = await runWorkflow(place, {
      event: 'schedule',
      workflow: '.github/workflows/preview-cleanup.yml',
      number: ++runs
    })
    expect(failureOf(result)).toBe('')
    expect(new Set(states())).toEqual(new Set(['inactive']))
  })
})
