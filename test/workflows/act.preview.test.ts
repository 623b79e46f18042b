import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { previewParts } from '../scenarios/preview-parts.js'
import { knownCommit, seedPreviewGroup } from '../scenarios/pulls.js'
import { openScriptedStage, type Stage } from '../scenarios/stage.js'
import { failureOf, findAct, type Result, runWorkflow } from './act/act.js'
import { isBuilt } from './act/own.js'
import { type CallerPull, openCallerPull } from './act/pull.js'

const act = findAct()
const isPossible = act !== undefined && isBuilt()
const story = isPossible ? describe : describe.skip
const where = isPossible ? '' : ' (skipped: no act, or no dist)'

const live = async (options: { previews?: boolean } = {}): Promise<Stage> => {
  const stage = await openScriptedStage({ terminationWait: 0, ...options })
  knownCommit(stage, 'v1')
  expect((await stage.deploy('v1')).code).toBe(0)
  return stage
}

let runs = 100
/** The cleanup of the night, which only lists; `isSure` for one that a person starts. */
const cleanUp = ({ place }: CallerPull, isSure: boolean): Promise<Result> =>
  runWorkflow(place, {
    event: isSure ? 'workflow_dispatch' : 'schedule',
    workflow: '.github/workflows/preview-cleanup.yml',
    number: ++runs,
    ...(isSure ? { inputs: { delete: 'true' } } : {})
  })

story(`the workflows for pull requests that take turns, run by act on the local cloud${where}`, () => {
  let stage: Stage
  let pull: CallerPull
  beforeAll(async () => {
    stage = await live()
    await seedPreviewGroup(stage)
    stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json', 'optional-running-preview.json')
    pull = openCallerPull(stage, act ?? '', {
      CODEDEPLOY_PREVIEW_GROUP: PLACE.previewGroup,
      CODEDEPLOY_PREVIEW_URL: 'https://preview.example.com'
    })
  })
  afterAll(() => stage.close())

  test('opened, a pull request gets its plan and runs', async () => {
    pull.push('v2')
    expect(failureOf(await pull.on('opened'))).toBe('')
    expect(pull.comments()).toHaveLength(1)
    expect(pull.comments()[0]).toContain(pull.head().slice(0, 8))
    expect(pull.comments()[0]).toContain('https://preview.example.com')
    expect(pull.states()).toEqual(['success'])
  })

  test('its next commit takes the place of the first, in the same comment', async () => {
    const before = pull.head()
    pull.push('v3')
    expect(failureOf(await pull.on('synchronize'))).toBe('')
    expect(pull.comments()).toHaveLength(1)
    expect(pull.comments()[0]).toContain(pull.head().slice(0, 8))
    expect(pull.comments()[0]).not.toContain(before.slice(0, 8))
    expect(pull.states()).toEqual(['inactive', 'success'])
  })

  test('closed, it runs nowhere, and nothing is checked out', async () => {
    const result = await pull.on('closed')
    expect(failureOf(result)).toBe('')
    expect(result.log).not.toContain('checked out')
    expect(pull.comments()).toHaveLength(1)
    expect(pull.states()).toEqual(['inactive', 'inactive'])
  })

  test('reopened, it runs again', async () => {
    expect(failureOf(await pull.on('reopened'))).toBe('')
    expect(pull.comments()).toHaveLength(1)
    expect(pull.states().at(-1)).toBe('success')
  })

  test('what was closed without a run is listed in the night, and ended when somebody says so', async () => {
    for (const one of stage.cloud.repository.pulls) one.state = 'closed'
    expect(failureOf(await cleanUp(pull, false))).toBe('')
    expect(pull.states()).toContain('success')
    expect(failureOf(await cleanUp(pull, true))).toBe('')
    expect(new Set(pull.states())).toEqual(new Set(['inactive']))
  })
})

story(
  `the workflows for pull requests with addresses of their own, run by act on the local cloud${where}`,
  () => {
    let stage: Stage
    let pull: CallerPull
    const pullRole = policyOf(PLACE, 'preview-policy.json', 'optional-preview-environments.json')
    beforeAll(async () => {
      stage = await live({ previews: true })
      stage.cloud.role.policy = pullRole
      const value = (name: string): string => stage.cloud.env[name] ?? ''
      pull = openCallerPull(stage, act ?? '', {
        CODEDEPLOY_PREVIEW_HOST: 'pr-{number}.preview.example.com',
        CODEDEPLOY_PREVIEW_LISTENER: value('PREVIEW_LISTENER_ARN'),
        CODEDEPLOY_PREVIEW_TEMPLATE: value('PREVIEW_LAUNCH_TEMPLATE'),
        CODEDEPLOY_PREVIEW_SERVICE_ROLE: value('PREVIEW_SERVICE_ROLE_ARN')
      })
    })
    afterAll(() => stage.close())

    test('opened, changed and closed, a pull request has an environment and leaves none', async () => {
      pull.push('v2')
      expect(failureOf(await pull.on('opened'))).toBe('')
      expect(await previewParts(stage.cloud)).toHaveLength(4)
      const first = await previewParts(stage.cloud)
      pull.push('v3')
      expect(failureOf(await pull.on('synchronize'))).toBe('')
      expect([await previewParts(stage.cloud), pull.states()]).toEqual([first, ['inactive', 'success']])
      expect(failureOf(await pull.on('closed'))).toBe('')
      expect([await previewParts(stage.cloud), pull.states()]).toEqual([[], ['inactive', 'inactive']])
      expect(pull.comments()).toHaveLength(1)
    })

    test('closed without a run, it is listed in the night, and taken down when somebody says so', async () => {
      expect(failureOf(await pull.on('reopened'))).toBe('')
      for (const one of stage.cloud.repository.pulls) one.state = 'closed'
      stage.cloud.role.policy = policyOf(PLACE, 'preview-cleanup-policy.json')
      const listed = await cleanUp(pull, false)
      expect(failureOf(listed)).toBe('')
      expect(listed.log).toContain('over: The pull request was closed.')
      expect(await previewParts(stage.cloud)).toHaveLength(4)
      expect(failureOf(await cleanUp(pull, true))).toBe('')
      expect(await previewParts(stage.cloud)).toEqual([])
    })
  }
)
