import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { request } from 'node:http'
import type { ActionRun } from '../action/run.js'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import { previewParts } from './preview-parts.js'
import { knownCommit, openPull } from './pulls.js'
import { openStage, readable, type Stage } from './stage.js'

const PULL_ROLE = policyOf(PLACE, 'preview-policy.json', 'optional-preview-environments.json')
const CLEANUP_ROLE = policyOf(PLACE, 'preview-cleanup-policy.json')

/** What a workflow says of previews at addresses of their own. */
const inputsOf = ({ cloud: { env } }: Stage): Record<string, string> => ({
  'preview-host': 'pr-{number}.preview.example.com',
  'preview-listener-arn': env['PREVIEW_LISTENER_ARN'] ?? '',
  'preview-launch-template': env['PREVIEW_LAUNCH_TEMPLATE'] ?? '',
  'preview-service-role-arn': env['PREVIEW_SERVICE_ROLE_ARN'] ?? ''
})

/** What the listener answers for a host: the version of the application, or the status. */
const asked = ({ cloud: { env } }: Stage, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asking = request(env['PREVIEW_URL'] ?? '', { headers: { host }, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => (text += piece))
      answer.on('end', () => {
        const isFine = answer.statusCode === 200
        resolve(isFine ? (JSON.parse(text) as { version: string }).version : `HTTP ${answer.statusCode ?? 0}`)
      })
    })
    asking.on('error', reject)
    asking.end()
  })

const cleanUp = (stage: Stage, inputs: Record<string, string> = {}): Promise<ActionRun> => {
  stage.cloud.role.policy = CLEANUP_ROLE
  return stage.run({
    inputs: {
      ...{ command: 'cleanup', what: 'previews', 'github-token': 'ghs_token', 'poll-seconds': '' },
      ...{ 'deployment-group-name': '', 's3-bucket': '' },
      'preview-listener-arn': stage.cloud.env['PREVIEW_LISTENER_ARN'] ?? '',
      ...inputs
    },
    env: { GITHUB_EVENT_NAME: 'schedule' }
  })
}

let stage: Stage
afterEach(() => stage.close())

describe('with servers that really run', () => {
  beforeEach(async () => {
    stage = await openStage({ previews: true })
    knownCommit(stage, 'v1')
    expect((await stage.deploy('v1')).code).toBe(0)
    stage.cloud.role.policy = PULL_ROLE
  })

  test('a pull request answers at its own address from the first push to its end, and production never notices', async () => {
    const pull = openPull(stage, 7)
    const host = 'pr-7.preview.example.com'
    expect(await asked(stage, host)).toBe('HTTP 404')
    await pull.push('v2')
    const first = await pull.on('opened', { inputs: inputsOf(stage) })
    expect(first.code === 0 ? '' : readable(first)).toBe('')
    expect([await asked(stage, host), await stage.serving()]).toEqual(['v2', 'v1'])
    await pull.push('v3')
    const second = await pull.on('synchronize', { inputs: inputsOf(stage) })
    expect(second.code === 0 ? '' : readable(second)).toBe('')
    expect(readable(second)).not.toMatch(/Created the (target group|listener|Auto Scaling|deployment group)/)
    expect([await asked(stage, host), await stage.serving()]).toEqual(['v3', 'v1'])
    const end = await pull.on('closed', { inputs: inputsOf(stage) })
    expect(end.code === 0 ? '' : readable(end)).toBe('')
    expect([await asked(stage, host), await stage.serving(), await previewParts(stage.cloud)]).toEqual([
      'HTTP 404',
      'v1',
      []
    ])
  })
})
