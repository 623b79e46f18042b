import { short } from '../domain/commit.js'
import type { Identity } from '../domain/identity.js'
import { explained } from '../domain/refusal.js'
import type { RunningPreview } from '../inputs/types.js'
import type { World } from '../ports.js'
import { failureBlocks } from '../report/failure.js'
import { closing } from '../report/outcome.js'
import type { PreviewState } from '../report/preview.js'
import type { Bundled } from './bundling.js'
import { deployBundle } from './deploy.js'
import type { PullRequestPage } from './pull-request.js'

/** Deploys the tree to the group that is kept for previews, and keeps the pull request informed. Returns the exit code. */
export const runningPreview = async (
  bundled: Bundled,
  { inputs, url }: RunningPreview,
  { page, identity, world }: { page: PullRequestPage; identity: Identity; world: World }
): Promise<number> => {
  const newer = await page.newerHead()
  if (newer !== undefined) {
    world.runner.info(
      `The pull request has newer commits (${short(newer)}), so this run deploys no preview; the run of those commits does.`
    )
    return 0
  }
  await page.show({ kind: 'queued' })
  let deployment: string | undefined
  try {
    const { code, story } = await deployBundle(bundled, inputs, world, {
      identity,
      started: async ({ id }) => {
        deployment = id
        await page.show({ kind: 'running', deployment: id })
      }
    })
    const { id } = story.ending.deployment
    await page.show(
      code === 0
        ? { kind: 'serving', deployment: id, url }
        : { kind: 'failed', deployment: id, headline: closing(story).headline, blocks: failureBlocks(story) }
    )
    return code
  } catch (error) {
    await page.show(failed(explained(error), deployment))
    throw error
  }
}

const failed = (error: unknown, deployment: string | undefined): PreviewState => ({
  kind: 'failed',
  deployment,
  headline: error instanceof Error ? error.message : String(error),
  blocks: []
})
