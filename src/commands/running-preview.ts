import { short } from '../domain/commit.js'
import type { DeploymentGroup } from '../domain/group.js'
import type { Identity } from '../domain/identity.js'
import { explained } from '../domain/refusal.js'
import type { EnvironmentInputs, RunningPreview } from '../inputs/types.js'
import type { World } from '../ports.js'
import { failureBlocks } from '../report/failure.js'
import { closing } from '../report/outcome.js'
import { type PreviewState, statusDescription } from '../report/preview.js'
import type { Story } from '../report/story.js'
import type { Bundled } from './bundling.js'
import { deployBundle } from './deploy.js'
import { formerPreview } from './former-preview.js'
import { endEnvironment, type Entered, prepareEnvironment } from './preview-environment.js'
import { endShownPreview } from './preview-end.js'
import type { PullRequestPage } from './pull-request.js'

/** A bundle that the agent would refuse is not deployed. The pull request says so, and what still runs instead. */
export const refusedPreview = async (
  mistakes: number,
  running: RunningPreview,
  { page, identity, world }: { page: PullRequestPage; identity: Identity; world: World }
): Promise<void> => {
  const former = await formerPreview(page, running, { identity, world })
  const state = { kind: 'refused', mistakes, former } as const
  const place = { ...running.inputs, isOwn: running.environment !== undefined }
  world.runner.info(`${statusDescription(state, place)}.`)
  await page.show(state)
}

/** What a running preview works with. */
export interface PreviewContext {
  page: PullRequestPage
  identity: Identity
  /** The group that a merge is deployed to. */
  production: DeploymentGroup
  world: World
}

/**
 * Deploys the tree to the group for previews, which is made first if it is this pull request's own, and keeps the pull request informed. Returns the exit
 * code.
 */
export const runningPreview = async (
  bundled: Bundled,
  running: RunningPreview,
  { page, identity, production, world }: PreviewContext
): Promise<number> => {
  const { inputs, environment } = running
  const former = () => formerPreview(page, running, { identity, world })
  const newer = await page.newerHead()
  if (newer !== undefined) {
    world.runner.info(
      `The pull request has newer commits (${short(newer)}), so this run deploys no preview; the run of those commits does.`
    )
    return 0
  }
  await page.show({ kind: 'queued' })
  const entered = { identity, region: inputs.identity.region, world }
  let deployment: string | undefined
  try {
    const ready = environment && (await prepareEnvironment(environment, production, entered))
    const { code, story } = await deployBundle(bundled, inputs, world, {
      identity,
      started: async ({ id }) => {
        deployment = id
        await page.show({ kind: 'running', deployment: id })
      },
      again: ready?.again
    })
    if (environment !== undefined && (await page.isClosed())) {
      await endClosed(environment, page, entered)
      return code
    }
    const { id } = story.ending.deployment
    if (code === 0) {
      const opened = ready === undefined ? { url: running.url } : await ready.opened()
      await page.show({ kind: 'serving', deployment: id, ...opened })
    } else await page.show({ ...failedAs(story), former: await former() })
    return code
  } catch (error) {
    await page.show({ ...failed(explained(error), deployment), former: await former() })
    throw error
  }
}

/** A pull request that was closed while its preview was made: the run of its end may have been too early to find everything. */
const endClosed = async (
  environment: EnvironmentInputs,
  { head }: PullRequestPage,
  entered: Entered
): Promise<void> => {
  const { world } = entered
  const { number } = environment
  world.runner.info('The pull request was closed meanwhile, so its preview is taken down again.')
  await endEnvironment(number, environment, entered)
  const github = await world.github()
  if (github !== undefined)
    await endShownPreview({ number, head }, { over: { kind: 'closed' }, github, world, own: true })
}

const failedAs = (story: Story): PreviewState & { kind: 'failed' } => ({
  ...{ kind: 'failed', deployment: story.ending.deployment.id },
  ...{ headline: closing(story).headline, blocks: failureBlocks(story) }
})

const failed = (error: unknown, deployment: string | undefined): PreviewState & { kind: 'failed' } => ({
  kind: 'failed',
  deployment,
  headline: error instanceof Error ? error.message : String(error),
  blocks: []
})
