import { previewInputs } from '../scenarios/preview-parts.js'
import { knownCommit, openPull, type PullStage } from '../scenarios/pulls.js'
import type { ActionRun } from '../action/run.js'
import { policyOf } from '../cloud/identity/documents.js'
import { PLACE } from '../cloud/parts.js'
import type { Script } from '../cloud/scripted/script.js'
import { commitOf } from '../scenarios/app.js'
import type { Stage } from '../scenarios/stage.js'
import type { Scenario } from './scenarios.js'

// Scenarios of previews at addresses of their own.

/** How many times faster time runs: the load balancer takes minutes to find instances healthy. */
const SPEED = 60

/** More than one part, and more than S3 copies in one request; stored zeros cost little. */
const LARGE = '\0'.repeat(65 * 1024 ** 2)

const good = (run: ActionRun, ...words: string[]): void => {
  if (run.code !== 0) throw new Error(`exit code ${run.code}`)
  for (const said of words) if (!run.log.includes(said)) throw new Error(`no "${said}" in the log`)
}

/** Nothing that it may not read made the run do without a check. */
const unhindered = (run: ActionRun, ...words: string[]): void => {
  good(run, ...words)
  if (run.log.includes('was not checked')) throw new Error('something was not checked')
}

const pushed = async (stage: Stage): Promise<PullStage> => {
  const pull = openPull(stage, 12, { bare: true })
  await pull.push('v2', { zeros: LARGE })
  return pull
}

const live = async (stage: Stage): Promise<void> => {
  knownCommit(stage, 'v1')
  good(await stage.deploy('v1'))
}

/** The second commit of the pull request takes minutes to install. */
const LONG_SECOND: Script = {
  event: ({ event, revision }) => ({
    seconds: event === 'Install' && revision.key.includes(commitOf('12 v3')) ? 600 : 30
  })
}

export const PREVIEW_SCENARIOS: readonly Scenario[] = [
  {
    name: 'give a pull request an environment, deploy the same tree again and again, and take it down',
    role: 'preview-policy.json',
    optional: ['optional-preview-environments.json'],
    fast: SPEED,
    options: { previews: true, terminationWait: 0, faults: ['CompleteMultipartUpload:conflict-409'] },
    before: live,
    play: async (stage) => {
      const inputs = { ...previewInputs(stage.cloud), 'compression-level': '0' }
      const pull = await pushed(stage)
      unhindered(await pull.on('opened', { inputs }), 'is live on ExampleApp-previews/pr-12-')
      // The service knows this revision already.
      good(await pull.on('synchronize', { inputs }))
      await pull.push('v3', { zeros: LARGE, VERSION: 'v2\n' })
      good(await pull.on('synchronize', { inputs }), 'copied by S3')
      good(await pull.on('closed', { inputs }), 'Deleted the target group pr-12-')
    }
  },
  {
    name: 'take down the preview of a pull request that is closed while its deployment runs',
    role: 'preview-cleanup-policy.json',
    fast: SPEED,
    options: { previews: true, terminationWait: 0, script: LONG_SECOND },
    before: async (stage) => {
      await live(stage)
      stage.cloud.role.policy = policyOf(PLACE, 'preview-policy.json', 'optional-preview-environments.json')
      const pull = openPull(stage, 12, { bare: true })
      await pull.push('v2')
      good(await pull.on('opened', { inputs: previewInputs(stage.cloud) }))
      await pull.push('v3')
      let isCut = false
      const run = await pull.on('synchronize', {
        inputs: previewInputs(stage.cloud),
        onLog: (text, child) => {
          if (isCut || !text.includes('Started deployment')) return
          isCut = true
          child.kill('SIGKILL')
        }
      })
      if (run.code === 0) throw new Error('the deployment was over before the run was killed')
      for (const one of stage.cloud.repository.pulls) one.state = 'closed'
    },
    play: async (stage) => {
      const run = await stage.run({
        inputs: {
          ...{ command: 'cleanup', what: 'previews', 'dry-run': 'false', 'github-token': 'ghs_token' },
          ...{ 'deployment-group-name': '', 's3-bucket': '', 'poll-seconds': '' },
          'preview-listener-arn': stage.cloud.env['PREVIEW_LISTENER_ARN'] ?? ''
        },
        env: { GITHUB_EVENT_NAME: 'schedule' }
      })
      good(run, 'Stopped the deployment d-', '1 of 1 taken down.')
    }
  }
]
